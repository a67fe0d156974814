"""A change behind the product's back is found and located; lawful ones leave the seals whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from leads.models import EventKind, LeadEvent, Seal, SealPage, SealSalt
from lifecycle.invariants import run, seals
from lifecycle.invariants.invariant import Context
from lifecycle.sealing import away, days
from people.models import User
from sla.models import ClockEvent
from tests import factories, small_company
from tests.breaking import ids, one

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)
LATER = NOW + 3 * DAY
GUARDED = (
    "leads_leadevent", "sla_clockevent", "leads_seal", "leads_sealpage", "leads_sealedaway",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Company:
    """Three days of leads, one each; all three days are sealed."""

    leads: tuple[int, ...]
    by: User

    def forget_seals(self) -> None:
        for table in ("leads_sealpage", "leads_seal", "leads_sealsalt"):
            run_sql(f"DELETE FROM {table}")


@pytest.fixture(scope="module")
def of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[Company]:
    """Worked once for all tests here; the triggers that guard its logs are off."""
    with django_db_blocker.unblock(), transaction.atomic():
        small_company.publish_kit(now=NOW)
        anna = small_company.person("Anna")
        leads = []
        for number in range(3):
            at = NOW + number * DAY
            row = small_company.lead(now=at, owner=anna, due_at=at + dt.timedelta(hours=1))
            leads.append(row.pk)
            edited(row.pk, at)
        factories.check_rules()
        for table in GUARDED:
            run_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        run_sql("""UPDATE leads_leadevent SET because = '{"who": "Petra", "n": 1.50}'""")
        days.make_due(now=LATER)
        yield Company(tuple(leads), anna)
        transaction.set_rollback(True)


@pytest.fixture
def at_work(of_module: Company, db: None) -> Company:
    return of_module


def edited(lead: int, at: dt.datetime) -> int:
    """An event of no consequence, recorded then; returns its id."""
    return one(f"""INSERT INTO leads_leadevent (lead_id, sequence, kind, transition, from_stage,
                       to_stage, cycle, queue, actor, because, at, recorded_at)
                   SELECT lead_id, max(sequence) + 1, 'EDITED', '', '', '', 1, '', 'user', '{{}}',
                          '{at}', '{at}' FROM leads_leadevent WHERE lead_id = {lead} GROUP BY 1
                   RETURNING id""")


def run_sql(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def faults(now: dt.datetime, *, of_days: int = 0) -> dict[str, dict[str, str]]:
    """What is told against the seals, by invariant and id."""
    context = Context(now=now, seals=of_days)
    return {
        kept.key: {offence.id: offence.what for offence in found.offences}
        for kept in seals.INVARIANTS
        if (found := kept.look(context)).count
    }


def last_event(lead: int) -> LeadEvent:
    return LeadEvent.objects.filter(lead=lead).order_by("-pk")[0]


def test_every_day_has_a_seal_from_the_first_event_on(at_work: Company) -> None:
    made = list(Seal.objects.order_by("day"))
    assert [one.day for one in made] == [(NOW + n * DAY).date() for n in range(3)]
    assert [one.previous for one in made] == ["", made[0].digest, made[1].digest]
    assert sum(one.count for one in made) == (
        LeadEvent.objects.count() + ClockEvent.objects.count()
    )
    assert faults(LATER) == {}


def test_a_day_is_sealed_only_when_it_is_over(at_work: Company) -> None:
    at_work.forget_seals()
    midnight = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    assert days.make_due(now=midnight + days.GRACE - dt.timedelta(seconds=1)) == []
    assert not days.is_due(midnight)
    assert len(days.make_due(now=midnight + days.GRACE)) == 1


def test_days_without_events_are_sealed_too(at_work: Company) -> None:
    days.make_due(now=NOW + 9 * DAY)
    assert Seal.objects.count() == 9
    assert faults(NOW + 9 * DAY) == {}


def test_the_same_log_gives_the_same_head(at_work: Company) -> None:
    before = Seal.objects.latest("day")
    SealPage.objects.filter(seal=before).delete()
    Seal.objects.filter(pk=before.pk).delete()
    (again,) = days.make_due(now=LATER)
    assert isinstance(again, Seal)
    assert (again.day, again.digest) == (before.day, before.digest)


@pytest.mark.parametrize(
    "change",
    [
        "because = because || '{\"note\": 1}'",
        "because = '{}'",
        "at = at - interval '1 microsecond'",
        "at = 'infinity'",
        "owner_id = NULL",
        "actor = 'nobody'",
        "cycle = cycle + 1",
        "kit_id = NULL",
        "sequence = sequence + 7",
        "recorded_at = recorded_at + interval '1 hour'",
        "recorded_at = recorded_at + interval '1 day'",
        "recorded_at = recorded_at - interval '400 days'",
    ],
)
def test_an_edited_event_is_named(change: str, at_work: Company) -> None:
    event = LeadEvent.objects.get(lead=at_work.leads[1], kind=EventKind.ASSIGNED)
    run_sql(f"UPDATE leads_leadevent SET {change} WHERE id = {event.pk}")
    day = (NOW + DAY).date()
    told = {str(event.pk): f"of lead {at_work.leads[1]}, sealed with {day}, was edited"}
    assert faults(LATER) == {"event.as_sealed": told}


def test_an_edited_clock_event_is_named(at_work: Company) -> None:
    row = ClockEvent.objects.get(clock__lead=at_work.leads[0], kind="STARTED")
    run_sql(f"UPDATE sla_clockevent SET due_at = due_at + interval '1 hour' WHERE id = {row.pk}")
    told = {str(row.pk): f"of lead {at_work.leads[0]}, sealed with {NOW.date()}, was edited"}
    assert faults(LATER) == {"clock_event.as_sealed": told}


def test_a_removed_event_is_named_with_its_lead(at_work: Company) -> None:
    event = last_event(at_work.leads[2])
    run_sql(f"DELETE FROM leads_leadevent WHERE id = {event.pk}")
    day = (NOW + 2 * DAY).date()
    told = {str(event.pk): f"of lead {at_work.leads[2]}, sealed with {day}, was removed"}
    assert faults(LATER) == {"event.as_sealed": told}


def test_two_events_that_changed_places_are_both_named(at_work: Company) -> None:
    first, second = LeadEvent.objects.filter(lead=at_work.leads[0]).order_by("pk")[:2]
    ids(f"""UPDATE leads_leadevent one SET actor = other.actor, because = other.because,
                   kind = other.kind, transition = other.transition,
                   to_stage = other.to_stage, owner_id = other.owner_id
              FROM leads_leadevent other
             WHERE (one.id, other.id) IN (({first.pk}, {second.pk}), ({second.pk}, {first.pk}))
            RETURNING one.id""")
    assert faults(LATER)["event.as_sealed"].keys() == {str(first.pk), str(second.pk)}


@pytest.mark.parametrize("ago", [dt.timedelta(), DAY, 400 * DAY])
def test_a_back_dated_event_is_named_and_stays_so(ago: dt.timedelta, at_work: Company) -> None:
    pk = edited(at_work.leads[0], NOW + DAY - ago)
    found = faults(LATER, of_days=1)
    assert found.keys() == {"event.dated_truly"}
    assert found["event.dated_truly"].keys() == {str(pk)}
    assert f"of lead {at_work.leads[0]}" in found["event.dated_truly"][str(pk)]
    # The next seal takes it in, so that it cannot change or vanish any more, and it stays named.
    days.make_due(now=LATER + DAY)
    assert Seal.objects.latest("day").late == 1
    assert faults(LATER + DAY)["event.dated_truly"].keys() == {str(pk)}
    run_sql(f"UPDATE leads_leadevent SET actor = 'x' WHERE id = {pk}")
    assert faults(LATER + DAY)["event.as_sealed"].keys() == {str(pk)}


def test_an_event_put_among_sealed_ones_is_named(at_work: Company) -> None:
    pk = edited(at_work.leads[0], NOW)
    ids("SELECT nextval(pg_get_serial_sequence('leads_leadevent', 'id'))")
    run_sql(f"UPDATE leads_leadevent SET id = 0 WHERE id = {pk} RETURNING id")
    assert faults(LATER)["event.dated_truly"].keys() == {"0"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE leads_seal SET digest = repeat('0', 64) WHERE day = '{day}'",
        "UPDATE leads_seal SET count = count + 1 WHERE day = '{day}'",
        "UPDATE leads_sealpage SET leads = '{{1}}' WHERE seal_id = "
        "(SELECT id FROM leads_seal WHERE day = '{day}') AND number = 0",
        "UPDATE leads_sealpage SET last_id = 99999 WHERE seal_id = "
        "(SELECT id FROM leads_seal WHERE day = '{day}') AND number = 0",
        "DELETE FROM leads_sealpage WHERE seal_id = "
        "(SELECT id FROM leads_seal WHERE day = '{day}') AND number = 1",
        "DELETE FROM leads_sealpage WHERE seal_id = (SELECT id FROM leads_seal WHERE "
        "day = '{day}'); DELETE FROM leads_seal WHERE day = '{day}'",
    ],
)
@pytest.mark.parametrize("which", [0, 1, 2])
def test_an_edited_or_missing_seal_is_named_by_its_day(
    change: str, which: int, at_work: Company
) -> None:
    day = (NOW + which * DAY).date()
    ids(change.format(day=day))
    assert str(day) in faults(LATER)["seal.chained"]


def test_seals_cut_off_the_end_do_not_match_what_was_noted(at_work: Company) -> None:
    noted = Seal.objects.latest("day")
    event = last_event(at_work.leads[2])
    at_work.forget_seals()
    run_sql(f"UPDATE leads_leadevent SET actor = 'x' WHERE id = {event.pk}")
    days.make_due(now=LATER)
    assert faults(LATER) == {}  # all was made anew: only what was noted elsewhere tells
    assert Seal.objects.latest("day").digest != noted.digest


def test_a_day_nobody_seals_is_remarked(at_work: Company) -> None:
    found = faults(LATER + 2 * DAY)
    assert found == {"seal.in_time": {
        str((NOW + n * DAY).date()): "is over and not sealed" for n in (3, 4)
    }}  # fmt: skip


@pytest.mark.parametrize("table", ["routing_decision", "governance_signature", "routing_override"])
def test_logs_are_not_truncated(table: str, db: None) -> None:
    with pytest.raises(DatabaseError, match="not truncated"), transaction.atomic():
        run_sql(f"TRUNCATE {table} CASCADE")


def test_events_whose_salt_was_taken_count_as_edited(at_work: Company) -> None:
    SealSalt.objects.filter(lead_id=at_work.leads[0]).delete()
    told = LeadEvent.objects.filter(lead=at_work.leads[0])
    assert faults(LATER)["event.as_sealed"].keys() == {str(one.pk) for one in told}


def test_what_was_said_may_go_with_its_person_and_nothing_else(at_work: Company) -> None:
    lead = at_work.leads[0]
    for _ in range(2):  # whoever was erased may lose more when their company goes
        with away.erasing([lead], by_id=at_work.by.pk, now=LATER):
            run_sql(f"UPDATE leads_leadevent SET because = because - 'who' || '{{\"x\": 1}}' "
                f"WHERE lead_id = {lead}")  # fmt: skip
        assert faults(LATER) == {}
    days.make_due(now=LATER + DAY)
    assert faults(LATER + DAY) == {}
    event = last_event(lead)
    run_sql(f"UPDATE leads_leadevent SET because = '{{\"x\": 2}}' WHERE id = {event.pk}")
    assert faults(LATER + DAY)["event.as_sealed"].keys() == {str(event.pk)}
    run_sql(f'UPDATE leads_leadevent SET because = \'{{"x": 1, "n": 1.5}}\' WHERE id = {event.pk}')
    run_sql(f"UPDATE leads_sealedaway SET note = 'x' WHERE row_id = {event.pk}")
    assert faults(LATER + DAY).keys() == {"sealed_away.as_sealed"}


def test_the_usual_check_looks_at_the_last_days_and_at_all_on_demand(at_work: Company) -> None:
    run_sql(f"UPDATE leads_leadevent SET actor = 'x' WHERE id = {last_event(at_work.leads[0]).pk}")
    keys = {of: "event.as_sealed" in {
        one.invariant.key for one in run.check(now=LATER, seals=of, replay=0)
        if one.found.count} for of in (0, 2, 3)}  # fmt: skip
    assert keys == {0: True, 2: False, 3: True}
