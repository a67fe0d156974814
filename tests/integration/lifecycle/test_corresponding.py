"""Mails to buyers: held, sent by the writer's own server, logged, their answers known."""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from core import database, errors
from leads.models import Activity, Lead
from lifecycle import contacting, corresponding, mailboxes
from lifecycle.mailroom import receiving
from lifecycle.models import Mailbox, OutgoingMail
from people.models import User
from sla.models import Clock
from tests import factories, mail_sink

pytestmark = pytest.mark.django_db
LATER = dt.timedelta(seconds=11)


@pytest.fixture
def anna() -> User:
    company = factories.company(now=database.now() - dt.timedelta(days=1), reps=("anna",))
    [anna] = company.reps
    anna.email = "anna@ours.test"
    anna.save(update_fields=["email"])
    return anna


@pytest.fixture
def lead(anna: User) -> Lead:
    return factories.capture(now=database.now(), person={"email": "mara@nordwind.de"})


@pytest.fixture
def sink(anna: User, settings: Any) -> Iterator[mail_sink.Sink]:
    """The server anna's mails go out by."""
    settings.ALLOW_PRIVATE_PROVIDERS = True
    with mail_sink.serving() as (sink, port):
        mailboxes.save(by=anna, host="127.0.0.1", port=port, security="NONE")
        yield sink


def write(lead: Lead, by: User, **more: Any) -> OutgoingMail:
    asked = {"subject": "Your question", "body": "Dear Mara,\nyes.", **more}
    return corresponding.write(lead_id=lead.pk, by=by, **asked)


def later() -> dt.datetime:
    return database.now() + LATER


def test_a_mail_waits_goes_out_once_and_is_a_contact(
    lead: Lead, anna: User, sink: mail_sink.Sink
) -> None:
    mail = write(lead, anna)
    assert corresponding.send_due(now=database.now()) == (0, 0)  # it can be taken back still
    assert corresponding.send_due(now=later()) == (1, 0)
    assert corresponding.send_due(now=later() + dt.timedelta(hours=1)) == (0, 0)
    [sent] = sink.messages
    assert sent["Message-ID"] == f"<{mail.message_id}>"
    assert (sink.to, sent["From"]) == (["mara@nordwind.de"], f"{anna} <anna@ours.test>")
    assert "yes." in str(sent.get_payload())
    mail.refresh_from_db()
    activity = mail.activity
    assert activity is not None
    assert (mail.state, activity.kind, activity.verified) == ("SENT", "EMAIL", True)
    assert mail.message_id in activity.external_id
    first = Clock.objects.filter(lead=lead, obligation__in=["first_contact", "respond"])
    assert {clock.state for clock in first} == {"STOPPED"}


def test_what_went_out_and_was_not_logged_is_logged_and_not_sent_again(
    lead: Lead, anna: User, sink: mail_sink.Sink
) -> None:
    mail = write(lead, anna)
    OutgoingMail.objects.update(sent_at=mail.created_at, attempts=1)
    assert corresponding.send_due(now=later()) == (1, 0)
    mail.refresh_from_db()
    assert (mail.state, mail.activity is not None, sink.messages) == ("SENT", True, [])


def test_it_is_taken_back_before_it_goes_and_not_after(
    lead: Lead, anna: User, sink: mail_sink.Sink
) -> None:
    corresponding.take_back(mail_id=write(lead, anna).pk, by=anna)
    assert corresponding.send_due(now=later()) == (0, 0)
    mail = write(lead, anna)
    corresponding.send_due(now=later())
    with pytest.raises(errors.TooLate):
        corresponding.take_back(mail_id=mail.pk, by=anna)
    assert len(sink.messages) == 1


def test_who_must_not_be_written_to_is_not_not_even_when_it_is_said_meanwhile(
    lead: Lead, anna: User, sink: mail_sink.Sink
) -> None:
    Lead.objects.update(hand_raised_at=None)
    mail = write(lead, anna)
    contacting.say(lead_id=lead.pk, by=anna, way="EMAIL", state="REFUSED", source="A call")
    with pytest.raises(contacting.NotToBeContacted, match="said no"):
        write(lead, anna)
    assert corresponding.send_due(now=later()) == (0, 1)
    mail.refresh_from_db()
    assert (mail.state, sink.messages) == ("FAILED", [])
    assert "said no" in mail.last_error


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"subject": " "}, "subject"),
        ({"body": ""}, "body"),
        ({"body": "Dear {{first_name}}"}, "body"),
    ],
)
def test_what_is_empty_or_left_open_is_not_sent(
    lead: Lead, anna: User, sink: mail_sink.Sink, said: dict[str, str], fault: str
) -> None:
    with pytest.raises(errors.InvalidInput) as refusal:
        write(lead, anna, **said)
    assert [one.field for one in refusal.value.errors] == [fault]


def test_a_subject_makes_no_header(lead: Lead, anna: User, sink: mail_sink.Sink) -> None:
    write(lead, anna, subject="Hello\r\nBcc: all@ours.test")
    assert corresponding.send_due(now=later()) == (1, 0)
    assert sink.to == ["mara@nordwind.de"]
    assert sink.messages[0]["Bcc"] is None


