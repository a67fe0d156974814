"""The versions that were published, each with its verdicts and what it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from core.worktime import WorkCalendar
from governance import change_words, facts
from governance import selectors as kits
from governance.change_words import Told
from governance.kit import Kit
from governance.models import KitStatus, KitVersion
from leads.models import SourceCategory
from reports.drift import causes, counts, verdicts, windows, working_days
from reports.drift.verdicts import Evidence, Metric, Tally, Verdict
from reports.drift.windows import Window

SOURCES = {value: str(words) for value, words in SourceCategory.choices}
PUBLISHED = (KitStatus.ACTIVE, KitStatus.RETIRED)


@dataclass(frozen=True, slots=True)
class Publication:
    """One version that replaced another, and what has drifted since."""

    version: KitVersion
    base: KitVersion
    evidence: Evidence
    verdicts: tuple[Verdict, ...]

    @property
    def window(self) -> Window:
        """The days that are compared."""
        return self.evidence.window

    @property
    def is_active(self) -> bool:
        """Whether it is still in force, so that more days will come."""
        return bool(self.version.status == KitStatus.ACTIVE)

    def changes(self) -> tuple[Told, ...]:
        """Everything it changed, in words."""
        return change_words.between(*self._documents(), facts.registry)

    def parts(self, metric: Metric) -> tuple[Told, ...]:
        """What it changed that may explain a drift of this metric."""
        return causes.among(self.changes(), metric, *self._documents())

    def label(self, metric: Metric, slice: str) -> str:
        """What a slice is called: a source, or a reason in the words of this version."""
        return label(self.version, metric, slice)

    def _documents(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return _document(self.base), _document(self.version)


def recent(*, now: dt.datetime, most: int) -> tuple[Publication, ...]:
    """The latest versions that replaced another, newest first. Three queries, once warm.

    Days are those of the active kit's calendar for accepting leads; without one there is nothing.
    """
    return _read(_replacing().order_by("-published_at", "-number")[:most], now=now)


def one(number: int, *, now: dt.datetime) -> Publication | None:
    """The version of this number; None when it is not published or replaced none."""
    return next(iter(_read(_replacing().filter(number=number), now=now)), None)


def active(*, now: dt.datetime) -> Publication | None:
    """The version in force; None when it replaced none, or when there is none."""
    return next(iter(_read(_replacing().filter(status=KitStatus.ACTIVE), now=now)), None)


def calendar() -> WorkCalendar:
    """What tells working days: the active kit's word. Raises NoActiveKit."""
    return working_days.calendar_of(_active_kit())


def label(version: KitVersion, metric: Metric, slice: str) -> str:
    """What a slice of a metric is called under a version; empty for all."""
    if metric is not Metric.REASONS:
        return SOURCES.get(slice, slice)
    entries = _document(version)["parts"].get("reason", [])
    return next((str(one["label"]) for one in entries if one["key"] == slice), slice)


def _active_kit() -> Kit:
    version = kits.active_version()
    if version is None:
        raise kits.NoActiveKit
    return kits.kit_of(version.pk)


def _replacing() -> QuerySet[KitVersion]:
    rows = KitVersion.objects.filter(status__in=PUBLISHED, base__published_at__isnull=False)
    return rows.select_related("base")


def _read(rows: QuerySet[KitVersion], *, now: dt.datetime) -> tuple[Publication, ...]:
    versions = list(rows)
    if not versions:
        return ()
    days = calendar()
    zone = working_days.zone_of(days)
    found = [(version, _window(version, now=now, zone=zone)) for version in versions]
    every = [day for _, window in found for day in (*window.before, *window.after)]
    tallies = (
        counts.read(
            {pk for version in versions for pk in (version.pk, _base(version).pk)},
            first=min(every),
            last=max(every),
            zone=zone,
        )
        if every
        else []
    )
    working = working_days.among(set(every), days)
    return tuple(_publication(version, window, tallies, working) for version, window in found)


def _window(version: KitVersion, *, now: dt.datetime, zone: dt.tzinfo) -> Window:
    base = _base(version)
    return windows.of_publication(
        version.published_at or now,
        replaced_since=base.published_at or now,
        until=version.retired_at or now,
        zone=zone,
    )


def _publication(
    version: KitVersion, window: Window, tallies: Sequence[Tally], working: frozenset[dt.date]
) -> Publication:
    base = _base(version)
    evidence = Evidence(
        window=window,
        before=_of(base, window.before, tallies),
        after=_of(version, window.after, tallies),
        working=working,
        reasons=_reasons(base) & _reasons(version),
    )
    return Publication(version, base, evidence, verdicts.judge(evidence))


def _of(version: KitVersion, days: windows.Days, tallies: Sequence[Tally]) -> tuple[Tally, ...]:
    wanted = frozenset(days)
    return tuple(one for one in tallies if one.kit_id == version.pk and one.day in wanted)


def _reasons(version: KitVersion) -> frozenset[str]:
    """The keys of the reasons for which a version lets leads be rejected."""
    entries = _document(version)["parts"].get("reason", [])
    return frozenset(one["key"] for one in entries if "reject" in one.get("used_for", []))


def _base(version: KitVersion) -> KitVersion:
    if version.base is None:
        raise LookupError(f"kit v{version.number} replaced no version")
    return version.base


def _document(version: KitVersion) -> dict[str, Any]:
    document: dict[str, Any] = version.document or {"parts": {}}
    return document
