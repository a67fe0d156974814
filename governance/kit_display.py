"""What a kit version's page tells: changes, signatures, faults. Shows only."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from governance import change_words, facts, services
from governance.models import KitVersion
from governance.models.part import part_models


@admin.display(description="Signed by")
def signers(version: KitVersion) -> str:
    """Everybody who signed any text of this version."""
    return ", ".join(sorted({str(one.by) for one in version.signatures.all()}))


@admin.display(description="Text")
def text(version: KitVersion) -> str:
    """The checksum that signatures pin."""
    return services.checksum(services.document_of(version))


@admin.display(description="Parts")
def parts(version: KitVersion) -> SafeString:
    """Links to the parts, by kind."""
    return format_html_join(" · ", '<a href="{}?kit={}">{}</a>', (
        (reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
         version.pk, model._meta.verbose_name_plural) for model in part_models()
    ))  # fmt: skip


@admin.display(description="Changes against the base")
def differences(version: KitVersion) -> SafeString | str:
    """One line for each part that differs."""
    if version.base is None or version.base.document is None:
        return "This is the first version."
    found = change_words.between(
        version.base.document, services.document_of(version), facts.registry
    )
    return format_html_join("", "<div>{}</div>", ((one.sentence,) for one in found)) or "None."


@admin.display(description="Signatures")
def signed(version: KitVersion) -> SafeString | str:
    """Who signed, and whether the text is still the one they signed."""
    standing = text(version)
    rows = (
        (one.by, one.get_party_display(), one.signed_at.strftime("%Y-%m-%d %H:%M UTC"),
         "valid" if one.checksum == standing else "void: the text was edited since")
        for one in version.signatures.all()
    )  # fmt: skip
    return format_html_join("", "<div>{} for {}, {}: {}</div>", rows) or "None yet."


@admin.display(description="What stands against it")
def faults(version: KitVersion) -> SafeString | str:
    """Everything `kit check` finds."""
    rows = ((one.field, f"{one.message} {one.fix}") for one in services.check(version))
    return format_html_join("", "<div><b>{}</b>: {}</div>", rows) or "Nothing."
