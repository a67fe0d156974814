"""The first hour, from an empty database with one superuser to a kit in force and a first lead."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import database
from core.errors import InvalidInput
from governance import services
from governance.models import Criterion, KitVersion
from leads.models import Lead
from lifecycle import first_kit
from lifecycle.first_kit import Customer
from people import api_keys, inviting
from people.models import ApiKey, Invitation, Role, Shift, User
from tests import factories, pages
from tests.pages import form

pytestmark = pytest.mark.django_db

ANSWERS = {
    "countries": "Germany, at; Switzerland", "fewest": "20", "most": "900",
    "industries": ["Software", "Logistics"], "seniorities": ["C_LEVEL", "VP"],
    "functions": ["SALES"],
}  # fmt: skip


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a-good-harbour-9")
    call_command("createsuperuser", interactive=False, username="root", email="root@example.com")
    return User.objects.get()


@pytest.fixture
def client(root: User) -> Client:
    client = Client()
    client.force_login(root)
    return client


def standing(client: Client) -> dict[str, bool]:
    return {one.key: one.done for one in client.get("/set-up/").context["set_up"].steps}


def test_from_nothing_to_a_first_lead(client: Client, root: User) -> None:
    assert not any(standing(client).values())
    assert b"0 of 9 steps are done. Next: Mail server" in client.get("/", follow=True).content

    answered = client.post("/set-up/customer/", ANSWERS)
    version = KitVersion.objects.get()
    assert answered["Location"] == f"/kit/versions/{version.number}/"
    assert not [one for one in services.check(version) if one.is_error]
    icp = Criterion.objects.get(kit=version, key="icp")
    assert icp.prose == (
        "The company has 20 to 900 employees, works in Software or Logistics and sits in DE, AT or "
        "CH. The person is C-level or Vice president and works in Sales. What is not known does "
        "not count as a match."
    )
    assert {"fact": "company.country", "op": "in", "value": ["DE", "AT", "CH"]} in icp.condition[
        "all"
    ]
    page = client.get(answered["Location"])
    assert page.status_code == 200
    # The way of every version, as its page offers it.
    for act, more in (("submit", {"note": "Our first."}), ("sign", {}), ("publish", {})):
        address = f"/kit/versions/{version.number}/acts/{act}/"
        sheet = client.get(address)
        assert sheet.status_code == 200, sheet.content
        done = client.post(address, form(sheet, address, **more))
        assert done.status_code == 303, done.content
    version.refresh_from_db()
    assert version.status == "ACTIVE"

    made = client.post("/set-up/key/", {"name": "website"})
    url, *told = shlex.split(made.context["command"])[1:]
    assert made.content.decode().count(made.context["key"]) == 2
    assert made.context["key"] not in client.get("/set-up/key/").content.decode()
    headers = dict(one.split(": ", 1) for one in (told[1], told[3]))
    headers.pop("Content-Type")
    answer = Client().post(
        url.removeprefix("http://127.0.0.1:8000"), json.loads(told[-1]),
        content_type="application/json", headers=headers,
    )  # fmt: skip
    assert answer.status_code == 201, answer.content
    assert Lead.objects.count() == 1

    for name, role in (("Ann", "SDR"), ("Max", "MARKETING"), ("Mia", "MANAGER")):
        client.post("/team/invitations/", {"lines": f"{name} One,{name}@example.com", "role": role,
                                           "invite": "1"})  # fmt: skip
        token = inviting.token_of(Invitation.objects.get(email=f"{name.lower()}@example.com"))
        inviting.accept(token, first_name=name, last_name="One", password="a-good-harbour-9",
                        time_zone="Europe/Berlin", now=database.now())  # fmt: skip
    now = standing(client)
    assert {one for one, done in now.items() if not done} == {"mail", "holidays", "doors"}
    User.objects.filter(role=Role.SDR).update(holiday_country="DE")
    assert standing(client)["holidays"]
    Shift.objects.all().delete()
    assert not standing(client)["hours"]


def test_the_card_is_for_who_sets_up_until_dismissed_and_costs_one_query(
    client: Client, root: User
) -> None:
    other = Client()
    other.force_login(factories.user("anna"))
    assert b"steps are done" not in other.get("/", follow=True).content
    for address in ("/set-up/", "/set-up/customer/", "/set-up/key/"):
        assert other.get(address).status_code == 403
    assert other.post("/set-up/key/", {"name": "mine"}).status_code == 403
    assert not ApiKey.objects.exists()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get("/set-up/")
    assert len(asked) < 15
    client.post("/set-up/dismiss/")
    assert b"steps are done" not in client.get("/", follow=True).content
    assert client.get("/set-up/").status_code == 200


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Answer at least one question."),
        ({"countries": "Germany, Atlantis"}, "No country is called Atlantis."),
        ({"fewest": "9", "most": "3"}, "That is less than at least."),
    ],
)
def test_answers_that_do_not_do_stay_with_what_is_wrong(
    client: Client, given: dict[str, Any], said: str
) -> None:
    refused = client.post(
        "/set-up/customer/", {"industries": ["Software"], **given} if given else {}
    )
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert not KitVersion.objects.exists()
    if given:
        assert pages.form(refused, "/set-up/customer/")["industries"] == ["Software"]


def test_with_a_kit_in_force_the_answers_make_a_draft_of_that_one() -> None:
    company = factories.company()
    draft = first_kit.draft(Customer(fewest=5), by=company.revops, now=factories.NOW).version
    assert draft.base_id == KitVersion.objects.get(status="ACTIVE").pk
    text = services.document_of(draft)["parts"]["criterion"]
    icp = next(one for one in text if one["key"] == "icp")
    assert icp["condition"] == {"all": [{"fact": "company.employees", "op": "gte", "value": 5}]}


def test_a_name_of_a_key_is_taken_once(client: Client) -> None:
    api_keys.make("website", scope="CAPTURE")
    refused = client.post("/set-up/key/", {"name": "website"})
    assert (refused.status_code, b"There is a key" in refused.content) == (422, True)
    factories.user("service-crm")
    with pytest.raises(InvalidInput, match="no active service user"):
        api_keys.make("crm", scope="READ")
