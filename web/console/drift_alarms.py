"""Alarms of the drift monitor in words: those that stand, by version and figure, and past ones."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.texts import _
from governance import signing
from people.models import User
from reports.drift import alarms, publications, wording
from reports.drift.publications import Publication
from reports.drift.verdicts import Metric
from reports.models import DriftAlarm
from web.console import kit_links, words

PAST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Attempt:
    """A note that was refused, and why: shown again beside its alarm."""

    alarm_id: int
    note: str
    problem: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm that stands; `url` is where it is acknowledged, empty where it cannot be."""

    id: int
    sentence: str
    line: str
    seen_by: str
    note: str
    url: str
    attempt: Attempt | None


@dataclass(frozen=True, slots=True)
class Group:
    """The alarms of one figure of one version, with the parts that bear on it."""

    title: str
    number: int
    base: int
    alarms: tuple[Alarm, ...]
    parts: tuple[str, ...]
    compare_url: str


@dataclass(frozen=True, slots=True)
class Past:
    """An alarm that was closed."""

    title: str
    sentence: str
    line: str
    note: str


def groups(
    found: Sequence[Publication],
    *,
    reader: User,
    now: datetime,
    zone: tzinfo,
    attempt: Attempt | None,
) -> tuple[Group, ...]:
    """What stands, by version and figure. One query."""
    known = {one.version.pk: one for one in found}
    rows = [
        row
        for row in alarms.open_alarms().select_related("kit", "acknowledged_by")
        if row.kit_id in known
    ]
    order = list(DriftAlarm.Metric.values)
    rows.sort(key=lambda row: (-row.kit.number, order.index(row.metric), row.slice))
    by_figure = itertools.groupby(rows, key=lambda row: (row.kit_id, row.metric))
    acts = signing.may_write(reader)
    return tuple(
        _group(
            known[kit],
            Metric(metric),
            tuple(
                _alarm(row, known[kit], acts=acts, now=now, zone=zone, attempt=attempt)
                for row in standing
            ),
        )
        for (kit, metric), standing in by_figure
    )


def past(*, now: datetime, zone: tzinfo) -> tuple[Past, ...]:
    """The latest that were closed. One query."""
    rows = DriftAlarm.objects.filter(closed_at__isnull=False).order_by("-closed_at", "-pk")
    return tuple(
        _past(row, now=now, zone=zone)
        for row in rows.select_related("kit", "acknowledged_by")[:PAST_SHOWN]
    )


def _group(one: Publication, metric: Metric, standing: tuple[Alarm, ...]) -> Group:
    number, base = one.version.number, one.base.number
    return Group(
        title=_("{NAMES} since v{number}").format(NAMES=wording.NAMES[metric], number=number),
        number=number,
        base=base,
        alarms=standing,
        parts=tuple(told.sentence for told in one.parts(metric)),
        compare_url=kit_links.url("kit-compare", base, number),
    )


def _alarm(
    row: DriftAlarm,
    one: Publication,
    *,
    acts: bool,
    now: datetime,
    zone: tzinfo,
    attempt: Attempt | None,
) -> Alarm:
    first = words.moment(row.first_seen_at, now=now, zone=zone)
    last = words.moment(row.last_seen_at, now=now, zone=zone)
    can = acts and row.acknowledged_by is None
    return Alarm(
        id=row.pk,
        sentence=_sentence(row, one.label(Metric(row.metric), row.slice)),
        line=_("First seen {first}, last {last}").format(first=first, last=last),
        seen_by=_seen_by(row, now=now, zone=zone),
        note=row.note,
        url=kit_links.url("kit-drift-acknowledge", row.pk) if can else "",
        attempt=attempt if attempt is not None and attempt.alarm_id == row.pk else None,
    )


def _past(row: DriftAlarm, *, now: datetime, zone: tzinfo) -> Past:
    closed = words.moment(row.closed_at or now, now=now, zone=zone)
    seen = _seen_by(row, now=now, zone=zone)
    return Past(
        title=f"v{row.kit.number}",
        sentence=_sentence(row, publications.label(row.kit, Metric(row.metric), row.slice)),
        line=". ".join(filter(None, (f"{row.get_closed_because_display()}, {closed}", seen))),
        note=row.note,
    )


def _sentence(row: DriftAlarm, label: str) -> str:
    return wording.left_limits(
        Metric(row.metric), label, observed=row.observed, low=row.low, high=row.high, n=row.n
    )


def _seen_by(row: DriftAlarm, *, now: datetime, zone: tzinfo) -> str:
    if row.acknowledged_by is None or row.acknowledged_at is None:
        return ""
    when = words.moment(row.acknowledged_at, now=now, zone=zone)
    return _("Acknowledged by {acknowledged_by}, {when}").format(
        acknowledged_by=row.acknowledged_by, when=when
    )
