"""Every invariant, broken on purpose behind the database's back, is the one that is named."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from leads import score_sql
from lifecycle.invariants import run
from routing.models import Decision
from tests import (  # noqa: F401 - they register
    breaks_of_accounts,
    breaks_of_clocks,
    breaks_of_disputes,
    breaks_of_enrichment,
    breaks_of_exclusions,
    breaks_of_imports,
    breaks_of_leads,
    breaks_of_merges,
    breaks_of_opportunities,
    breaks_of_partners,
    breaks_of_realignments,
    breaks_of_seals,
    breaks_of_signals,
    breaks_of_telling,
    breaks_of_touches,
    breaks_of_turns,
    busy_company,
)
from tests.breaking import BREAKS, Break, ids, off_guard
from tests.factories import MINUTE

pytestmark = pytest.mark.django_db

GUARDS = {"trigger.on"}
"""Broken below by switching off what the others go behind."""


@pytest.fixture(scope="module")
def end(django_db_setup: None, django_db_blocker: Any) -> Iterator[dt.datetime]:
    """When the busy weeks end; they are worked once for all the tests here."""
    with django_db_blocker.unblock(), transaction.atomic():
        _, now = busy_company.busy()
        yield now
        transaction.set_rollback(True)


@pytest.fixture
def now(end: dt.datetime, db: None) -> dt.datetime:
    """The same instant; everything a test breaks is mended afterwards."""
    return end


def named(results: list[run.Result]) -> dict[str, set[str]]:
    return {
        one.invariant.key: {offence.id for offence in one.found.offences}
        for one in results
        if one.found.count
    }


@pytest.mark.parametrize(
    ("key", "do"),
    [
        pytest.param(key, do, id=f"{key}-{number}")
        for key, ways in BREAKS.items()
        for number, do in enumerate(ways, start=1)
    ],
)
def test_what_is_broken_is_named_and_nothing_else(key: str, do: Break, now: dt.datetime) -> None:
    with off_guard():
        wanted = do(now)
    assert named(run.check(now=now, replay=0, seals=0)) == {key: wanted}


def test_no_invariant_goes_unbroken() -> None:
    assert {one.key for one in run.QUERIES} - GUARDS == set(BREAKS)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE {table} DISABLE TRIGGER {trigger}",
        "ALTER TABLE {table} ENABLE REPLICA TRIGGER {trigger}",
        "DROP TRIGGER {trigger} ON {table}",
    ],
)
def test_a_guard_that_is_off_is_named(statement: str, now: dt.datetime) -> None:
    busy_company.factories.check_rules()
    (trigger,) = ids("""SELECT tgname FROM pg_trigger
                         WHERE tgname LIKE 'pgtrigger_events_are_append_only%'""")
    ids(statement.format(table="leads_leadevent", trigger=trigger))
    assert named(run.check(now=now)) == {"trigger.on": {f"leads_leadevent.{trigger}"}}


@pytest.mark.parametrize(
    "change",
    [
        "picked_id = (SELECT id FROM people_user WHERE username = 'mark')",
        "pool = 'americas'",
        """facts = jsonb_set(facts, '{company.country}', '"SE"')""",
        """facts = facts || '{"no.such.fact": 1}'""",
        "facts = '{}'",
        "candidates = jsonb_set(candidates, '{0,weight}', '7')",
        "candidates = jsonb_set(candidates, '{0,credit_before}', '40')",
        """candidates = jsonb_set(candidates, '{0,excluded}', '"on leave"')""",
        "candidates = candidates - 0",
        "tried = tried - 0",
        "snapshot_id = NULL",
    ],
)
def test_a_decision_that_its_record_does_not_bear_out_is_named(
    change: str, now: dt.datetime
) -> None:
    decision = Decision.objects.filter(picked__isnull=False, pool="dach").latest("pk")
    with off_guard():
        ids(f"UPDATE routing_decision SET {change} WHERE id = {decision.pk} RETURNING id")
    assert named(run.check(now=now))["decision.replays"] == {str(decision.pk)}


def test_a_due_time_that_the_kit_does_not_give_is_named(now: dt.datetime) -> None:
    with off_guard():
        wanted = ids("""UPDATE sla_clock SET due_at = due_at + interval '1 second'
                         WHERE id = (SELECT max(id) FROM sla_clock WHERE state = 'STOPPED'
                                        AND breached_at IS NULL) RETURNING id""")
        breaks_of_clocks.note_due(*wanted)
    assert named(run.check(now=now)) == {"clock.due_replays": wanted}


def test_working_time_that_is_not_that_of_its_segments_is_named(now: dt.datetime) -> None:
    with off_guard():
        wanted = ids("""UPDATE sla_clock SET working_seconds = working_seconds - 1
                         WHERE id = (SELECT max(id) FROM sla_clock WHERE working_seconds > 60)
                         RETURNING id""")
    assert named(run.check(now=now)) == {"clock.adds_up": wanted}


def test_a_due_time_of_other_zones_is_only_remarked(now: dt.datetime) -> None:
    with off_guard():
        wanted = ids("""UPDATE sla_clock SET due_at = due_at + interval '1 second', tzdata = '1999x'
                         WHERE id = (SELECT max(id) FROM sla_clock WHERE state = 'STOPPED'
                                        AND breached_at IS NULL) RETURNING id""")
        breaks_of_clocks.note_due(*wanted)
    found = [one for one in run.check(now=now) if one.found.count]
    assert named(found) == {"clock.due_of_other_zones": wanted}
    assert not any(one.broken for one in found)


def test_a_score_that_sql_adds_otherwise_is_named(
    now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(score_sql, "FORGOTTEN_AFTER", 0.001)
    assert "lead.score_replays" in named(run.check(now=now))


def test_only_as_many_records_are_replayed_as_asked_for(now: dt.datetime) -> None:
    with off_guard():
        first = Decision.objects.earliest("pk").pk
        ids(f"UPDATE routing_decision SET facts = '{{}}' WHERE id = {first} RETURNING id")
    assert "decision.replays" not in named(run.check(now=now, replay=1))
    assert named(run.check(now=now))["decision.replays"] == {str(first)}


def test_the_command_names_what_is_broken_and_fails(now: dt.datetime) -> None:
    with off_guard():
        (lead,) = ids("""UPDATE leads_lead SET version = version + 1
                          WHERE id = (SELECT min(id) FROM leads_lead) RETURNING id""")
    told = io.StringIO()
    with pytest.raises(CommandError, match="invariants are broken"):
        call_command("verify", stdout=told)
    lines = told.getvalue().splitlines()
    assert any("BROKEN" in line and "lead.log_gapless" in line for line in lines)
    assert any(line.strip().startswith(f"lead {lead} is at version") for line in lines)


def test_machines_read_the_same(now: dt.datetime) -> None:
    with off_guard():
        (lead,) = ids("""UPDATE leads_lead SET version = version + 1
                          WHERE id = (SELECT min(id) FROM leads_lead) RETURNING id""")
    told = io.StringIO()
    with pytest.raises(CommandError):
        call_command("verify", "--json", stdout=told)
    read = json.loads(told.getvalue())
    (found,) = [one for one in read["invariants"] if one["key"] == "lead.log_gapless"]
    assert (read["ok"], found["count"], found["severity"]) == (False, 1, "FAILURE")
    assert [one["id"] for one in found["offenders"]] == [lead]


def test_warnings_alone_do_not_fail(now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.database.now", lambda: now + MINUTE / 2)
    with off_guard():
        ids("UPDATE leads_outbox SET done_at = NULL, due_at = '2026-01-01' RETURNING id")
    told = io.StringIO()
    call_command("verify", "--broken", stdout=told)
    assert "warning" in told.getvalue()
    assert "with warnings" in told.getvalue()


def test_tables_of_another_release_are_one_clear_line(now: dt.datetime) -> None:
    busy_company.factories.check_rules()
    ids("ALTER TABLE leads_touch RENAME COLUMN receipt TO receipts")
    with pytest.raises(CommandError, match=r"manage\.py migrate"), transaction.atomic():
        call_command("verify")


def test_a_negative_number_of_replays_is_refused(now: dt.datetime) -> None:
    with pytest.raises(CommandError, match="0 or more"):
        call_command("verify", "--replay", "-1")
