"""Notices go out by a real SMTP conversation, and come through every way a server can fail."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from pytest_django import Settings

from governance.kit import Kit
from leads.models import Lead
from lifecycle import mail_server, mails, notices
from lifecycle.mails import Mailed
from lifecycle.models import Mail, MailAttempt, Notice, SentAgain
from people.models import User
from tests import mail_sink
from tests import small_company as company
from tests.mail_sink import Sink


@pytest.fixture
def smtp(settings: Settings) -> Settings:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_TIMEOUT = 1
    settings.BASE_URL = "https://leads.example.com"
    return settings


@pytest.fixture
def sink(smtp: Settings) -> Iterator[Sink]:
    with mail_sink.serving() as (server, port):
        smtp.EMAIL_PORT = port
        yield server


@pytest.fixture
def ana(kit: Kit) -> User:
    return company.person("Ana", time_zone="Europe/Berlin")


def waiting(owner: User, *, now: dt.datetime, company_name: str = "Acme GmbH") -> Notice:
    company.lead(owner=owner, now=now, company=company_name, due_at=now + dt.timedelta(hours=3))
    notices.drain(now=now)
    return Notice.objects.latest("id")


def the_mail() -> Mail:
    return Mail.objects.get()


def send(now: dt.datetime) -> Mailed:
    return mails.send_due(now=now)


def test_a_mail_says_what_and_until_when_and_nothing_of_the_buyer(
    sink: Sink, ana: User, now: dt.datetime
) -> None:
    notice = waiting(ana, now=now)
    assert send(now) == Mailed(sent=1)
    (message,), (to,) = sink.messages, sink.to
    body, page = mail_sink.text_of(message), mail_sink.html_of(message)
    assert to == "ana@example.com"
    assert message["Subject"] == "New lead: Acme GmbH"
    assert "Tue 3 Mar 2026, 14:00 (Europe/Berlin)" in body
    for said in (body, page):
        assert f"https://leads.example.com/leads/{notice.lead_id}/" in said
        assert "because the lead is, or was, yours to work" in said
        assert "https://leads.example.com/profile/notices/" in said
        for personal in ("Petra", "Private", "buyer.test"):
            assert personal not in said
    for remote in ("<img", "src=", "url(", "<link"):
        assert remote not in page
    notice.refresh_from_db()
    assert (notice.mailed_at, the_mail().state, the_mail().attempts) == (now, "SENT", 1)
    assert send(now) == Mailed()


@pytest.mark.parametrize(
    "name",
    ["<script>x</script>\r\nBcc: all@evil.test", "A\x0b\x85B\u2028Bcc: all@evil.test", "Z\x1b[31m"],
)
def test_a_company_cannot_write_headers_by_its_name(
    sink: Sink, ana: User, now: dt.datetime, name: str
) -> None:
    notice = waiting(ana, now=now)
    notice.lead.account.name = name
    notice.lead.account.save(update_fields=["name"])
    assert send(now).sent == 1
    (message,) = sink.messages
    assert message["Bcc"] is None
    assert "<script" not in mail_sink.html_of(message)
    assert sink.to == ["ana@example.com"]


class Watching(EmailBackend):
    """Notes how deep in transactions the caller is while a server would be spoken to."""

    depths: ClassVar[list[int]] = []

    def send_messages(self, messages: Any) -> int:
        self.depths.append(len(connection.savepoint_ids))
        return len(messages)


def test_no_transaction_is_open_while_the_server_is_spoken_to(
    settings: Settings, ana: User, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Watching"
    monkeypatch.setattr(Watching, "depths", [])
    waiting(ana, now=now)
    outside = len(connection.savepoint_ids)
    assert send(now).sent == 1
    assert Watching.depths == [outside]


def test_a_mail_refused_for_now_is_tried_again_later_and_later(
    sink: Sink, ana: User, now: dt.datetime
) -> None:
    waiting(ana, now=now)
    sink.rcpt["ana@example.com"] = "450 mailbox busy"
    waits, at = [], now
    for _ in range(mails.MOST_ATTEMPTS - 1):
        assert send(at) == Mailed(failed=1)
        due = the_mail().due_at
        assert due is not None
        waits.append(due - at)
        assert send(due - dt.timedelta(seconds=1)) == Mailed()
        at = due
    assert waits == sorted(waits)
    assert "mailbox busy" in the_mail().last_error
    sink.rcpt.clear()
    assert send(at) == Mailed(sent=1)
    assert not mails.undelivered().exists()


def test_a_mail_is_given_up_visibly_after_its_last_attempt(
    sink: Sink, ana: User, now: dt.datetime
) -> None:
    waiting(ana, now=now)
    sink.data = "451 try later"
    for day in range(20):
        send(now + dt.timedelta(days=day))
    assert the_mail().attempts == the_mail().tries.count() == mails.MOST_ATTEMPTS
    assert list(mails.undelivered()) == [the_mail()]
    sink.data = ""
    assert mails.revive(now=now) == 1
    assert send(now) == Mailed(sent=1)
    assert [one.arrived for one in the_mail().tries.order_by("pk")] == [False] * 8 + [True]
    assert SentAgain.objects.get(what=the_mail().pk).round == 2


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_mail_refused_for_good_is_not_tried_again(
    sink: Sink, ana: User, now: dt.datetime, where: str
) -> None:
    waiting(ana, now=now)
    if where == "rcpt":
        sink.rcpt["ana@example.com"] = "550 no such user"
    else:
        sink.data = "554 not wanted"
    assert send(now) == Mailed(failed=1)
    assert send(now + dt.timedelta(days=9)) == Mailed()
    assert list(mails.undelivered()) == [the_mail()]
    assert "@" not in the_mail().last_error


def test_one_refused_mail_does_not_hold_up_the_others(
    sink: Sink, ana: User, now: dt.datetime
) -> None:
    ben = company.person("Ben")
    waiting(ana, now=now)
    waiting(ben, now=now)
    waiting(ben, now=now)
    sink.rcpt["ana@example.com"] = "550 no such user"
    assert send(now) == Mailed(sent=2, failed=1)
    assert sink.to == ["ben@example.com"] * 2


def test_where_nobody_listens_one_mail_is_charged_and_the_pass_ends(
    smtp: Settings, ana: User, now: dt.datetime
) -> None:
    smtp.EMAIL_PORT = mail_sink.free_port()
    for _ in range(3):
        waiting(ana, now=now)
    assert send(now) == Mailed(failed=1, server_down=True)
    assert sorted(Mail.objects.values_list("attempts", flat=True)) == [0, 0, 1]


def test_a_server_that_never_answers_costs_one_timeout(
    smtp: Settings, ana: User, now: dt.datetime
) -> None:
    with mail_sink.mute() as port:
        smtp.EMAIL_PORT = port
        for _ in range(5):
            waiting(ana, now=now)
        began = time.monotonic()
        assert send(now) == Mailed(failed=1, server_down=True)
    assert time.monotonic() - began < 4 * smtp.EMAIL_TIMEOUT  # five mails would take five
    assert "timed out" in Mail.objects.order_by("-attempts")[0].last_error


@pytest.mark.parametrize("command", ["", "EHLO", "RCPT", "."])
def test_a_server_that_answers_byte_by_byte_is_left_when_the_conversation_takes_too_long(
    smtp: Settings, ana: User, now: dt.datetime, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(mail_server, "LONGEST", 0.5)
    with mail_sink.dripping(command) as port:
        smtp.EMAIL_PORT = port
        waiting(ana, now=now)
        assert send(now) == Mailed(failed=1, server_down=True)
    assert "did not answer in time" in Mail.objects.get().last_error


def test_no_conversation_outlasts_the_lease_of_its_mail() -> None:
    assert mails.LEASE.total_seconds() > 2 * mail_server.LONGEST


def test_a_mail_that_kills_its_sender_counts_and_is_not_sent_twice_at_once(
    sink: Sink, ana: User, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(ana, now=now)

    def killed(*_args: Any, **_kwargs: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(mails, "_note", killed)
    with pytest.raises(SystemExit):
        send(now)
    monkeypatch.undo()
    assert the_mail().attempts == 1
    assert send(now) == Mailed()
    assert send(now + mails.LEASE) == Mailed(sent=1)
    first, second = sink.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_who_has_left_is_not_mailed(sink: Sink, ana: User, now: dt.datetime) -> None:
    waiting(ana, now=now)
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert send(now) == Mailed(failed=1)
    assert sink.messages == []
    assert list(mails.undelivered()) == [the_mail()]


@pytest.mark.parametrize("keeps", [False, True])
def test_a_server_that_hangs_up_in_the_middle_of_a_mail_gets_it_again_under_the_same_id(
    sink: Sink, ana: User, now: dt.datetime, keeps: bool
) -> None:
    ben = company.person("Ben")
    waiting(ana, now=now)
    waiting(ben, now=now)
    sink.hangs_up, sink.keeps = True, keeps
    assert send(now) == Mailed(failed=1, server_down=True)
    sink.hangs_up = False
    assert send(now) == Mailed(sent=1)  # Ben's is not held up
    assert send(now + mails.FIRST_PAUSE) == Mailed(sent=1)
    ids = [one["Message-ID"] for one in sink.messages if one["To"] == "ana@example.com"]
    assert (len(ids), len(set(ids))) == (1 + keeps, 1)
    assert MailAttempt.objects.filter(arrived=True).count() == 2


def test_an_attempt_that_comes_back_after_another_arrived_does_not_count(
    sink: Sink, ana: User, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(ana, now=now)
    kept: list[Any] = []
    note = mails._note

    def paused(*args: Any, **named: Any) -> None:
        kept.append((args, named))

    monkeypatch.setattr(mails, "_note", paused)
    send(now)
    monkeypatch.setattr(mails, "_note", note)
    assert send(now + mails.LEASE).sent == 1
    (args, named) = kept[0]
    note(*args, **named)
    assert the_mail().state == "SENT"
    first, second = the_mail().tries.order_by("number")
    assert (first.arrived, first.why, second.arrived) == (False, mails.TOO_LATE, True)


def test_a_lead_that_went_on_meanwhile_is_not_mailed(
    sink: Sink, ana: User, now: dt.datetime
) -> None:
    notice = waiting(ana, now=now)
    Lead.objects.filter(pk=notice.lead_id).update(owner=company.person("Ben"))
    assert send(now) == Mailed()
    assert (the_mail().state, the_mail().last_error) == ("MOOT", mails.NOT_NEEDED)
