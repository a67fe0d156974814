"""Every address of the console, by every method and role, against the declared matrix.

`web/permission_matrix.toml` says who passes; here it is walked with real requests to a company in
which the lead, its account, opportunity, customer and decision are another team's. An address or
method that is not declared fails. To see what has changed: WRITE_MATRIX=1 writes what is so.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoDbBlocker

from core import database, errors
from leads.models import Account, Lead
from lifecycle import actions, intake
from people.models import Role, Team, User
from routing.models import PoolMember
from tests import factories
from tests.callers import touch
from web.console import pages

pytestmark = pytest.mark.django_db

FILE = Path(__file__).parents[3] / "web" / "permission_matrix.toml"
WHO = {
    "sdr": Role.SDR, "ae": Role.AE, "manager": Role.MANAGER, "marketing": Role.MARKETING,
    "revops": Role.REVOPS, "finance": Role.FINANCE, "customer_success": Role.CUSTOMER_SUCCESS,
    "partner_manager": Role.PARTNER_MANAGER, "auditor": Role.AUDITOR, "admin": Role.ADMIN,
}  # fmt: skip
CALLERS = ("anonymous", "owner", *WHO)
METHODS = ("GET", "POST")
MISSING = 987_654_321
HIDDEN = {"lead_id", "account_id", "deal_id", "customer_id", "decision_id"}


@pytest.fixture(scope="module")
def objects(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """The company, once; each request's own changes are rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _found()
        transaction.set_rollback(True)


def _found() -> dict[str, Any]:
    company = factories.company()
    people = {name: factories.user(f"the-{name}", role=role) for name, role in WHO.items()}
    home = Team.objects.create(name="Home", manager=people["manager"])
    User.objects.filter(pk__in=[one.pk for one in people.values()]).update(team=home)
    owner = factories.rep("the-owner", team=company.team)
    PoolMember.objects.update(active=False)
    [answer] = intake.capture([touch()], scope="matrix", keys=["one"])
    assert answer.receipt is not None
    lead = Lead.objects.get(pk=answer.receipt["lead"])
    now = database.now()
    actions.reassign(lead_id=lead.pk, by=company.revops, to=owner.pk, reason="-", now=now)
    lead = factories.work(Lead.objects.get(pk=lead.pk), to="OPPORTUNITY", now=now)
    customer = factories.customer(Account.objects.get(pk=lead.account_id), cs_owner=owner)
    decision = lead.decisions.first() if hasattr(lead, "decisions") else None
    return {
        "lead_id": lead.pk,
        "account_id": lead.account_id,
        "deal_id": lead.opportunity_id,
        "customer_id": customer.pk,
        "decision_id": decision.pk if decision else MISSING,
        "user_id": owner.pk,
        "number": company.kit.number,
    }


WORDS = {"name": "sla", "kind": "criterion", "queue": "exceptions", "key": "dach", "slug": "x"}
OF_ADDRESS = {
    "queue": "exceptions", "queue-csv": "exceptions", "queue-act": "exceptions",
    "lead-action": "reassign", "customer-act": "renew", "opportunity-act": "win",
    "kit-version-act": "clone", "kit-shadow-act": "start", "time-act": "hours",
    "realignment-act": "undo", "reassignment-then": "undo", "import-act": "check",
    "watched": "unaccounted", "kit-calendar": "weekdays",
}  # fmt: skip
"""What stands for a word in the address of this name."""


def addresses(
    patterns: list[Any] | None = None, before: str = "", space: str = ""
) -> Iterator[tuple[str, str]]:
    """The name and the route of every address of the console."""
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, route, one.namespace or space)
        elif isinstance(one, URLPattern) and space == "console":
            yield one.name or "", "/" + route


ADDRESSES = dict(addresses())


def filled(name: str, objects: dict[str, Any]) -> str:
    """The address of this name with the objects of the company in it."""
    word = OF_ADDRESS.get(name)

    def value(found: re.Match[str]) -> str:
        kind, what = found[1], found[2]
        return str(objects.get(what, MISSING if kind == "int" else word or WORDS.get(what, "one")))

    return re.sub(r"<(\w+):(\w+)>", value, ADDRESSES[name])


def client_of(who: str) -> Client:
    client = Client()
    if who != "anonymous":
        client.force_login(User.objects.get(username=f"the-{who}"))
    return client


def ask(client: Client, method: str, address: str, refused: list[str]) -> str:
    """What this caller hears: yes, no, login, 404 or 405; nothing of it stays."""
    refused.clear()
    with transaction.atomic():
        answer = getattr(client, method.lower())(address)
        transaction.set_rollback(True)
    status = answer.status_code
    assert status < 500, (method, address)
    if status in (404, 405):
        return str(status)
    if status in (302, 303) and "/accounts/login/" in answer["Location"]:
        return "login"
    return "no" if status == 403 or (method == "POST" and refused) else "yes"


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was refused for who asked, also where a page tells it and goes on."""
    told: list[str] = []
    begin = errors.NotAllowed.__init__

    def noted(self: Any, message: str, *more: Any, **others: Any) -> None:
        told.append(message)
        begin(self, message, *more, **others)

    monkeypatch.setattr(errors.NotAllowed, "__init__", noted)
    # Who passes is told before anything is drawn, and drawing takes most of the time.
    monkeypatch.setattr(
        pages, "render", lambda *_, status=200, **__: HttpResponse("A page.", status=status)
    )
    return told


def walked(who: str, objects: dict[str, Any], refused: list[str]) -> dict[str, dict[str, str]]:
    """What somebody hears at every address: by name, then by method."""
    client = client_of(who)
    return {
        name: {method: ask(client, method, filled(name, objects), refused) for method in METHODS}
        for name in ADDRESSES
    }


MATRIX: dict[str, dict[str, dict[str, str]]] = (
    tomllib.loads(FILE.read_text()) if FILE.exists() else {}
)


def declared(name: str, method: str, who: str) -> str:
    """What the matrix says that they hear; a method that it leaves out is 405 for all."""
    rule = MATRIX[name].get(method, {"else": "405"})
    otherwise = "login" if who == "anonymous" and method in MATRIX[name] else rule["else"]
    return next((said for said, whom in rule.items() if who in whom.split()), otherwise)


def test_every_address_is_declared_and_no_other() -> None:
    assert sorted(MATRIX) == sorted(ADDRESSES)


@pytest.mark.parametrize("who", CALLERS)
def test_everybody_hears_what_is_declared(
    objects: dict[str, Any], refused: list[str], who: str
) -> None:
    heard = walked(who, objects, refused)
    if where := os.environ.get("WRITE_MATRIX"):
        Path(where, f"{who}.txt").write_text(repr(heard))
        return
    assert {
        (name, method): said
        for name, found in heard.items()
        for method, said in found.items()
        if said != declared(name, method, who)
    } == {}


@pytest.mark.parametrize("who", ["sdr", "ae", "manager", "customer_success"])
def test_what_one_may_not_see_answers_as_what_is_not_there(
    objects: dict[str, Any], refused: list[str], who: str
) -> None:
    """Whatever the address and method: the status and the words are those of a missing one."""
    client, other = client_of(who), dict.fromkeys(objects, MISSING)
    told = {}
    for name, route in ADDRESSES.items():
        if not set(re.findall(r":(\w+)>", route)) & HIDDEN:
            continue
        for method in METHODS:
            one, none = (
                ask(client, method, filled(name, some), refused) for some in (objects, other)
            )
            if one != none and declared(name, method, who) != "yes":
                told[name, method] = (one, none)
    assert told == {}
