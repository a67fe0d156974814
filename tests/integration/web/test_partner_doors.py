"""Partners in the console and by API: register, claim, decide, take back, and who may."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import database
from leads.models import Account, PartnerConflict, PartnerRegistration
from lifecycle import partnering
from people.models import User
from tests import factories
from tests.callers import Caller
from tests.factories import Company

pytestmark = pytest.mark.django_db

REGISTRATIONS, CONFLICTS = "/api/v1/partner_registrations/", "/api/v1/partner_conflicts/"


@pytest.fixture
def company(db: None) -> Company:
    return factories.company(now=database.now())


@pytest.fixture
def karl(company: Company) -> User:
    return factories.rep("karl", pools=[], role="AE")


@pytest.fixture
def nord(karl: User) -> Account:
    return account("nord.example", "Nord <Partner>", status="PARTNER", owner=karl)


@pytest.fixture
def sued(company: Company) -> Account:
    return account("sued.example", "Sued Partner", status="PARTNER", owner=company.reps[0])


@pytest.fixture
def acme(company: Company) -> Account:
    return account("acme.example", "Acme", owner=company.reps[0])


def account(domain: str, name: str, **columns: Any) -> Account:
    now = database.now()
    return Account.objects.create(domain=domain, name=name, created_at=now, **columns)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


def then(client: Client, answer: Any) -> str:
    assert answer.status_code == 303, text(answer)
    return text(client.get(answer["Location"]))


def conflict(acme: Account, nord: Account, sued: Account, by: User) -> PartnerConflict:
    partnering.register(account_id=acme.pk, partner_id=nord.pk, by=by)
    made = partnering.register(account_id=acme.pk, partner_id=sued.pk, by=by).conflict
    assert made is not None
    return made


def test_a_partner_registers_claims_and_withdraws_in_the_console(
    company: Company, acme: Account, nord: Account, sued: Account, karl: User
) -> None:
    theirs = browser(karl)
    page = text(theirs.get(f"/accounts/{nord.pk}/"))
    assert "It has registered no company." in page
    said = theirs.post(
        f"/accounts/{nord.pk}/register/", {"company": "acme.example", "days": "30", "note": "x"}
    )
    assert "Registered for Nord &lt;Partner&gt; until" in then(theirs, said)
    ours = browser(company.revops)
    page = text(ours.get(f"/accounts/{acme.pk}/"))
    assert "Nord &lt;Partner&gt;" in page
    assert "In force" in page
    claim = {"partner": str(sued.pk), "days": "30", "note": "we were first"}
    said = ours.post(f"/accounts/{acme.pk}/register/", claim)
    assert "1 conflict to decide" in then(ours, said)
    row = PartnerRegistration.objects.get()
    assert (
        browser(company.reps[0]).get(f"/partners/registrations/{row.pk}/withdraw/").status_code
        == 403
    )
    form = theirs.post(f"/partners/registrations/{row.pk}/withdraw/", {"reason": ""})
    assert form.status_code == 422
    done = theirs.post(f"/partners/registrations/{row.pk}/withdraw/", {"reason": "lost"})
    assert done.status_code == 303
    row.refresh_from_db()
    assert (row.state, row.end_reason) == ("WITHDRAWN", "lost")
    again = theirs.post(f"/partners/registrations/{row.pk}/withdraw/", {"reason": "lost"})
    assert "It is over already." in text(again)


def test_a_conflict_is_decided_and_taken_back_in_the_console(
    company: Company, acme: Account, nord: Account, sued: Account, karl: User
) -> None:
    made = conflict(acme, nord, sued, company.revops)
    client, url = browser(company.manager), f"/partners/conflicts/{made.pk}/"
    queue = text(client.get("/partners/conflicts/"))
    assert "1 conflict, newest first" in queue
    assert f'href="{url}"' in queue
    assert "looked after by" in queue
    assert "It goes to Sued Partner, from now on." in text(client.get(url))
    assert client.post(url, {"verdict": "GIVEN_TO_SECOND", "reason": ""}).status_code == 422
    said = then(client, client.post(url, {"verdict": "GIVEN_TO_SECOND", "reason": "proof"}))
    assert "Take the decision back" in said
    assert "Decided: Acme" in text(browser(karl).get("/notices/"))
    assert "Two partners, one company: Acme" in text(browser(company.revops).get("/notices/"))
    assert "open again" in then(client, client.post(f"{url}undo/"))
    assert browser(karl).get(url).status_code == 200
    refused = browser(karl).post(url, {"verdict": "KEPT_FIRST", "reason": "ours"})
    assert refused.status_code == 422
    assert browser(karl).post(f"{url}undo/").status_code == 303
    made.refresh_from_db()
    assert made.state == "OPEN"


def test_whom_it_does_not_concern_sees_no_conflict(
    company: Company, acme: Account, nord: Account, sued: Account
) -> None:
    made = conflict(acme, nord, sued, company.revops)
    ben = browser(company.reps[1])
    assert ben.get("/partners/conflicts/").status_code == 403
    assert ben.get(f"/partners/conflicts/{made.pk}/").status_code == 404
    assert ben.post(f"/partners/conflicts/{made.pk}/undo/").status_code == 404
    assert ben.get(f"/accounts/{acme.pk}/register/").status_code == 404
    assert ben.get(f"/partners/registrations/{made.registration_id}/withdraw/").status_code == 404


@pytest.mark.parametrize("query", ["state=ODD", "after=x", "account=x", "account=999999"])
def test_odd_filters_are_named(query: str, company: Company) -> None:
    answer = browser(company.revops).get(f"/partners/conflicts/?{query}")
    assert answer.status_code == 400
    assert "field__error" in text(answer)


def test_the_queue_and_the_card_ask_the_same_however_many_rows(
    company: Company, acme: Account, nord: Account, sued: Account
) -> None:
    client = browser(company.revops)
    conflict(acme, nord, sued, company.revops)
    pages = ("/partners/conflicts/", f"/accounts/{nord.pk}/", REGISTRATIONS, CONFLICTS)
    counts = []
    for more in ("one", "two"):
        for url in pages:
            client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            for url in pages:
                assert client.get(url).status_code == 200
        counts.append(len(asked))
        for number in range(4):
            other = account(f"{more}{number}.example", f"More {number}")
            conflict(other, nord, sued, company.revops)
    assert counts[0] == counts[1]


def test_by_api_one_registers_and_the_second_is_told_of_a_conflict(
    company: Company, acme: Account, nord: Account, sued: Account, karl: User
) -> None:
    caller = Caller(user=company.revops)
    body = {"account": str(acme.pk), "partner": str(nord.pk), "days": 10, "note": "a pilot"}
    first = caller.post(REGISTRATIONS, body)
    assert first.status_code == 201, first.content
    row = first.json()["registration"]
    assert (row["state"], row["account"]["id"], row["partner"]["name"]) == (
        "ACTIVE", str(acme.pk), "Nord <Partner>"
    )  # fmt: skip
    assert caller.post(REGISTRATIONS, body).status_code == 409
    second = caller.post(REGISTRATIONS, body | {"partner": str(sued.pk)})
    assert second.status_code == 202
    made = second.json()["conflict"]
    assert (made["state"], made["claimant"]["id"]) == ("OPEN", str(sued.pk))
    assert [one["id"] for one in caller.get(CONFLICTS, state="OPEN").json()["results"]] == [
        made["id"]
    ]
    url = f"{CONFLICTS}{made['id']}/"
    told = {"verdict": "GIVEN_TO_SECOND", "reason": "proof"}
    assert Caller(user=karl).post(f"{url}decide/", told).status_code == 403
    assert Caller(user=company.reps[1]).post(f"{url}decide/", told).status_code == 404
    assert caller.post(f"{url}decide/", told | {"verdict": "OPEN"}).status_code == 422
    assert caller.post(f"{url}decide/", told).json()["state"] == "GIVEN_TO_SECOND"
    assert caller.get(REGISTRATIONS, in_force="maybe").status_code == 400
    listed = caller.get(REGISTRATIONS, in_force="true", account=str(acme.pk)).json()["results"]
    assert [one["partner"]["id"] for one in listed] == [str(sued.pk)]
    assert caller.post(f"{url}undo/").json()["state"] == "OPEN"
    assert caller.post(f"{url}undo/").status_code == 409
    end = f"{REGISTRATIONS}{row['id']}/withdraw/"
    assert caller.post(end, {}).status_code == 422
    assert caller.post(end, {"reason": "lost"}).json()["state"] == "WITHDRAWN"
    assert caller.post(f"{REGISTRATIONS}99999999/withdraw/", {"reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [({"account": "99999999"}, 404), ({"partner": "99999999"}, 422), ({"days": 0}, 422),
     ({"days": 10**30}, 422), ({"partner": "x"}, 422), ({"odd": 1}, 422),
     ({"note": "x" * 501}, 422), ({"note": "\u0000"}, 400)],
)  # fmt: skip
def test_bad_bodies_are_refused_by_name(
    change: dict[str, Any], status: int, company: Company, acme: Account, nord: Account
) -> None:
    body = {"account": str(acme.pk), "partner": str(nord.pk)} | change
    answer = Caller(user=company.revops).post(REGISTRATIONS, body)
    assert answer.status_code == status, answer.content
    assert not PartnerRegistration.objects.exists()


def test_a_registration_is_extended_and_taken_back_in_the_console(
    company: Company, acme: Account, nord: Account, karl: User
) -> None:
    row = partnering.register(account_id=acme.pk, partner_id=nord.pk, by=karl).registration
    assert row is not None
    theirs, url = browser(karl), f"/partners/registrations/{row.pk}/extend/"
    assert f'href="{url}"' in text(theirs.get(f"/accounts/{nord.pk}/"))
    assert browser(company.reps[0]).get(url).status_code == 403
    assert browser(company.reps[1]).get(url).status_code == 404
    day = (database.now() + dt.timedelta(days=90)).date()
    for bad in ({"until": "soon", "reason": "x"}, {"until": f"{day}", "reason": " "}, {}):
        assert theirs.post(url, bad).status_code == 422
    far = theirs.post(url, {"until": "9999-12-31", "reason": "x"})
    assert far.status_code == 422
    far = theirs.post(url, {"until": f"{day + dt.timedelta(days=9)}", "reason": "x"})
    assert "RevOps and managers may go further." in text(far)
    ours = browser(company.revops)
    until = day + dt.timedelta(days=30)
    said = then(ours, ours.post(url, {"until": f"{until}", "reason": "the <pilot> goes on"}))
    assert f"Extended until {until:%d %b %Y}" in said
    page = text(ours.get(url))
    assert "the &lt;pilot&gt; goes on" in page
    assert "Take back" in page
    assert "Take back" not in text(theirs.get(url))
    undo = f"/partners/extensions/{row.extensions.get().pk}/undo/"
    assert browser(company.reps[1]).post(undo).status_code == 404
    assert "Only who extended it" in then(theirs, theirs.post(undo))
    assert "taken back" in then(ours, ours.post(undo))
    assert "taken back by" in text(theirs.get(url))
    partnering.withdraw(registration_id=row.pk, by=karl, reason="lost")
    assert "It is over, so it cannot be extended." in text(theirs.get(url))
    assert theirs.get("/partners/registrations/999/extend/").status_code == 404


def test_a_registration_is_extended_by_api(
    company: Company, acme: Account, nord: Account, karl: User
) -> None:
    row = partnering.register(account_id=acme.pk, partner_id=nord.pk, by=karl).registration
    assert row is not None
    write, until = Caller(user=company.revops), row.until_at + dt.timedelta(days=30)
    url = f"{REGISTRATIONS}{row.pk}/extend/"
    for body in ({"until": "2026-05-04", "reason": "x"}, {"until": until.isoformat()}, {"x": 1}):
        assert write.post(url, body).status_code == 422
    answer = write.post(url, {"until": until.isoformat(), "reason": "goes on"})
    assert answer.status_code == 200, answer.content
    (made,) = answer.json()["extensions"]
    assert (made["reason"], made["undone_at"]) == ("goes on", None)
    again = write.post(url, {"until": until.isoformat(), "reason": "goes on"})
    assert again.status_code == 422
    done = write.post(f"/api/v1/partner_extensions/{made['id']}/undo/")
    assert done.json()["extensions"][0]["undone_at"]
    assert write.post(f"/api/v1/partner_extensions/{made['id']}/undo/").status_code == 409
    assert write.post("/api/v1/partner_extensions/x/undo/").status_code == 404


def entry(user: User) -> Any:
    links = browser(user).get("/notices/").context["frame"].links
    return next((one for one in links if one.label == "Partners"), None)


def test_the_menu_counts_open_conflicts_for_who_decides_them(
    company: Company, acme: Account, nord: Account, sued: Account, karl: User
) -> None:
    assert entry(company.revops).count == 0
    made = conflict(acme, nord, sued, company.revops)
    assert {one.username: entry(one).count for one in (company.revops, company.manager)} == {
        company.revops.username: 1, company.manager.username: 1,
    }  # fmt: skip
    assert entry(karl).count == 0, "who looks after a partner sees them, but decides none"
    assert entry(company.reps[1]) is None
    assert entry(company.marketing) is None
    partnering.decide(conflict_id=made.pk, by=company.revops, verdict="KEPT_FIRST", reason="x")
    assert entry(company.manager).count == 0
