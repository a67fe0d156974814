"""A pass does what is due, once; a step that fails stops no other."""

from __future__ import annotations

import datetime as dt
import logging
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from core import database
from governance.kit import Kit
from leads.models import Channel, Touch, TouchStatus
from lifecycle import jobs, parking, pipeline
from lifecycle.models import Mail, Notice
from sla.models import Clock, ClockEvent
from tests import small_company as company

HOUR = dt.timedelta(hours=1)


def touch(*, now: dt.datetime, key: str = "1", **columns: object) -> Touch:
    values: dict[str, object] = {
        "channel": Channel.FORM,
        "occurred_at": now,
        "received_at": now,
        "payload": {},
        "idempotency_scope": "test",
        "idempotency_key": key,
        "attempts": 1,
        "lease_until": now - HOUR,
        "next_attempt_at": now - HOUR,
    }
    return Touch.objects.create(**{**values, **columns})


def test_nothing_is_due_in_an_empty_house(db: None) -> None:
    assert not any(jobs.sweep().values())


def test_a_breach_goes_all_the_way_to_the_mail_in_one_pass(kit: Kit, now: dt.datetime) -> None:
    boss = company.person("Bo")
    ana = company.person("Ana", team=company.team("East", manager=boss))
    company.lead(owner=ana, due_at=now + HOUR, now=now)
    done = jobs.sweep(now + HOUR + dt.timedelta(seconds=1))
    assert {name: done[name] for name in ("warned", "breached", "notices", "errors")} == {
        "warned": 1,
        "breached": 1,
        "notices": 3,
        "errors": 0,
    }
    told = sorted((message.to[0], message.subject.split(":")[0]) for message in mail.outbox)
    assert told == [
        ("ana@example.com", "New lead"),
        ("ana@example.com", "Overdue"),
        ("bo@example.com", "Overdue in your team"),
    ]


def test_a_second_pass_does_nothing_twice(kit: Kit, now: dt.datetime) -> None:
    company.lead(owner=company.person("Ana"), due_at=now + HOUR, now=now)
    later = now + 2 * HOUR
    jobs.sweep(later)
    assert not any(jobs.sweep(later).values())
    assert ClockEvent.objects.filter(kind="BREACHED").count() == 1
    assert Clock.objects.get().breached_at == now + HOUR
    # It was overdue by the time anybody could be warned.
    assert len(mail.outbox) == Notice.objects.count() - 1


@pytest.mark.parametrize("broken", list(jobs.all_steps()))
def test_a_step_that_fails_stops_no_other_and_is_counted(
    db: None, broken: str, now: dt.datetime, caplog: pytest.LogCaptureFixture
) -> None:
    ran = []

    def step(name: str) -> jobs.Step:
        def run(_now: dt.datetime | None, _until: float) -> dict[str, int]:
            ran.append(name)
            if name == broken:
                raise ZeroDivisionError("of this test")
            return {name: 1}

        return run

    names = list(jobs.all_steps())
    with caplog.at_level(logging.ERROR):
        swept = jobs.run({name: step(name) for name in names}, now=now)
    assert ran == names
    assert swept.failing == (broken,)
    assert broken in caplog.text
    assert "of this test" in caplog.text


def test_the_same_failure_does_not_fill_the_log(
    db: None, now: dt.datetime, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_now: dt.datetime | None, _until: float) -> dict[str, int]:
        raise ZeroDivisionError("again and again")

    for _ in range(50):
        jobs.run({"one of its kind": fails}, now=now)
    assert len(caplog.records) == 1


def test_a_touch_left_behind_is_advanced_alone(
    db: None, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    advanced: list[list[int]] = []
    monkeypatch.setattr(
        pipeline, "advance", lambda ids, *, now: advanced.append(ids) or {key: {} for key in ids}
    )
    first, second = touch(now=now, key="1"), touch(now=now, key="2")
    touch(now=now, key="3", next_attempt_at=now + HOUR, lease_until=now + HOUR)
    touch(now=now, key="4", status=TouchStatus.QUARANTINED)
    assert jobs.sweep(now)["touches"] == 2
    assert sorted(advanced) == [[first.pk], [second.pk]]


def test_a_touch_that_ends_its_process_every_time_is_set_aside(
    db: None, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = []

    def killed(ids: list[int], *, now: dt.datetime) -> dict[int, object]:
        starts.extend(ids)
        raise SystemExit

    monkeypatch.setattr(pipeline, "advance", killed)
    one = touch(now=now)
    for round_ in range(20):
        try:
            jobs.sweep(now + round_ * HOUR)
        except SystemExit:
            continue
    assert len(starts) == jobs.MOST_ATTEMPTS - 1  # the first was its door's
    one.refresh_from_db()
    assert (one.status, one.next_attempt_at) == (TouchStatus.PARKED, None)
    assert one.last_error


def test_a_touch_that_merely_fails_often_is_not_set_aside(
    db: None, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(ids: list[int], *, now: dt.datetime) -> dict[int, object]:
        parking.park(ids[0], ValueError("cannot be decided"), now=now)
        return {}

    monkeypatch.setattr(pipeline, "advance", fails)
    one = touch(now=now)
    for day in range(12):
        jobs.sweep(now + dt.timedelta(days=day))
    one.refresh_from_db()
    assert one.attempts == 13
    assert one.next_attempt_at is not None


class TestTheCommand:
    def test_it_says_what_it_did(self, kit: Kit) -> None:
        now = database.now()
        company.lead(owner=company.person("Ana"), due_at=now - HOUR, now=now)
        out = StringIO()
        call_command("sweep", stdout=out)
        assert "1 breached" in out.getvalue()
        out = StringIO()
        call_command("sweep", stdout=out)
        assert out.getvalue() == "nothing was due\n"

    def test_it_fails_when_a_step_failed(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(_now: dt.datetime | None, _until: float) -> dict[str, int]:
            raise ZeroDivisionError

        monkeypatch.setitem(jobs.CLOCKS, "clocks", fails)
        with pytest.raises(CommandError, match="1 of the steps failed"):
            call_command("sweep", stdout=StringIO())

    def test_it_takes_up_again_what_was_given_up(self, kit: Kit) -> None:
        company.lead(owner=company.person("Ana"), now=database.now())
        call_command("sweep", stdout=StringIO())
        Mail.objects.update(state="DEAD", sent_at=None, last_error="550 no such user")
        out = StringIO()
        call_command("sweep", "--retry", stdout=out)
        assert "1 given up before" in out.getvalue()
        assert "1 mails" in out.getvalue()
        assert len(mail.outbox) == 2
