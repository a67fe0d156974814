"""A version in shadow beside what was really decided: how often they agree, and where not."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from core.texts import _, lazy
from governance import holding, signing
from governance.models import KitVersion
from leads import selectors, stages
from lifecycle.models import ShadowDecision
from lifecycle.shadow import RECORDED
from people.models import User
from routing.models import Pool
from web.console import kit_links, words

SHOWN = 50
LABELS = {
    "stage": lazy("Stage"),
    "pool": lazy("Pool"),
    "score": lazy("Score"),
    "clocks": lazy("Due times"),
}
STAGES = dict(stages.CHOICES)


@dataclass(frozen=True, slots=True)
class Contrast:
    """One respect in which they differ, both sides in words."""

    label: str
    real: str
    shadow: str


@dataclass(frozen=True, slots=True)
class Row:
    """One touch on which they differ; `url` is empty where the reader may not see the lead."""

    name: str
    url: str
    at: dt.datetime
    contrasts: tuple[Contrast, ...]
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """A kind of difference to look at, and how many there are."""

    key: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class ShadowPage:
    """The page. `verb` is what the reader may do now: “start”, “stop” or nothing."""

    number: int
    title: str
    since: dt.datetime | None
    verb: str
    sentence: str
    total: int
    agreeing: str
    unknown: int
    filters: tuple[Filter, ...]
    rows: tuple[Row, ...]
    more: int


def build(
    version: KitVersion, *, reader: User, kind: str, now: dt.datetime, zone: dt.tzinfo
) -> ShadowPage:
    """The comparison for the text that is, or was last, in shadow. A fixed number of queries."""
    decided = ShadowDecision.objects.filter(kit=version)
    if version.submitted_checksum:
        decided = decided.filter(checksum=version.submitted_checksum)
    counts = decided.aggregate(
        total=Count("pk"),
        unjudged=Count("pk", filter=~Q(unknown="")),
        agreeing=Count("pk", filter=Q(unknown="", differs=[])),
        **{f"in_{name}": Count("pk", filter=Q(differs__contains=[name])) for name in RECORDED},
    )
    kind = kind if kind in RECORDED else ""
    differing = decided.exclude(differs=[])
    if kind:
        differing = differing.filter(differs__contains=[kind])
    judged = counts["total"] - counts["unjudged"]
    shown = list(differing.order_by("-at", "-pk")[:SHOWN])
    of_kind = counts[f"in_{kind}"] if kind else judged - counts["agreeing"]
    return ShadowPage(
        number=version.number,
        title=version.title,
        since=version.shadow_since,
        verb=_verb(version, reader),
        sentence=_sentence(version, counts["total"]),
        total=counts["total"],
        agreeing=words.percent(counts["agreeing"], judged),
        unknown=counts["unjudged"],
        filters=tuple(
            Filter(name, LABELS[name], counts[f"in_{name}"], name == kind) for name in RECORDED
        ),
        rows=_rows(shown, reader, now=now, zone=zone),
        more=max(0, of_kind - len(shown)),
    )


def _verb(version: KitVersion, reader: User) -> str:
    if version.status not in holding.UNDER_REVIEW or not signing.works_on_kits(reader):
        return ""
    return "stop" if version.shadow_since else "start"


def _sentence(version: KitVersion, total: int) -> str:
    if version.shadow_since:
        return _(
            "It judges every touchpoint that the active version decides, beside it. "
            "Nothing it decides has any effect."
        )
    if total:
        return _("It no longer runs in shadow; this is what it would have decided while it did.")
    if version.status in holding.UNDER_REVIEW:
        return _("In shadow it would judge every live touchpoint beside the active version.")
    return _("Only a version in review can run in shadow.")


def _rows(
    shown: Sequence[ShadowDecision], reader: User, *, now: dt.datetime, zone: dt.tzinfo
) -> tuple[Row, ...]:
    visible: QuerySet[Any] = selectors.visible_to(reader).filter(
        pk__in=[one.lead_id for one in shown]
    )
    names = {lead.pk: str(lead.person) for lead in visible.select_related("person")}
    pools = dict(Pool.objects.values_list("key", "label"))
    return tuple(
        Row(
            name=names.get(one.lead_id, _("Lead {lead_id}").format(lead_id=one.lead_id)),
            url=kit_links.url("lead", one.lead_id) if one.lead_id in names else "",
            at=one.at,
            contrasts=tuple(
                Contrast(LABELS[name], *_sides(name, one, pools, now=now, zone=zone))
                for name in RECORDED
                if name in one.differs
            ),
            because=_because(one.shadow.get("why") or {}),
        )
        for one in shown
    )


def _sides(
    name: str,
    row: ShadowDecision,
    pools: Mapping[str, str],
    *,
    now: dt.datetime,
    zone: dt.tzinfo,
) -> tuple[str, str]:
    real, shadow = row.real.get(name), row.shadow.get(name)
    if name == "clocks":
        return _clocks(real or [], shadow or [], now=now, zone=zone)
    return _value(name, real, pools), _value(name, shadow, pools)


def _value(name: str, value: Any, pools: Mapping[str, str]) -> str:
    if name == "stage":
        return STAGES.get(value, value or words.DASH)
    if name == "pool":
        return pools.get(value, value) or "none"
    return words.number(value)


def _clocks(
    real: Sequence[Sequence[str]],
    shadow: Sequence[Sequence[str]],
    *,
    now: dt.datetime,
    zone: dt.tzinfo,
) -> tuple[str, str]:
    """Only the clocks that differ: “accept by 15:30 today”."""
    both = Counter(map(tuple, real)) & Counter(map(tuple, shadow))

    def told(side: Sequence[Sequence[str]]) -> str:
        rest = Counter(map(tuple, side)) - both
        lines = (
            f"{name.replace('_', ' ')} "
            f"{words.by(dt.datetime.fromisoformat(due), now=now, zone=zone)}"
            for name, due in rest
        )
        return ", ".join(lines) or _("no clock")

    return told(real), told(shadow)


def _because(why: Mapping[str, Any]) -> tuple[str, ...]:
    """What the shadow found: its criteria, and the rule that would have decided."""
    criteria = tuple(
        "{one}: {words}".format(one=one["label"], words=_("met") if one["met"] else _("not met"))
        for one in why.get("criteria", ())
    )
    rules = tuple(
        _("Rule “{one}”").format(one=one["label"])
        for one in why.get("routes", ())
        if one.get("label")
    )
    return (*criteria, *rules[-1:])
