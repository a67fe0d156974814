"""The page of one clock: where its time went, who held it, what ended it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leads.models import Lead
from lifecycle import actions, bundling, notices, waiting
from lifecycle.models import Mail, Notice
from lifecycle.proofs import Reported
from people.models import Leave, User
from sla import sweeps
from sla.models import Clock
from tests import factories
from web.console import clock_page

pytestmark = pytest.mark.django_db

UTC = dt.UTC
TUESDAY = dt.datetime(2026, 3, 3, 9, tzinfo=UTC)
HOUR = dt.timedelta(hours=1)
OFFICE = tuple((day, "09:00", "17:00") for day in range(5))


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=TUESDAY - dt.timedelta(days=1), reps=())


def somebody(name: str, company: factories.Company) -> User:
    return factories.rep(name, pools=("dach",), team=company.team, shifts=OFFICE)


def page(lead: Lead, obligation: str, now: dt.datetime) -> clock_page.ClockPage:
    clock = Clock.objects.filter(lead=lead, obligation=obligation, scope="STAGE").latest("pk")
    found = clock_page.build(lead, clock.pk, now=now, zone=UTC)
    assert found is not None
    return found


def parts(found: clock_page.ClockPage) -> dict[str, str]:
    return {part.label: part.length for part in found.parts}


def test_a_night_and_a_hand_over_are_told_apart_from_work(company: factories.Company) -> None:
    anna, ben = somebody("anna", company), somebody("ben", company)
    lead = factories.capture(now=TUESDAY + 7 * HOUR)
    first, second = (anna, ben) if lead.owner == anna else (ben, anna)
    actions.reassign(
        lead_id=lead.pk, to=second.pk, by=company.manager, reason="Illness", now=TUESDAY + 25 * HOUR
    )
    actions.log_activity(lead_id=lead.pk, by=second, kind="CALL", now=TUESDAY + 26 * HOUR)
    lead.refresh_from_db()

    found = page(lead, "first_contact", TUESDAY + 40 * HOUR)

    assert parts(found) == {
        "Off shift": "16 h 00 min 00 s",
        "With somebody at work": "3 h 00 min 00 s",
    }
    assert [(one.who, one.length, one.course) for one in found.stretches] == [
        (str(first), "18 h 00 min 00 s", "ran, 2 h 00 min 00 s of it at work"),
        (str(second), "1 h 00 min 00 s", "ran, 1 h 00 min 00 s of it at work"),
    ]
    assert found.ended == f"Stopped by {second}'s call of 11:00 yesterday (self-reported)."
    assert found.uncounted == ()
    assert sum(part.seconds for part in found.parts) == found.seconds == 19 * 3600


UNITS = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}


def seconds(shown: str) -> int:
    """What `2 h 05 min 07 s` says."""
    words = shown.split()
    return sum(int(n) * UNITS[u] for n, u in zip(words[::2], words[1::2], strict=True))


def test_what_is_shown_adds_up_by_eye(company: factories.Company) -> None:
    for name in ("anna", "ben"):
        somebody(name, company)
    odd = dt.timedelta(seconds=7, microseconds=400_000)
    asked = (TUESDAY - 2 * HOUR - odd).isoformat()
    lead = factories.capture(now=TUESDAY + odd, channel="EVENT", occurred_at=asked)
    reps = {rep.pk: rep for rep in User.objects.filter(username__in=["anna", "ben"])}
    for number in range(1, 6):
        lead.refresh_from_db()
        other = next(rep for pk, rep in reps.items() if pk != lead.owner_id)
        hand_on(lead, other, company, TUESDAY + number * (2 * HOUR + odd))

    found = page(lead, "accept", TUESDAY + 14 * HOUR)

    shown = {label: seconds(length) for label, length in parts(found).items()}
    held = [seconds(one.length) for one in found.stretches]
    since, before = found.since_start.removesuffix(" before").split(" since it started, ")
    assert sum(shown.values()) == seconds(found.total)
    assert sum(held) == seconds(since)
    assert sum(held) + seconds(before) == seconds(found.total)
    assert seconds(before) == shown["On its way to us"]
    at_work = [one.course.removeprefix("ran, ").removesuffix(" of it at work")
               for one in found.stretches]  # fmt: skip
    assert sum(map(seconds, at_work)) == shown["With somebody at work"]
    assert seconds(found.counted) == seconds(since), "its calendar never closes"
    assert shown["On its way to us"] == 2 * 3600 + 15
    assert shown["With somebody at work"] % 60, "no part is shown to the minute alone"


def test_it_tells_what_ended_it_and_what_was_logged_in_vain(company: factories.Company) -> None:
    anna = somebody("anna", company)
    lead = factories.capture(now=TUESDAY)
    log = {"lead_id": lead.pk, "by": anna, "kind": "CALL"}
    actions.log_activity(**log, at=TUESDAY - HOUR, now=TUESDAY + HOUR)
    actions.log_activity(**log, now=TUESDAY + 3 * HOUR)
    synced = Reported("phone", "c-1", verified=True)
    at = TUESDAY + dt.timedelta(minutes=10)
    actions.log_activity(**log, at=at, reported=synced, now=TUESDAY + 5 * HOUR)

    found = page(lead, "first_contact", TUESDAY + 6 * HOUR)

    assert found.ended.startswith("Stopped by Anna's call of 09:10 today (verified, from phone).")
    assert "known later" in found.ended
    [vain] = found.uncounted
    assert vain.text.endswith(
        "logged, but it stops no clock: it took place before the buyer asked."
    )
    assert (found.drawn.state, found.total) == ("Met", "10 min 00 s")


def test_what_was_done_outside_the_hours_took_none_of_them(company: factories.Company) -> None:
    anna = somebody("anna", company)
    lead = factories.capture(now=TUESDAY + 11 * HOUR)
    waiting.route(now=TUESDAY + 12 * HOUR)
    actions.reassign(
        lead_id=lead.pk, to=anna.pk, by=company.manager, reason="Now", now=TUESDAY + 12 * HOUR
    )
    actions.log_activity(lead_id=lead.pk, by=anna, kind="CALL", now=TUESDAY + 13 * HOUR)
    found = page(lead, "first_contact", TUESDAY + 30 * HOUR)
    assert found.drawn.line == (
        "Took none of 15 min (Office hours): nothing that counts had passed by 22:00 yesterday."
    )
    assert found.counted == "0 s"


def test_leave_of_who_holds_it_is_off_shift(company: factories.Company) -> None:
    anna = somebody("anna", company)
    lead = factories.capture(now=TUESDAY)
    Leave.objects.create(user=anna, starts_at=TUESDAY + HOUR, ends_at=TUESDAY + 4 * HOUR)

    found = page(lead, "accept", TUESDAY + 5 * HOUR)

    assert parts(found) == {
        "Off shift": "3 h 00 min 00 s",
        "With somebody at work": "2 h 00 min 00 s",
    }
    assert found.stretches[-1].until is None


def test_a_scan_that_came_days_later_tells_how_long_it_was_on_its_way(
    company: factories.Company,
) -> None:
    somebody("anna", company)
    lead = factories.capture(
        now=TUESDAY, channel="EVENT", occurred_at=(TUESDAY - 72 * HOUR).isoformat()
    )
    found = page(lead, "accept", TUESDAY + HOUR)
    assert parts(found)["On its way to us"] == "3 d 00 h 00 min 00 s"
    assert parts(found)["With somebody at work"] == "1 h 00 min 00 s"


def test_the_wait_that_an_assignment_ended_was_in_the_queue(company: factories.Company) -> None:
    anna = somebody("anna", company)
    lead = factories.capture(now=TUESDAY + 11 * HOUR)
    assert waiting.route(now=TUESDAY + 24 * HOUR) == 1
    found = page(lead, "accept", TUESDAY + 25 * HOUR)
    assert parts(found) == {
        "Waiting for somebody": "13 h 00 min 00 s",
        "With somebody at work": "1 h 00 min 00 s",
    }
    assert [one.who for one in found.stretches] == [str(anna)]


def test_waiting_in_a_queue_is_nobody_s(company: factories.Company) -> None:
    lead = factories.capture(now=TUESDAY)
    found = page(lead, "route", TUESDAY + 2 * HOUR)
    assert parts(found) == {"Waiting for somebody": "2 h 00 min 00 s"}
    assert [one.who for one in found.stretches] == ["Nobody"]


def test_it_is_seen_by_whoever_sees_its_lead(company: factories.Company) -> None:
    anna = somebody("anna", company)
    lead = factories.capture(now=TUESDAY)
    other = factories.capture(now=TUESDAY)
    stranger = factories.rep("stranger", team=factories.team("Elsewhere"))
    clock = Clock.objects.filter(lead=lead).latest("pk")

    def status(user: User, lead_id: int) -> int:
        client = Client()
        client.force_login(user)
        url = reverse("console:lead-clock", args=[lead_id, clock.pk])
        return client.get(url).status_code

    assert [status(who, lead.pk) for who in (anna, company.manager, stranger)] == [200, 200, 404]
    assert status(company.revops, other.pk) == 404


def test_the_number_of_queries_does_not_hang_on_what_happened(company: factories.Company) -> None:
    reps = [somebody(name, company) for name in ("anna", "ben", "clara")]
    lead = factories.capture(now=TUESDAY)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(lead, "accept", TUESDAY + 30 * HOUR)
        return len(asked)

    def tell(now: dt.datetime) -> None:
        sweeps.warn_and_breach(now=now)
        notices.drain(now=now)
        bundling.bundle(now=now)

    def mails() -> int:
        return Notice.objects.filter(lead=lead).exclude(mail=None).count()

    tell(TUESDAY + 20 * HOUR)
    queries()
    few, before = queries(), mails()
    for hour, rep in enumerate([*reps, *reps], start=21):
        if Lead.objects.get(pk=lead.pk).owner_id != rep.pk:
            hand_on(lead, rep, company, TUESDAY + hour * HOUR)
    tell(TUESDAY + 28 * HOUR)
    assert mails() > before > 0
    assert queries() == few <= 9


def hand_on(lead: Lead, rep: User, company: factories.Company, now: dt.datetime) -> Any:
    return actions.reassign(lead_id=lead.pk, to=rep.pk, by=company.manager, reason="Turn", now=now)


def test_it_says_who_was_told(company: factories.Company) -> None:
    anna = somebody("anna", company)
    lead = factories.capture(now=TUESDAY)
    sweeps.warn_and_breach(now=TUESDAY + 30 * HOUR)
    notices.drain(now=TUESDAY + 30 * HOUR)
    shown = page(lead, "accept", TUESDAY + 30 * HOUR)
    told = next(one.told for one in shown.steps if one.text.startswith("The deadline passed"))
    assert told == tuple(
        f"Told {who}: bell; mail waits to be sent" for who in (anna, company.manager)
    )
    assert not any(one.told for one in shown.steps if one.text.startswith("Started"))


SENT = TUESDAY + 27 * HOUR


@pytest.mark.parametrize(
    ("notice", "mail", "said"),
    [
        ({"mail_due_at": None}, None, "bell only, no mail"),
        ({"mail_due_at": SENT, "mail_together": True}, None, "bell; mail waits until 12:00 today"),
        ({"mail_due_at": None, "mailed_at": SENT}, None, "bell; mail sent 12:00 today"),
        ({}, {"state": "SENT", "sent_at": SENT}, "bell; mail sent 12:00 today"),
        ({}, {"state": "SENT", "sent_at": SENT, "digest": True}, "bell; digest sent 12:00 today"),
        ({}, {"due_at": SENT}, "bell; mail waits to be sent"),
        ({}, {"due_at": SENT, "last_error": "Refused"},
         "bell; mail failed so far, is tried again 12:00 today"),
        ({}, {"state": "DEAD", "last_error": "Refused"}, "bell; mail given up"),
        ({}, {"state": "MOOT"}, "bell; no mail, as it was settled before"),
    ],
)  # fmt: skip
def test_it_says_how_each_was_told(
    company: factories.Company, notice: dict[str, Any], mail: dict[str, Any] | None, said: str
) -> None:
    anna = somebody("anna", company)
    lead = factories.capture(now=TUESDAY)
    sweeps.warn_and_breach(now=TUESDAY + 26 * HOUR)
    notices.drain(now=TUESDAY + 26 * HOUR)
    sent = Mail.objects.create(to=anna, created_at=TUESDAY, **mail) if mail else None
    Notice.objects.filter(to=anna, lead=lead).update(mail=sent, **notice)
    shown = page(lead, "accept", TUESDAY + 30 * HOUR)
    lines = {line for one in shown.steps for line in one.told}
    assert f"Told {anna}: {said}" in lines
