"""Two versions of the kit, side by side in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.texts import _
from governance import authorship, change_words, drafts, facts
from governance.models import KitVersion
from people.models import User
from web.console import kit_changes, kit_links, words
from web.console.kit_changes import Group
from web.console.lead_list import Option

CHOICES = 60


@dataclass(frozen=True, slots=True)
class Head:
    """One of the two versions."""

    number: int
    line: str
    url: str


@dataclass(frozen=True, slots=True)
class ComparePage:
    """The page."""

    before: Head
    after: Head
    sentence: str
    groups: tuple[Group, ...]
    befores: tuple[Option, ...]
    afters: tuple[Option, ...]
    turned: str


def build(before: KitVersion, after: KitVersion, *, reader: User, now: datetime, zone: tzinfo) -> (
    ComparePage
):  # fmt: skip
    """The differences from one version to another. The number of queries is fixed."""
    texts = drafts.texts_of([before, after])
    told = change_words.between(texts[before.pk], texts[after.pk], facts.registry)
    edits = authorship.last_edits(after, texts[after.pk], kit_changes.places(told))
    choices = _choices(reader, now=now)
    return ComparePage(
        before=_head(before),
        after=_head(after),
        sentence=_sentence(before, after, len(told)),
        groups=kit_changes.groups(told, edits, now=now, zone=zone),
        befores=_chosen(choices, before),
        afters=_chosen(choices, after),
        turned=kit_links.url("kit-compare", after.number, before.number),
    )


def _head(version: KitVersion) -> Head:
    titled = f", {version.title}" if version.title else ""
    return Head(
        version.number,
        f"{version.get_status_display()}{titled}",
        kit_links.url("kit-version", version.number),
    )


def _sentence(before: KitVersion, after: KitVersion, count: int) -> str:
    if not count:
        return _("v{number} and v{number2} say the same, word for word.").format(
            number=before.number, number2=after.number
        )
    differ = "differs" if count == 1 else "differ"
    return _("{plural} {differ} from v{number} to v{number2}.").format(
        plural=words.plural(count, "part"),
        differ=differ,
        number=before.number,
        number2=after.number,
    )


def _choices(reader: User, *, now: datetime) -> list[tuple[int, str]]:
    rows = KitVersion.objects.order_by("-number")
    if not kit_links.sees_drafts(reader, now=now):
        rows = rows.filter(published_at__isnull=False)
    found = rows.only("number", "title", "status")[:CHOICES]
    return [
        (
            row.number,
            " · ".join(filter(None, (f"v{row.number}", row.get_status_display(), row.title))),
        )
        for row in found
    ]


def _chosen(choices: list[tuple[int, str]], version: KitVersion) -> tuple[Option, ...]:
    return tuple(Option(str(number), label, number == version.number) for number, label in choices)
