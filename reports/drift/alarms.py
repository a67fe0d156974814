"""Alarms of the drift monitor: opened once, kept up to date, closed by themselves, acknowledged."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.db.models import QuerySet

from core import database, errors
from core.errors import FieldError
from governance import signing
from people.models import User
from reports.drift import publications
from reports.drift.publications import Publication
from reports.drift.verdicts import Verdict
from reports.models import DriftAlarm

LOCK = 0x4C45_4144_4452_4654
"""Advisory lock of the monitor: workers that look at once do so one after the other."""
LONGEST_NOTE = 500
Closing = DriftAlarm.Closing
Place = tuple[str, str]


def open_alarms() -> QuerySet[DriftAlarm]:
    """The alarms that stand, acknowledged or not, oldest first."""
    return DriftAlarm.objects.filter(closed_at__isnull=True).order_by("first_seen_at", "pk")


@transaction.atomic
def watch(now: dt.datetime | None = None) -> dict[str, int]:
    """Judge the version in force at `now` (the database's clock unless given); keep its alarms.

    One alarm stands for each figure that is outside. It is closed when the figure is back within,
    when the version is replaced, and, once acknowledged, when the eight weeks are over. Returns
    how many were opened, seen again and closed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    at = now or database.now()
    publication = publications.active(now=at)
    outside = _outside(publication) if publication else {}
    done = {"opened": 0, "seen_again": 0, "closed": 0}
    for alarm in open_alarms().select_for_update(of=("self",)):
        its = publication if publication and alarm.kit_id == publication.version.pk else None
        verdict = outside.pop((alarm.metric, alarm.slice), None) if its else None
        done["closed" if _settle(alarm, verdict, its, now=at) else "seen_again"] += 1
    done["opened"] = len(outside)
    if publication is not None:
        DriftAlarm.objects.bulk_create(_fresh(publication, one, now=at) for one in outside.values())
    return done


@transaction.atomic
def acknowledge(alarm_id: int, *, by: User, note: str, now: dt.datetime) -> DriftAlarm:
    """RevOps has seen an alarm and says what they make of it. It stands until it closes.

    Raises `NotAllowed`, `NotFound`, `InvalidInput` naming `note`, or `TooLate` naming who was
    first.
    """
    if not signing.may_write(by):
        raise errors.NotAllowed("Only RevOps acknowledges alarms.")
    text = note.strip()
    if not text or len(text) > LONGEST_NOTE:
        message = (
            f"Say what you make of it, in {LONGEST_NOTE} characters at most."
            if text
            else "Say what you make of it: what it comes from, what will be done."
        )
        raise errors.InvalidInput(message, errors=[FieldError("note", message)])
    alarm = (
        DriftAlarm.objects.select_for_update(of=("self",))
        .select_related("acknowledged_by")
        .filter(pk=alarm_id)
        .first()
    )
    if alarm is None:
        raise errors.NotFound("There is no such alarm.")
    if alarm.acknowledged_by is not None:
        raise errors.TooLate(
            f"{alarm.acknowledged_by} has acknowledged it already.",
            state={"by": str(alarm.acknowledged_by), "note": alarm.note},
        )
    alarm.acknowledged_by, alarm.acknowledged_at, alarm.note = by, now, text
    alarm.save(update_fields=["acknowledged_by", "acknowledged_at", "note"])
    return alarm


def _outside(publication: Publication) -> dict[Place, Verdict]:
    """What is outside its limits, but for what was seen to its end."""
    over = DriftAlarm.objects.filter(kit=publication.version, closed_because=Closing.OVER)
    seen = set(over.values_list("metric", "slice"))
    return {
        place: one
        for one in publication.verdicts
        if one.is_outside and (place := (one.metric.value, one.slice)) not in seen
    }


def _fresh(publication: Publication, verdict: Verdict, *, now: dt.datetime) -> DriftAlarm:
    return DriftAlarm(
        kit=publication.version,
        metric=verdict.metric.value,
        slice=verdict.slice,
        first_seen_at=now,
        last_seen_at=now,
        **_figures(verdict),
    )


def _settle(
    alarm: DriftAlarm, verdict: Verdict | None, its: Publication | None, *, now: dt.datetime
) -> bool:
    """Bring a standing alarm up to date; True when it was closed. `its`: while that is in force."""
    written = []
    if verdict is not None:
        figures = {**_figures(verdict), "last_seen_at": now}
        for name, value in figures.items():
            setattr(alarm, name, value)
        written += list(figures)
    alarm.closed_because = _why_close(alarm, verdict, its)
    if alarm.closed_because:
        alarm.closed_at = now
        written += ["closed_at", "closed_because"]
    alarm.save(update_fields=written)
    return bool(alarm.closed_because)


def _why_close(alarm: DriftAlarm, verdict: Verdict | None, its: Publication | None) -> str:
    """Why an alarm no longer stands; empty while it does."""
    if its is None:
        return Closing.REPLACED
    if verdict is None:
        return Closing.WITHIN
    over = its.window.is_full and alarm.acknowledged_at is not None
    return Closing.OVER if over else ""


def _figures(verdict: Verdict) -> dict[str, float]:
    limits = verdict.limits
    if limits is None:
        raise LookupError(f"{verdict.metric} of “{verdict.slice}” was not judged")
    return {
        "observed": limits.observed,
        "expected": limits.expected,
        "low": limits.low,
        "high": limits.high,
        "n": limits.n,
    }
