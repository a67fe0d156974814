"""What was agreed in the month: the definitions in force, and versions with who signed them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from governance import change_words, facts
from governance import selectors as kits
from governance.kit import Kit
from governance.models import KitVersion, Signature
from leads import stages
from lifecycle import kit_text
from reports.declaration import Column
from reports.reviews import tables
from reports.reviews.tables import Month, Table


def definitions(month: Month) -> Table:
    """The stages of the kit that was in force at the end of the month."""
    version = in_force_at_end(month)
    rows = [] if version is None else list(_stages(kits.kit_of(version.pk)))
    return tables.table(
        (
            Column("definition", "Definition", "lines"),
            Column("criteria", "What must be shown", "lines"),
            Column("clocks", "By when", "lines"),
        ),
        rows,
        head="Stage",
        meaning=_whose(version),
    )


def versions(month: Month) -> Table:
    """Every version that was in force in the month: what it changed, who signed, when."""
    found = list(_in_force(month).select_related("base", "published_by").order_by("number"))
    signed = _signers(found)
    return tables.table(
        (
            Column("since", "In force since", "instant"),
            Column("until", "Until", "instant"),
            Column("published_by", "Published by", "text"),
            Column("signed_by", "Signed by", "lines"),
            Column("changes", "What it changed", "lines"),
            Column("checksum", "Checksum", "text"),
        ),
        [_version(one, signed[one.pk], month) for one in found],
        head="Version",
        show=("since", "published_by", "signed_by", "changes"),
        meaning="The versions of the kit in force in the month, what each changed and who signed.",
    )


def in_force_at_end(month: Month) -> KitVersion | None:
    """The version in force in the last instant of the month; None where none was."""
    return _in_force(month).order_by("-published_at", "-number").first()


def _in_force(month: Month) -> QuerySet[KitVersion]:
    return KitVersion.objects.filter(
        Q(retired_at__isnull=True) | Q(retired_at__gt=month.period.start),
        published_at__lt=month.period.end,
    )


def _whose(version: KitVersion | None) -> str:
    if version is None:
        return "No kit was in force at the end of the month."
    title = f" “{version.title}”" if version.title else ""
    return (
        f"What the words mean: kit v{version.number}{title}, in force at the end of the month. "
        f"Checksum {version.checksum}."
    )


def _stages(kit: Kit) -> Iterable[dict[str, Any]]:
    for stage in stages.Stage:
        words = kit.stages.get(stage)
        if words is None:
            continue
        promised = [one for one in kit.policies if stage in one.stages]
        yield {
            "key": stage.value,
            "label": words.label,
            "definition": words.definition,
            "criteria": "\n".join(f"{one.label}: {one.prose}" for one in kit.criteria(stage)),
            "clocks": "\n".join(
                f"{one.label}: {kit_text.duration(one.allowance)}"
                f"{' day and night' if one.elapsed else ' of working time'}"
                for one in promised
            ),
        }


def _signers(found: Iterable[KitVersion]) -> dict[int, list[str]]:
    by_kit: dict[int, list[str]] = defaultdict(list)
    texts = {one.pk: one.checksum for one in found}
    rows = Signature.objects.filter(kit__in=texts).select_related("by", "deputy_of")
    for one in rows.order_by("signed_at", "pk"):
        if one.checksum != texts[one.kit_id]:
            continue
        deputy = f", deputy of {one.deputy_of}" if one.deputy_of else ""
        by_kit[one.kit_id].append(
            f"{one.get_party_display()}: {one.by}{deputy}, {one.signed_at:%Y-%m-%d %H:%M} UTC"
        )
    return by_kit


def _version(one: KitVersion, signed: list[str], month: Month) -> dict[str, Any]:
    return {
        "key": str(one.number),
        "label": f"Kit v{one.number} {one.title}".strip(),
        "since": tables.instant(one.published_at),
        "until": tables.instant(one.retired_at),
        "published_by": str(one.published_by or "the system"),
        "signed_by": "\n".join(signed),
        "changes": "\n".join(_changes(one, month)),
        "checksum": one.checksum,
    }


def _changes(one: KitVersion, month: Month) -> list[str]:
    """In sentences, where it came into force in the month."""
    if one.published_at is None or one.published_at < month.period.start:
        return ["In force since before the month."]
    if one.base is None or one.base.document is None or one.document is None:
        return ["The first kit."]
    told = list(change_words.sentences(one.base.document, one.document, facts.registry))
    emergency = [f"Emergency: {one.emergency_reason}"] if one.emergency_reason else []
    return emergency + (told or ["Nothing: the same text."])
