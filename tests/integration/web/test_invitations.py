"""People come in by invitation: many at once, by a real mail, through a link that works once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core import database
from lifecycle import access_mails
from people import invitation_rows, inviting
from people.models import AccessMail, Invitation, Role, Shift, Team, User
from tests import factories, mail_sink, pages
from tests.logging_in import somebody

pytestmark = pytest.mark.django_db

PAGE = "/team/invitations/"
LINES = """Name;E-mail;Role;Team;Time zone
Ann Lee;ann@example.com;SDR;North;Europe/Berlin
Bo Ray;bo@example.com;account executive;;
Cy;cy@elsewhere.org;SDR;;
Di;di@example.com;Boss;;Mars/Olympus
;rita@example.com;;;
Ed;ed@example.com;Administrator;;
;ann@example.com;;;
nonsense"""


@pytest.fixture
def rita() -> User:
    return somebody("rita", role=Role.REVOPS)


@pytest.fixture
def client(rita: User) -> Client:
    client = Client()
    client.force_login(rita)
    return client


@pytest.fixture
def sink(settings: Any) -> Iterator[mail_sink.Sink]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.BASE_URL = "https://leads.example.com"
    with mail_sink.serving() as (server, port):
        settings.EMAIL_PORT = port
        yield server


def send(client: Client, **more: Any) -> Any:
    return client.post(PAGE, {"role": "SDR", "lines": "", "make_teams": "on", **more})


def invited(email: str, *, by: User) -> Invitation:
    (row,) = inviting.invite(
        inviting.checked(
            invitation_rows.read(email), by=by, role="SDR", team=None, make_teams=False
        ),
        by=by, now=database.now(),
    )  # fmt: skip
    return row


def link(row: Invitation) -> str:
    return f"/invitations/{inviting.token_of(Invitation.objects.get(pk=row.pk))}/"


def test_many_are_invited_at_once_and_no_line_is_lost(client: Client) -> None:
    looked = send(client, lines=LINES)
    assert Invitation.objects.count() == 0
    told = {row.email or row.line: row.faults for row in looked.context["rows"]}
    assert [told["bo@example.com"], told["ann@example.com"]] == [(), ("Stands above already.",)]
    assert told["rita@example.com"] == ("Has an account already.",)
    assert "an administrator can invite them" in told["cy@elsewhere.org"][0]
    role, zone = told["di@example.com"]
    assert ("is no role" in role, "is no time zone" in zone) == (True, True)
    assert told["nonsense"] == ("That is no e-mail address.",)
    assert told["ed@example.com"] == ("Only an administrator invites administrators.",)
    sent = send(client, **pages.form(looked, PAGE, invite="1"))
    assert b"2 people are invited" in sent.content
    kept = pages.form(sent, PAGE)["lines"][0].splitlines()
    assert kept == LINES.splitlines()[3:]
    made = {one.email: one for one in Invitation.objects.select_related("team")}
    assert set(made) == {"ann@example.com", "bo@example.com"}
    assert (made["bo@example.com"].role, made["bo@example.com"].team) == ("AE", None)
    assert str(made["ann@example.com"].team) == "North"


def test_a_file_and_bare_addresses_do_too_and_an_administrator_may_invite_anybody() -> None:
    root = somebody("root", is_superuser=True, is_staff=True)
    client = Client()
    client.force_login(root)
    file = SimpleUploadedFile("reps.csv", "\ufeffEva Öst,eva@other.org,AE\r\n".encode())
    answer = send(client, lines="Fin <fin@more.net>\n\ngil@more.net", file=file, invite="1")
    assert answer.status_code == 303
    found = Invitation.objects.order_by("email").values_list("email", "first_name", "role")
    assert list(found) == [
        ("eva@other.org", "Eva", "AE"), ("fin@more.net", "Fin", "SDR"), ("gil@more.net", "", "SDR")
    ]  # fmt: skip
    assert b"Is invited already" in send(client, lines="GIL@more.net").content
    bad = SimpleUploadedFile("reps.csv", "Éva,e@x.org".encode("latin-1"))
    assert b"not in UTF-8" in send(client, file=bad).content


def test_somebody_comes_in_by_the_link_of_a_real_mail(rita: User, sink: Any) -> None:
    Team.objects.create(name="North")
    invited("Ann Lee,ann@example.com,REVOPS,North", by=rita)
    assert access_mails.send_due().sent == 1
    (mail,) = sink.messages
    assert (sink.to, mail["Subject"]) == (["ann@example.com"], "Rita invites you to LeadGov")
    found = re.search(r"https://leads.example.com(/invitations/\S+/)", mail_sink.text_of(mail))
    assert found
    assert found[1] in mail_sink.html_of(mail)
    assert AccessMail.objects.get().text == ""  # the link is in the mail alone
    client = Client()
    page = client.get(found[1])
    assert "no-store" in page["Cache-Control"]
    refused = client.post(found[1], pages.form(page, password="ann@example.com", time_zone="Moon"))
    assert refused.status_code == 422
    assert {"password", "time_zone"} <= set(refused.context["form"].errors)
    given = {"password": "a-good-harbour-9", "time_zone": "Europe/Berlin"}
    assert client.post(found[1], pages.form(page, **given))["Location"] == "/"
    assert client.get("/leads/").status_code == 200
    ann = User.objects.get(username="ann")
    assert (ann.first_name, ann.last_name, ann.role, str(ann.team)) == (
        "Ann",
        "Lee",
        "REVOPS",
        "North",
    )
    assert (ann.is_staff, ann.is_superuser, ann.time_zone) == (True, False, "Europe/Berlin")
    again = Client().get(found[1])
    assert (again.status_code, b"not valid" in again.content) == (410, True)


def test_a_rep_begins_with_hours_and_a_name_of_their_own() -> None:
    factories.user("ben")
    row = invited("Ben Two,ben@elsewhere.org", by=somebody("root", is_superuser=True))
    given = {"first_name": "Ben", "last_name": "Two", "password": "a-good-harbour-9",
             "time_zone": "Asia/Kolkata"}  # fmt: skip
    Client().post(link(row), given)
    ben = User.objects.get(email="ben@elsewhere.org")
    assert (ben.username, ben.is_staff) == ("ben2", False)
    assert Shift.objects.filter(user=ben).count() == 5


def test_links_end_when_sent_anew_withdrawn_or_run_out_and_all_say_the_same(
    client: Client, rita: User
) -> None:
    row = invited("ann@example.com", by=rita)
    first = link(row)
    client.post(f"{PAGE}{row.pk}/resend/")
    assert first == link(row)  # a mail a minute is enough
    AccessMail.objects.update(made_at=database.now() - dt.timedelta(minutes=2))
    client.post(f"{PAGE}{row.pk}/resend/")
    second = link(row)
    assert Client().get(second).status_code == 200
    Invitation.objects.update(expires_at=database.now())
    run_out = Client().get(second)
    Invitation.objects.update(expires_at=database.now() + dt.timedelta(days=1))
    client.post(f"{PAGE}{row.pk}/withdraw/")
    assert AccessMail.objects.exclude(due_at=None).count() == 0
    answers = [
        Client().get(first),
        run_out,
        Client().get(second),
        Client().get("/invitations/x:y/"),
    ]
    assert {one.status_code for one in answers} == {410}
    assert len({one.content for one in answers}) == 1
    assert b"Withdrawn" in client.get(PAGE).content


def test_only_revops_invites_and_a_flood_at_the_door_is_stopped(rita: User) -> None:
    row = invited("ann@example.com", by=rita)
    other = Client()
    other.force_login(factories.user("sdr"))
    assert other.get(PAGE).status_code == 403
    assert other.post(f"{PAGE}{row.pk}/withdraw/").status_code == 403
    answers = [Client().get(f"/invitations/{number}/").status_code for number in range(31)]
    assert set(answers[:30]) == {410}
    assert answers[30] == 429


def test_a_mail_that_fails_is_tried_again_and_given_up_in_words(
    rita: User, client: Client, sink: Any
) -> None:
    invited("ann@example.com", by=rita)
    sink.rcpt = {"ann@example.com": "450 later"}
    now = database.now()
    assert access_mails.send_due(now=now).failed == 1
    assert b"Mail waits" in client.get(PAGE).content
    sink.rcpt = {"ann@example.com": "550 no such user"}
    assert access_mails.send_due(now=now + dt.timedelta(seconds=31)).failed == 1
    page = client.get(PAGE).content.decode()
    assert "Mail failed" in page
    assert "refused the recipient: 550" in page
    assert AccessMail.objects.get().text == ""