def test_only_who_works_the_lead_writes_and_only_with_a_server(lead: Lead, anna: User) -> None:
    with pytest.raises(mailboxes.NotSetUp):
        write(lead, anna)
    with pytest.raises(errors.TooLate):
        write(lead, factories.rep("bert", pools=[]))


def test_a_server_that_is_down_is_tried_again_and_then_given_up(
    lead: Lead, anna: User, settings: Any
) -> None:
    settings.ALLOW_PRIVATE_PROVIDERS = True
    mailboxes.save(by=anna, host="127.0.0.1", port=mail_sink.free_port(), security="NONE")
    mail, now = write(lead, anna), later()
    for _ in range(len(corresponding.PAUSES)):
        assert corresponding.send_due(now=now) == (0, 1)
        mail.refresh_from_db()
        assert (mail.state, mail.due_at > now) == ("WAITING", True)
        now = mail.due_at
    corresponding.send_due(now=now)
    mail.refresh_from_db()
    assert mail.state == "FAILED"
    assert "could not be reached" in mail.last_error
    with mail_sink.serving() as (sink, port):
        mailboxes.save(by=anna, host="127.0.0.1", port=port, security="NONE")
        corresponding.send_again(mail_id=mail.pk, by=anna, now=now)
        assert corresponding.send_due(now=now) == (1, 0)
        assert len(sink.messages) == 1


def test_an_address_that_the_server_refuses_is_given_up_at_once(
    lead: Lead, anna: User, sink: mail_sink.Sink
) -> None:
    sink.rcpt["mara@nordwind.de"] = "550 nobody here"
    mail = write(lead, anna)
    corresponding.send_due(now=later())
    mail.refresh_from_db()
    assert (mail.state, "nobody here" in mail.last_error) == ("FAILED", True)
    assert not Activity.objects.filter(lead=lead).exists()


def test_a_wrong_password_is_told_and_not_tried_for_hours(lead: Lead, anna: User) -> None:
    mail = write_without_server(lead, anna)
    shut = smtplib.SMTPAuthenticationError(535, b"wrong password")
    corresponding._note_failure(mail, shut, database.now())
    mail.refresh_from_db()
    assert (mail.state, "wrong password" in mail.last_error) == ("FAILED", True)


def write_without_server(lead: Lead, by: User) -> OutgoingMail:
    now = database.now()
    return OutgoingMail.objects.create(
        lead=lead, by=by, to="a@b.test", subject="a", body="b", message_id="x@ours.test",
        due_at=now, created_at=now, attempts=1,
    )  # fmt: skip


def reply(mail: OutgoingMail, **headers: str) -> bytes:
    lines = {
        "From": "Mara <mara.private@web.test>", "To": "anna@ours.test", "Subject": "Re: yes",
        "Message-ID": "<1@web.test>", "References": f"<0@ours.test> <{mail.message_id}>", **headers,
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{head}\r\nWhen can we talk?\r\n".encode()


def test_an_answer_is_known_by_the_mail_it_names_from_whichever_address(
    lead: Lead, anna: User, sink: mail_sink.Sink
) -> None:
    mail = write(lead, anna)
    corresponding.send_due(now=later())
    now = later() + dt.timedelta(minutes=5)
    answer = receiving.receive(reply(mail), now=now)
    assert (answer.outcome, answer.leads) == (receiving.Outcome.LOGGED, (lead.pk,))
    assert receiving.receive(reply(mail), now=now).outcome is receiving.Outcome.KNOWN
    said = Activity.objects.get(lead=lead, direction="INBOUND")
    assert "When can we talk?" in said.note
    assert Lead.objects.count() == 1
    bounce = reply(mail, From="MAILER-DAEMON@web.test", **{"Message-ID": "<2@web.test>"})
    assert receiving.receive(bounce, now=now).leads == (lead.pk,)
    assert Activity.objects.get(lead=lead, outcome="BOUNCED").automatic
    client = Client()
    client.force_login(anna)
    page = client.get(f"/leads/{lead.pk}/").content.decode()
    assert "The buyer answered a mail of" in page
    assert "came back undelivered" in page


def test_secrets_are_sealed_and_servers_must_be_on_the_internet(anna: User) -> None:
    for host, port in (("127.0.0.1", 587), ("mail.internal", 587), ("smtp.example.com", 22)):
        with pytest.raises(errors.InvalidInput):
            mailboxes.save(by=anna, host=host, port=port, security="TLS")
    asked: dict[str, Any] = {"by": anna, "port": 587, "security": "STARTTLS", "username": "anna"}
    mailboxes.save(host="smtp.example.com", password="pass-word-1", **asked)
    stored = Mailbox.objects.get().password
    assert "pass-word-1" not in stored
    mailboxes.save(host="smtp.example.com", **asked)
    assert Mailbox.objects.get().password == stored
    with pytest.raises(errors.InvalidInput, match="again for another server"):
        mailboxes.save(host="smtp.evil.test", **asked)
