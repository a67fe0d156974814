"""Mail taken in: touchpoints of buyers, activities of ours, each mail once."""

from __future__ import annotations

import contextlib
import email.utils
import io
import mailbox
import re
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from leads.models import Activity, Lead, Touch
from lifecycle import set_aside
from lifecycle.mailroom import boxes, receiving
from lifecycle.mailroom.receiving import Outcome
from people import services
from tests import factories
from tests.unit.lifecycle.test_letter import mail

NOW = factories.NOW + 80 * factories.DAY


@pytest.fixture
def company(db: None, settings: Any) -> factories.Company:
    settings.MAIL_DOMAIN = "in.our.company"
    return factories.company()


def test_a_buyers_mail_is_one_touchpoint_however_often_it_comes(company: factories.Company) -> None:
    first = receiving.receive(mail(), now=NOW)
    again = receiving.receive(mail(), now=NOW + factories.HOUR)
    assert (first.outcome, again.outcome) == (Outcome.TAKEN, Outcome.KNOWN)
    assert first.leads == again.leads
    touch = Touch.objects.get()
    assert touch.channel == "INBOUND_EMAIL"
    assert touch.payload["person"]["last_name"] == "Lindqvist"
    assert "Prices" in touch.payload["note"]


def test_a_blind_copy_is_evidence_of_contact_with_a_known_buyer(company: factories.Company) -> None:
    lead = factories.capture(person={"email": "mara@nordwind.de"}, now=NOW)
    rep = company.reps[0]
    blind = receiving.blind_address(services.mail_token(rep))
    sent = mail(From=rep.email, To="Mara <Mara@Nordwind.de>", Delivered_To=blind, Date="")
    for _ in range(2):
        assert receiving.receive(sent, now=NOW + factories.MINUTE).outcome is Outcome.LOGGED
    activity = Activity.objects.get()
    assert (activity.lead_id, activity.by_id, activity.verified) == (lead.pk, rep.pk, True)
    assert Touch.objects.count() == 1
    assert Lead.objects.get(pk=lead.pk).hand_raised_at is None


@pytest.mark.parametrize(
    ("sent", "received", "counts", "verified"),
    [
        (-20, -10, -20, True),
        (-25, -10, -25, True),
        (-26, -10, -10, False),  # its writer's clock, or hand, says something else than ours
        (-60 * 24, -10, -10, False),
        (-60, None, 0, False),
        (30, -10, -10, True),
    ],
)
def test_the_date_of_a_blind_copy_is_believed_near_when_our_server_had_it(
    company: factories.Company, sent: int, received: int | None, counts: int, verified: bool
) -> None:
    factories.capture(person={"email": "mara@nordwind.de"}, now=NOW - factories.DAY)
    rep = company.reps[0]
    headers = {"Date": _dated(sent), "Received": f"by mx.our.company; {_dated(received or 0)}"}
    if received is None:
        del headers["Received"]
    blind = receiving.blind_address(services.mail_token(rep))
    raw = mail(From=rep.email, To="mara@nordwind.de", Delivered_To=blind, **headers)
    for later in range(2):
        done = receiving.receive(raw, now=NOW + later * factories.MINUTE)
        assert done.outcome is Outcome.LOGGED, done
    activity = Activity.objects.get()
    assert (activity.at, activity.verified) == (NOW + counts * factories.MINUTE, verified)


def _dated(minutes: int) -> str:
    return email.utils.format_datetime(NOW + minutes * factories.MINUTE)


def test_a_blind_copy_to_a_stranger_makes_them_known(company: factories.Company) -> None:
    rep = company.reps[0]
    sent = mail(From=rep.email, To="tom@fenwick.co.uk, lucy@fenwick.co.uk")
    received = receiving.receive(sent, now=NOW)
    assert received.outcome is Outcome.LOGGED
    assert set(Lead.objects.values_list("channel", flat=True)) == {"OUTBOUND"}
    assert Activity.objects.count() == len(received.leads) == 2


@pytest.mark.parametrize(
    ("sender", "person"),
    [
        ("Mara <mara@nordwind>", {"first_name": "Mara", "email": "mara@nordwind"}),
        ("Mara <kein-mail@>", {"first_name": "Mara", "email": "kein-mail@"}),
        ("Mara Roe", {"first_name": "Mara", "last_name": "Roe"}),
        ("", {}),
    ],
)
def test_a_mail_from_no_address_waits_for_people_who_mend_it(
    company: factories.Company, sender: str, person: dict[str, str]
) -> None:
    raw = mail("Please call", From=sender)
    for _ in range(2):
        assert receiving.receive(raw, now=NOW).outcome is Outcome.KEPT
    touch = Touch.objects.get()
    assert (touch.status, touch.payload["person"]) == ("PARKED", person)
    assert touch.last_error.startswith("person")
    mended = touch.payload | {"person": {"email": "mara@nordwind.de"}}
    set_aside.mend(
        touch.pk, mended, by=company.revops, seen=set_aside.fingerprint(touch.payload), now=NOW
    )
    assert "Please call" in Lead.objects.get().touches.get().payload["note"]


def test_mails_that_share_an_id_are_all_taken_and_each_once(company: factories.Company) -> None:
    told = [mail(text, From=f"{name} <{name}@nordwind.de>") for name, text in
            (("mara", "One"), ("tom", "Two"), ("mara", "Three"))]  # fmt: skip
    assert [receiving.receive(raw, now=NOW).outcome for raw in told] == [Outcome.TAKEN] * 3
    assert [receiving.receive(raw, now=NOW).outcome for raw in told] == [Outcome.KNOWN] * 3
    assert Touch.objects.count() == 3


