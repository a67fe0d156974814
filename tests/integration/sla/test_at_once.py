"""Warnings and breaches in one statement are, row for row, those that are written one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from leads import outbox
from leads.models import Lead, LeadEvent
from lifecycle.invariants import run
from sla import sweeps
from sla.models import Clock, ClockEvent
from tests import acting_levels, factories
from tests.factories import DAY, HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db

INSTANTS = (NOW + 3 * MINUTE, NOW + 13 * MINUTE, NOW + 50 * MINUTE, NOW + 3 * HOUR, NOW + 6 * DAY)


class Undone(Exception):
    """What was written is read, then taken back."""


def written(many: int, at: dt.datetime) -> tuple[sweeps.Swept, dict[str, list[dict[str, Any]]]]:
    """What sweeps at that instant leave behind, if so many leads are many."""
    swept = sweeps.Swept()
    try:
        with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(sweeps, "MANY", many)
            before = LeadEvent.objects.latest("pk").pk
            while (one := sweeps.warn_and_breach(now=at)).leads:
                swept += one
            rows = {
                "clocks": _rows(Clock.objects.order_by("pk")),
                "leads": _rows(Lead.objects.order_by("pk")),
                "events": _rows(
                    LeadEvent.objects.filter(pk__gt=before).order_by("lead", "sequence"), "id"
                ),
                "notes": [
                    {**one, "event": (event.lead_id, event.sequence)}
                    for note in ClockEvent.objects.filter(event__gt=before)
                    .select_related("event")
                    .order_by("event__lead", "event__sequence")
                    for event in [note.event]
                    for one in [_row(note, "id", "event_id")]
                ],
                "boxes": [
                    {**one, "event": (box.event.lead_id, box.event.sequence)}
                    for box in outbox.news()
                    .filter(event__gt=before)
                    .select_related("event")
                    .order_by("event__lead", "event__sequence", "consumer")
                    for one in [_row(box, "id", "event_id")]
                ],
            }
            raise Undone
    except Undone:
        pass
    return swept, rows


def _rows(rows: models.QuerySet[Any], *but: str) -> list[dict[str, Any]]:
    return [_row(row, *but) for row in rows]


def _row(row: models.Model, *but: str) -> dict[str, Any]:
    found = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: value for name, value in found.items() if name not in but}


@pytest.fixture(params=["plain", "levels", "acting"])
def company(request: pytest.FixtureRequest) -> None:
    """A kit without levels, one whose levels tell, and one whose first level acts."""
    tells = {"after_minutes": 60, "tell": ["REVOPS"], "then": "later"}
    later = {"after_minutes": 3_000, "tell": ["REVOPS"]}
    acts = {"after_minutes": 30, **acting_levels.ANEW}
    if request.param == "plain":
        document = acting_levels.text(one=acts)
        for entry in document["parts"]["clock_policy"]:
            entry.pop("escalation", None)
        document["parts"].pop("escalation_level")
    elif request.param == "levels":
        document = acting_levels.text(one=tells, later=later)
    else:
        document = acting_levels.text(one=acts)
    factories.company(text=document)
    factories.captures([factories.touch() for _ in range(4)])
    waiting = factories.touch(company={"country": "BR"})
    factories.captures([waiting, factories.touch(channel="CHAT")])
    Clock.objects.filter(pk=Clock.objects.earliest("due_at").pk).update(
        parked_until=NOW + HOUR, parked_error="for a while"
    )


@pytest.mark.parametrize("company", ["plain", "levels"], indirect=True)
@pytest.mark.parametrize("at", INSTANTS, ids=lambda at: str(at - NOW))
def test_in_one_statement_or_one_by_one_the_same_is_written(company: None, at: dt.datetime) -> None:
    odd = Clock.objects.latest("due_at")
    Clock.objects.filter(pk=odd.pk).update(due_at=odd.due_at + dt.timedelta(microseconds=120))
    one_by_one, expected = written(10**6, at)
    at_once, found = written(1, at)
    for table, rows in expected.items():
        assert found[table] == rows, table
    assert (at_once.warned, at_once.breached, at_once.escalated) == (
        one_by_one.warned, one_by_one.breached, one_by_one.escalated,
    )  # fmt: skip


def test_it_takes_as_many_queries_however_many_are_due(
    company: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "MANY", 1)
    sweeps.warn_and_breach(now=NOW + 15 * MINUTE)
    counts = []
    for number in (2, 12):
        factories.captures([factories.touch() for _ in range(number)])
        with CaptureQueriesContext(connection) as asked:
            sweeps.warn_and_breach(now=NOW + 16 * MINUTE)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_what_it_writes_keeps_every_invariant(
    company: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "MANY", 1)
    Clock.objects.update(parked_until=None)
    late = NOW + 3 * HOUR
    while sweeps.warn_and_breach(now=late).leads:
        continue
    broken = [one.invariant.key for one in run.check(now=late, replay=0) if one.broken]
    assert broken == []
