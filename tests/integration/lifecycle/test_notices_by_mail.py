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
from lifecycle import mails, notices
from lifecycle.mails import Mailed
from lifecycle.models import Notice
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


def send(now: dt.datetime) -> Mailed:
    return mails.send_due(now=now)


def test_a_mail_says_what_and_until_when_and_nothing_of_the_buyer(
    sink: Sink, ana: User, now: dt.datetime
) -> None:
    notice = waiting(ana, now=now)
    assert send(now) == Mailed(sent=1)
    (message,), (to,) = sink.messages, sink.to
    body = message.get_payload(decode=True).decode()
    assert to == "ana@example.com"
    assert message["Subject"] == "New lead: Acme GmbH"
    assert "Tue 3 Mar 2026, 14:00 (Europe/Berlin)" in body
    assert f"https://leads.example.com/leads/{notice.lead_id}/" in body
    for personal in ("Petra", "Private", "buyer.test"):
        assert personal not in str(message)
    notice.refresh_from_db()
    assert (notice.mailed_at, notice.mail_attempts, notice.mail_error) == (now, 1, "")
    assert send(now) == Mailed()


@pytest.mark.parametrize(
    "name", ["Acme\r\nBcc: all@evil.test", "A\x0b\x85B\u2028Bcc: all@evil.test", "Z\x1b[31m"]
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
        due = Notice.objects.get().mail_due_at
        assert due is not None
        waits.append(due - at)
        assert send(due - dt.timedelta(seconds=1)) == Mailed()
        at = due
    assert waits == sorted(waits)
    assert "mailbox busy" in Notice.objects.get().mail_error
    sink.rcpt.clear()
    assert send(at) == Mailed(sent=1)
    assert not mails.undelivered().exists()


def test_a_mail_is_given_up_visibly_after_its_last_attempt(
    sink: Sink, ana: User, now: dt.datetime
) -> None:
    notice = waiting(ana, now=now)
    sink.data = "451 try later"
    for day in range(20):
        send(now + dt.timedelta(days=day))
    notice.refresh_from_db()
    assert notice.mail_attempts == mails.MOST_ATTEMPTS
    assert list(mails.undelivered()) == [notice]
    sink.data = ""
    assert mails.revive(now=now) == 1
    assert send(now) == Mailed(sent=1)


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_mail_refused_for_good_is_not_tried_again(
    sink: Sink, ana: User, now: dt.datetime, where: str
) -> None:
    notice = waiting(ana, now=now)
    if where == "rcpt":
        sink.rcpt["ana@example.com"] = "550 no such user"
    else:
        sink.data = "554 not wanted"
    assert send(now) == Mailed(failed=1)
    assert send(now + dt.timedelta(days=9)) == Mailed()
    assert list(mails.undelivered()) == [notice]


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
    assert sorted(Notice.objects.values_list("mail_attempts", flat=True)) == [0, 0, 1]


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
    assert "timed out" in Notice.objects.order_by("-mail_attempts")[0].mail_error


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
    assert Notice.objects.get().mail_attempts == 1
    assert send(now) == Mailed()
    assert send(now + mails.LEASE) == Mailed(sent=1)
    first, second = sink.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_who_has_left_is_not_mailed(sink: Sink, ana: User, now: dt.datetime) -> None:
    notice = waiting(ana, now=now)
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert send(now) == Mailed(failed=1)
    assert sink.messages == []
    assert list(mails.undelivered()) == [notice]
