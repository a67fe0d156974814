"""Forty notices are one mail; what people chose; what waits for their working hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.core import mail as django_mail
from pytest_django import Settings

from governance.kit import Kit
from leads.models import Lead
from lifecycle import bundling, letters, mails, notices, windows
from lifecycle.mails import Mailed
from lifecycle.models import Mail, Notice, NoticePreference
from people.models import Leave, Role, Shift, User
from sla import sweeps
from sla.models import Clock
from tests import mail_sink
from tests import small_company as company
from tests.mail_sink import Sink

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.BASE_URL = "127.0.0.1", "https://leads.example.com"
    with mail_sink.serving() as (server, port):
        settings.EMAIL_PORT = port
        yield server


@pytest.fixture
def ana(kit: Kit) -> User:
    boss = company.person("Bo", role=Role.MANAGER)
    return company.person("Ana", team=company.team("East", manager=boss))


def told(now: dt.datetime) -> Mailed:
    while notices.drain(now=now).done:
        pass
    return mails.send_due(now=now)


def outage(ana: User, now: dt.datetime, *, leads: int) -> list[Lead]:
    """So many leads, all overdue by the time somebody looks."""
    found = [
        company.lead(owner=ana, company=f"Acme {n}", due_at=now + HOUR + n * MINUTE, now=now)
        for n in range(leads)
    ]
    sweeps.warn_and_breach(now=now + 5 * HOUR)
    return found


def test_after_an_outage_everybody_gets_one_mail_that_lists_what_to_do(
    sink: Sink, ana: User, now: dt.datetime
) -> None:
    leads = outage(ana, now, leads=8)
    later = now + 5 * HOUR
    assert told(later) == Mailed(sent=2)
    by = {one["To"]: one for one in sink.messages}
    text, page = (of(by["ana@example.com"]) for of in (mail_sink.text_of, mail_sink.html_of))
    assert by["ana@example.com"]["Subject"] == "8 notices: overdue 8"
    places = [text.index(f"leads/{lead.pk}/") for lead in leads]
    assert places == sorted(places)  # what is due first comes first
    assert text.count("leads.example.com/leads/") == page.count("leads.example.com/leads/") == 8
    assert "16 further notices were done meanwhile or told by a graver one" in text
    assert "Escalated to you" in mail_sink.text_of(by["bo@example.com"])
    assert not Notice.objects.filter(mailed_at=None).exists()
    assert told(later) == Mailed()


def test_while_notices_of_an_outage_are_still_being_made_their_mail_waits_for_the_rest(
    ana: User, now: dt.datetime
) -> None:
    outage(ana, now, leads=8)
    later = now + 5 * HOUR + MINUTE
    while notices.drain(now=later, limit=3).done:
        still = notices.waiting(before=later - bundling.BACKLOG)
        assert mails.send_due(now=later) == (Mailed() if still else Mailed(sent=2))
    assert mails.send_due(now=later) == Mailed()
    assert sum(row.notices for row in Mail.objects.all()) == Notice.objects.count() == 32


def test_for_what_does_not_come_mails_wait_two_minutes_at_most(ana: User, now: dt.datetime) -> None:
    outage(ana, now, leads=8)
    later = now + 5 * HOUR
    notices.drain(now=later, limit=10)
    assert mails.send_due(now=later + bundling.PATIENCE) == Mailed()
    assert mails.send_due(now=later + bundling.PATIENCE + MINUTE).sent > 0


def test_of_a_long_list_it_says_how_many_more_there_are_and_where(
    ana: User, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "MOST_ENTRIES", 5)
    outage(ana, now, leads=8)
    assert told(now + 5 * HOUR) == Mailed(sent=2)
    (mail,) = (one for one in django_mail.outbox if one.to == [ana.email])
    assert mail.subject == "8 notices: overdue 8"
    assert str(mail.body).count("/leads/") == 5
    assert "And 3 more: http" in mail.body


def test_what_was_done_meanwhile_is_left_out_of_a_digest(
    sink: Sink, ana: User, now: dt.datetime
) -> None:
    outage(ana, now, leads=8)
    later = now + 5 * HOUR
    sink.data = "451 try later"
    assert told(later) == Mailed(failed=2)
    company.stop_clock(Clock.objects.order_by("due_at")[0], now=later)
    sink.data = ""
    assert told(later + MINUTE) == Mailed(sent=2)
    (mail,) = (one for one in sink.messages if one["To"] == "ana@example.com")
    assert "Acme 0" not in mail_sink.text_of(mail).split("New leads")[0]
    assert mail["Subject"].startswith("8 notices: overdue 7")


def test_a_digest_whose_sender_is_killed_is_the_same_mail_again(
    sink: Sink, ana: User, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage(ana, now, leads=8)
    later = now + 5 * HOUR

    def killed(*_args: object, **_kwargs: object) -> None:
        raise SystemExit

    monkeypatch.setattr(mails, "_note", killed)
    with pytest.raises(SystemExit):
        told(later)
    monkeypatch.undo()
    assert told(later) == Mailed(sent=1)
    assert told(later + mails.LEASE) == Mailed(sent=1)
    ids = [one["Message-ID"] for one in sink.messages]
    assert (len(ids), len(set(ids)), Mail.objects.count()) == (3, 2, 2)


def test_one_after_the_other_they_become_a_digest_after_a_few(ana: User, now: dt.datetime) -> None:
    for minute in range(30):
        company.lead(owner=ana, now=now)
        told(now + minute * MINUTE / 4)
    told(now + 20 * MINUTE)
    counted = [row.notices for row in Mail.objects.order_by("pk")]
    assert counted[: bundling.FEW] == [1] * bundling.FEW
    assert (len(counted), sum(counted)) == (bundling.FEW + 1, 30)


def choose(user: User | None, **columns: object) -> None:
    given = {"digest_hours": [9], **columns}
    NoticePreference.objects.create(user=user, **given)


def test_what_somebody_wants_no_mail_of_stands_in_the_console_only(
    ana: User, now: dt.datetime
) -> None:
    choose(None, modes={"NEW_LEAD": "OFF"})
    company.lead(owner=ana, now=now)
    assert told(now) == Mailed()
    notice = Notice.objects.get()
    assert (notice.mail_due_at, notice.read_at) == (None, None)
    choose(ana, modes={"NEW_LEAD": "AT_ONCE"})
    company.lead(owner=ana, now=now)
    assert told(now) == Mailed(sent=1)


def test_a_digest_comes_at_the_hours_somebody_chose_in_their_own_zone(
    ana: User, now: dt.datetime
) -> None:
    ana.time_zone = "Asia/Kathmandu"  # 15:45 there
    ana.save(update_fields=["time_zone"])
    choose(ana, modes={"NEW_LEAD": "DIGEST"}, digest_hours=[8, 17])
    for _ in range(3):
        company.lead(owner=ana, now=now)
    assert told(now) == Mailed()
    assert told(now + 74 * MINUTE) == Mailed()
    assert told(now + 75 * MINUTE) == Mailed(sent=1)
    assert django_mail.outbox[0].subject == "3 notices: new leads 3"


def working(user: User) -> None:
    """Monday to Friday, nine to five."""
    for day in range(5):
        Shift.objects.create(user=user, weekday=day, starts=dt.time(9), ends=dt.time(17))


def test_outside_their_hours_nobody_is_mailed_and_in_the_console_all_stands_at_once(
    ana: User, now: dt.datetime
) -> None:
    working(ana)
    night = now.replace(hour=22)
    opens = now.replace(day=now.day + 1, hour=9)
    for _ in range(2):
        company.lead(owner=ana, now=night)
    assert told(night) == Mailed()
    assert Notice.objects.filter(to=ana, read_at=None).count() == 2
    assert told(opens - MINUTE) == Mailed()
    assert told(opens) == Mailed(sent=1)
    assert Mail.objects.get().digest


@pytest.mark.parametrize("role", Role.values)
def test_windows_are_those_of_everybody_whatever_they_do(
    kit: Kit, now: dt.datetime, role: str
) -> None:
    somebody, another = company.person("Somebody", role=role), company.person("Other", role=role)
    working(another)
    found = windows.of([somebody.pk, another.pk], at=now.replace(hour=22))
    opens = now.replace(day=now.day + 1, hour=9)
    night = now.replace(hour=22)
    assert [found[one.pk].opening(night) for one in (somebody, another)] == [night, opens]
    assert found[another.pk].is_on_shift(now)


def test_leave_that_was_entered_meanwhile_keeps_a_mail_until_they_are_back(
    ana: User, now: dt.datetime
) -> None:
    working(ana)
    night = now.replace(hour=22)
    company.lead(owner=ana, now=night)
    told(night)
    morning = now.replace(day=now.day + 1, hour=9)
    Leave.objects.create(user=ana, starts_at=night, ends_at=morning + 24 * HOUR)
    assert told(morning) == Mailed()
    assert told(morning + 24 * HOUR) == Mailed(sent=1)


def test_who_wants_mails_at_any_time_gets_them(ana: User, now: dt.datetime) -> None:
    working(ana)
    choose(ana, off_hours=True)
    company.lead(owner=ana, now=now.replace(hour=22))
    assert told(now.replace(hour=22)) == Mailed(sent=1)


def test_the_number_of_queries_does_not_grow_with_people_and_notices(
    kit: Kit, now: dt.datetime, django_assert_max_num_queries: object
) -> None:
    def made(people: int, each: int) -> int:
        for _ in range(people):
            user = company.person(f"P{User.objects.count()}")
            for _ in range(each):
                company.lead(owner=user, now=now)
        while notices.drain(now=now).done:
            pass
        with django_assert_max_num_queries(20):  # type: ignore[operator]
            return bundling.bundle(now=now)

    assert made(1, 2) == 2
    assert made(6, 3) == 18
