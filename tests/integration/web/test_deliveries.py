"""What was mailed and sent stands on a page of RevOps, with every attempt, and is sent again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import database, sealing
from integrations.models import Attempt, Endpoint, Sending
from lifecycle.models import Mail, MailAttempt, SentAgain
from people.models import Role, User
from tests import factories
from tests import small_company as company
from web.console import delivery_page

pytestmark = pytest.mark.django_db
PAGE = "/deliveries/"


@pytest.fixture
def ana() -> User:
    return company.person("Ana")


@pytest.fixture
def rita() -> Client:
    client = Client()
    client.force_login(company.person("Rita", role=Role.REVOPS))
    return client


def a_mail(to: User, *, state: str = "DEAD", why: str = "The mail server refused it") -> Mail:
    now = database.now()
    row = Mail.objects.create(
        to=to, created_at=now, state=state, attempts=1, last_error=why, digest=True, notices=8,
        due_at=now if state == "WAITING" else None, sent_at=now if state == "SENT" else None,
    )  # fmt: skip
    MailAttempt.objects.create(
        mail=row, round=1, number=1, at=now, arrived=state == "SENT", milliseconds=7, why=why
    )
    return row


def a_sending(*, kind: str = "SLACK", state: str = "DEAD") -> Sending:
    label = f"{kind} {Endpoint.objects.count()}"
    secret = sealing.seal("x") if kind == "EVENTS" else ""
    endpoint = Endpoint.objects.create(
        label=label, kind=kind, url="sealed", host="hooks.example.com", secret=secret,
        kinds=["ASSIGNED"],
    )  # fmt: skip
    now = database.now()
    row = Sending.objects.create(
        endpoint=endpoint, key=f"k{endpoint.pk}", kind="ASSIGNED", created_at=now, state=state,
        attempts=1, last_error="It answered 500.", sent_at=now if state == "SENT" else None,
    )  # fmt: skip
    Attempt.objects.create(
        sending=row, round=1, number=1, at=now, arrived=state == "SENT", status=500,
        milliseconds=3, why="It answered 500.",
    )  # fmt: skip
    return row


def text(client: Client, **query: Any) -> str:
    answer = client.get(PAGE, query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("way", ["mail", "chat", "webhook"])
def test_an_empty_log_says_what_will_stand_there(rita: Client, way: str) -> None:
    assert "will stand here" in text(rita, way=way)


def test_more_than_it_counts_is_said_to_be_more(
    rita: Client, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_page, "COUNTED", 2)
    a_mail(ana)
    a_mail(ana)
    assert "2 given up" in text(rita)
    assert "more than" not in text(rita)
    a_mail(ana)
    assert "more than 2 given up" in text(rita)


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_is_for_revops(ana: User, method: str) -> None:
    client = Client()
    client.force_login(ana)
    path = PAGE if method == "get" else reverse("console:deliveries-again")
    assert getattr(client, method)(path).status_code == 403


def test_it_names_to_whom_in_which_state_and_why(rita: Client, ana: User) -> None:
    a_mail(ana)
    page = text(rita)
    for word in ("Digest of 8 notices", "ana@example.com", "Given up", "1 given up",
                 "The mail server refused it", "Send again"):  # fmt: skip
        assert word in page
    a_sending(kind="TEAMS")
    assert "hooks.example.com" in text(rita, way="chat")
    assert "Nothing yet" in text(rita, way="webhook")


def test_it_is_filtered_by_state_person_and_endpoint(rita: Client, ana: User) -> None:
    ben = company.person("Ben")
    a_mail(ana, why="Mailbox is full")
    a_mail(ben, state="SENT", why="")
    assert "Mailbox is full" in text(rita, state="DEAD")
    assert "taken after 7 ms" not in text(rita, state="DEAD")
    assert "Mailbox is full" not in text(rita, to=ben.pk)
    assert "Nothing matches" in text(rita, to=ana.pk, state="SENT")
    hook = a_sending(kind="EVENTS")
    assert "It answered 500." in text(rita, way="webhook", to=hook.endpoint_id)
    for odd in ({"state": "X"}, {"to": "x"}, {"before": "-1"}, {"way": "pigeon"}):
        text(rita, **odd)


def test_sending_again_is_kept_with_who_did_it(rita: Client, ana: User) -> None:
    mail, chat = a_mail(ana), a_sending()
    for way, row in (("mail", mail), ("chat", chat)):
        answer = rita.post(
            reverse("console:deliveries-again"), {"way": way, "what": row.pk, "next": "//evil"}
        )
        assert (answer.status_code, answer["Location"]) == (303, PAGE)
        row.refresh_from_db()
        assert (row.state, row.round, row.attempts) == (type(row).State.values[0], 2, 0)
        assert "Rita had it sent again" in text(rita, way=way)
    assert {one.by.username for one in SentAgain.objects.all() if one.by} == {"rita"}


def test_all_that_was_given_up_is_sent_again_and_nothing_else(rita: Client, ana: User) -> None:
    dead, sent = [a_mail(ana), a_mail(ana)], a_mail(ana, state="SENT", why="")
    rita.post(reverse("console:deliveries-again"), {"way": "mail", "what": "all"})
    assert set(Mail.objects.filter(state="WAITING")) == set(dead)
    sent.refresh_from_db()
    assert sent.round == 1


@pytest.mark.parametrize("what", ["", "x", "9999999", "1" * 40])
def test_what_is_not_there_is_said(rita: Client, what: str) -> None:
    answer = rita.post(reverse("console:deliveries-again"), {"way": "mail", "what": what})
    assert answer.status_code == 303
    assert not SentAgain.objects.exists()


def test_pages_cost_the_same_however_many_rows(rita: Client, ana: User) -> None:
    def asked(**query: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            text(rita, **query)
        return len(queries)

    def more() -> None:
        a_mail(ana)
        a_sending()

    more()
    text(rita)
    few = {way: asked(way=way) for way in ("mail", "chat")}
    for _ in range(60):
        more()
    assert {way: asked(way=way) for way in ("mail", "chat")} == few
    assert max(few.values()) <= 20
    assert "Older" in text(rita)
    assert "Newest" in text(rita, before=Mail.objects.latest("pk").pk - 49)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lifecycle_mailattempt SET arrived = true",
        "DELETE FROM lifecycle_mailattempt",
        "TRUNCATE lifecycle_mailattempt CASCADE",
        "TRUNCATE lifecycle_sentagain CASCADE",
        "TRUNCATE integrations_attempt CASCADE",
    ],
)
def test_attempts_are_neither_changed_nor_truncated(ana: User, statement: str) -> None:
    a_mail(ana)
    factories.check_rules()
    with pytest.raises(DatabaseError) as told, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert "Cannot" in str(told.value) or "is not truncated" in str(told.value)


@pytest.mark.parametrize(
    ("due", "rests", "says"),
    [
        (-5, 4, "its endpoint rests until"),
        (5, 4, "next"),
        (5, None, "next"),
        (-5, -1, "goes out within seconds"),
        (-5, None, "goes out within seconds"),
    ],
)
def test_when_it_goes_out_is_never_past(
    rita: Client, due: int, rests: int | None, says: str
) -> None:
    now = database.now()

    def minutes(count: int) -> dt.datetime:
        return now + dt.timedelta(minutes=count)

    row = a_sending()
    Sending.objects.filter(pk=row.pk).update(state="RETRYING", due_at=minutes(due))
    until = None if rests is None else minutes(rests)
    Endpoint.objects.filter(pk=row.endpoint_id).update(resting_until=until)
    answer = rita.get(PAGE, {"way": "chat"})
    shown = answer.context["deliveries"].rows[0]
    assert shown.next_words == says
    assert shown.next_words in answer.content.decode()
    assert ("it goes out then" in answer.content.decode()) == ("rests" in says)
    assert shown.next_at == (None if "seconds" in says else until if "rests" in says
                             else minutes(due))  # fmt: skip