def test_a_mail_that_fails_stays_where_it_is_and_the_others_go_on(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box", create=True)
    for text in ("poison", "fine", "fine"):
        box.add(mail(text))

    def take(raw: bytes) -> receiving.Received:
        if b"poison" in raw:
            raise RecursionError
        return receiving.Received(Outcome.TAKEN, "")

    assert boxes.from_maildir(tmp_path / "box", take) == {"FAILED": 1, "TAKEN": 2}
    assert boxes.from_maildir(tmp_path / "box", take) == {"FAILED": 1}


def test_mails_that_cannot_be_written_again_are_moved_as_they_came(tmp_path: Path) -> None:
    nested = b"From: a@b.de\r\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (one, one)
        for one in range(600)
    )
    odd = b"From: a@b.de\r\nContent-Type: text/pl\xe4in; charset=\xff\r\n\r\nHello"
    mailbox.Maildir(tmp_path / "box", create=True)
    for number, raw in enumerate((nested, odd, mail("fine"))):
        (tmp_path / "box" / "new" / f"{number}.host").write_bytes(raw)
    seen: list[bytes] = []

    def take(raw: bytes) -> receiving.Received:
        seen.append(raw)
        return receiving.Received(Outcome.REFUSED if raw == odd else Outcome.TAKEN, "")

    assert boxes.from_maildir(tmp_path / "box", take) == {"TAKEN": 2, "REFUSED": 1}
    assert boxes.from_maildir(tmp_path / "box", take) == {}
    assert seen == [nested, odd, mail("fine")]
    assert (tmp_path / "box" / "cur" / "0.host:2,S").read_bytes() == nested
    assert (tmp_path / "box" / ".Refused" / "new" / "1.host").read_bytes() == odd


def test_machines_and_ourselves_are_passed_over(company: factories.Company) -> None:
    for raw in (
        mail(Auto_Submitted="auto-replied"),
        mail(From=company.reps[0].email, To=company.reps[1].email),
    ):
        assert receiving.receive(raw, now=NOW).outcome is Outcome.PASSED_OVER
    assert not Touch.objects.exists()


def test_a_maildir_is_emptied_once_and_refused_mail_is_kept_beside(
    company: factories.Company, tmp_path: Path
) -> None:
    box = mailbox.Maildir(tmp_path / "box", create=True)
    box.add(mail())
    box.add(b"no mail at all")
    done = boxes.from_maildir(tmp_path / "box", receiving.receive)
    assert done == {"TAKEN": 1, "REFUSED": 1}
    assert not boxes.from_maildir(tmp_path / "box", receiving.receive)
    assert len(mailbox.Maildir(tmp_path / "box").get_folder("Refused")) == 1
    with pytest.raises(boxes.BoxUnreachable):
        boxes.from_maildir(tmp_path, receiving.receive)


def test_the_command_tells_mail_servers_what_became_of_a_mail(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(mail())))
    call_command("receive_mail", stdout=out)
    assert "A touchpoint of lead" in out.getvalue()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"no mail at all")))
    with pytest.raises(CommandError) as refused:
        call_command("receive_mail", stdout=out)
    assert refused.value.returncode == 65


class _Imap(socketserver.StreamRequestHandler):
    """As much of an IMAP server as one client needs."""

    server: Any

    def handle(self) -> None:
        self.say("* OK ready")
        for line in self.rfile:
            tag, _, rest = line.decode().strip().partition(" ")
            words = rest.split()
            verb = " ".join(words[:2]) if words and words[0] == "UID" else words[0]
            if not self.answer(verb.upper(), rest):
                self.say(f"{tag} NO not here")
                continue
            self.say(f"{tag} OK done")
            if verb.upper() == "LOGOUT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def answer(self, verb: str, rest: str) -> bool:
        box: dict[int, bytes] = self.server.unseen
        if verb == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1")
        elif verb == "LOGIN":
            return '"secret"' in rest or rest.endswith("secret")
        elif verb == "UID SEARCH":
            self.say("* SEARCH " + " ".join(map(str, box)))
        elif verb == "UID FETCH":
            uid = int(rest.split()[2])
            self.say(f"* 1 FETCH (UID {uid} BODY[] {{{len(box[uid])}}}")
            self.wfile.write(box[uid] + b")\r\n")
        elif verb == "UID COPY":
            self.server.copied.append(int(rest.split()[2]))
        elif verb == "UID STORE":
            found = re.search(r"STORE (\d+)", rest)
            box.pop(int(found[1]) if found else 0)
        return True


@contextlib.contextmanager
def imap(*mails: bytes) -> Iterator[Any]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Imap) as server:
        server.unseen = dict(enumerate(mails, start=1))  # type: ignore[attr-defined]
        server.copied = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def test_an_imap_folder_is_read_once_and_refused_mail_is_copied_aside(
    company: factories.Company,
) -> None:
    with imap(mail(), b"no mail at all") as server:
        url = f"imap://desk@127.0.0.1:{server.server_address[1]}/INBOX"
        assert boxes.from_imap(url, "secret", receiving.receive) == {"TAKEN": 1, "REFUSED": 1}
        assert (server.unseen, server.copied) == ({}, [2])
        with pytest.raises(boxes.BoxUnreachable) as refused:
            boxes.from_imap(url, "wrong", receiving.receive)
        assert "wrong" not in refused.value.message


@pytest.mark.parametrize("url", ["http://x/y", "imaps://host/INBOX", "imap://u@127.0.0.1:1/INBOX"])
def test_a_mailbox_that_cannot_be_opened_is_named(url: str) -> None:
    with pytest.raises(boxes.BoxUnreachable):
        boxes.from_imap(url, "secret", receiving.receive)
