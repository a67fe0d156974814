"""All acts on a kit version by name, and what stands around their forms."""

from __future__ import annotations

from dataclasses import dataclass

from web.console import kit_forms, kit_links
from web.console.kit_forms import KitForm
from web.console.kit_rebase_form import Rebase

FORMS: dict[str, type[KitForm]] = {**kit_forms.FORMS, "rebase": Rebase}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The frame of one form."""

    title: str
    line: str
    url: str
    back: str
    submit: str
    danger: bool
    lines: tuple[str, ...]


def sheet(form: KitForm, name: str) -> Sheet:
    """The sheet of an act's form."""
    version = form.version
    standing = version.get_status_display()
    return Sheet(
        title=form.title.format(version.number),
        line=f"{version.title} · {standing}" if version.title else standing,
        url=kit_links.url("kit-version-act", version.number, name),
        back=kit_links.url("kit-version", version.number),
        submit=form.submit,
        danger=form.danger,
        lines=form.lines(),
    )
