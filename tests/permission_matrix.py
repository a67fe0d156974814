"""The declared permission matrix, and a company to walk it in.

`web/permission_matrix/` has one file for each door. What is declared there is asked with real
requests; to see what is so, WRITE_MATRIX=DIR writes what each caller hears.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from core import database
from leads.models import Account, Lead
from lifecycle import actions, intake
from people.models import Role, Team, User
from reports.reviews import findings, opening
from reports.reviews.findings import Given
from routing.models import PoolMember
from tests import factories
from tests.callers import touch

FOLDER = Path(__file__).parents[1] / "web" / "permission_matrix"
WHO = {
    "sdr": Role.SDR, "ae": Role.AE, "manager": Role.MANAGER, "marketing": Role.MARKETING,
    "revops": Role.REVOPS, "finance": Role.FINANCE, "customer_success": Role.CUSTOMER_SUCCESS,
    "partner_manager": Role.PARTNER_MANAGER, "auditor": Role.AUDITOR, "admin": Role.ADMIN,
}  # fmt: skip
CALLERS = ("anonymous", "owner", *WHO)
MISSING = 987_654_321
Matrix = dict[str, dict[str, dict[str, str]]]
Heard = dict[tuple[str, str], str]


# ─ what is declared ─


def matrix(door: str) -> dict[str, Any]:
    """What `web/permission_matrix/` says of this door."""
    return tomllib.loads((FOLDER / f"{door}.toml").read_text())


def said(rules: Matrix, name: str, method: str, who: str) -> str:
    """What the matrix says that they hear; a method that it leaves out is 405 for all."""
    rule = rules[name].get(method, {"else": "405"})
    otherwise = "login" if who == "anonymous" and method in rules[name] else rule["else"]
    return next((word for word, whom in rule.items() if who in whom.split()), otherwise)


def differing(rules: Matrix, heard: Heard, who: str) -> dict[tuple[str, str], str]:
    """What they hear that is not what is declared."""
    if where := os.environ.get("WRITE_MATRIX"):
        Path(where, f"{who}.txt").write_text(repr(heard))
        return {}
    return {one: word for one, word in heard.items() if word != said(rules, *one, who)}


# ─ what there is ─


def addresses(door: str) -> dict[str, str]:
    """The route of every address of this door, by its name, or by itself where it has none."""
    return {name: route for of, name, route in _every() if of == door}


def _every(
    patterns: list[Any] | None = None, before: str = "", space: str = ""
) -> Iterator[tuple[str, str, str]]:
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _every(one.url_patterns, route, one.namespace or space)
        elif isinstance(one, URLPattern):
            start = route.partition("/")[0]
            door = space or (start if start in ("api", "admin") else "open")
            yield door, one.name or route, "/" + route


# ─ who asks, and for what ─


def found() -> dict[str, Any]:
    """A company whose lead, account, opportunity, customer and decision are another team's."""
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
    month = factories.NOW + 31 * factories.DAY
    opening.open_due(month)
    findings.add("2026-03", Given("A finding."), by=company.revops, now=month)
    decision = lead.decisions.first() if hasattr(lead, "decisions") else None
    return {
        "lead_id": lead.pk,
        "account_id": lead.account_id,
        "deal_id": lead.opportunity_id,
        "opportunity_id": lead.opportunity_id,
        "customer_id": customer.pk,
        "decision_id": decision.pk if decision else MISSING,
        "user_id": owner.pk,
        "number": company.kit.number,
        "month": f"{factories.NOW:%Y-%m}",
        "place": 1,
    }


WORDS = {"name": "sla_attainment", "kind": "criterion", "queue": "exceptions", "key": "dach",
         "slug": "x", "app_label": "leads", "url": "nothing"}  # fmt: skip
OF_ADDRESS = {
    "queue": "exceptions", "queue-csv": "exceptions", "queue-act": "exceptions",
    "lead-action": "reassign", "customer-act": "renew", "opportunity-act": "win",
    "kit-version-act": "clone", "kit-shadow-act": "start", "time-act": "hours",
    "realignment-act": "undo", "reassignment-then": "undo", "import-act": "check",
    "watched": "unaccounted", "kit-calendar": "weekdays",
    "review-act": "submit", "metric-restated": "mql_to_sal", "api-report-as-told": "mql_to_sal",
}  # fmt: skip
"""What stands for a word in the address of this name."""


def filled(name: str, route: str, objects: dict[str, Any]) -> str:
    """This address with the objects of the company in it; of others there is none."""
    word = OF_ADDRESS.get(name)

    def value(part: re.Match[str]) -> str:
        kind, what = part[1], part[2]
        names_none = kind == "int" or what.endswith("_id")
        return str(objects.get(what, MISSING if names_none else word or WORDS.get(what, "one")))

    plain = re.sub(r"\(\?P<(\w+)>.*?\)(?=[/$-])", r"<re:\1>", route).replace("/^", "/")
    return re.sub(r"<(\w+):(\w+)>", value, plain).removesuffix("$")


def client_of(who: str) -> Client:
    """The browser of this caller."""
    client = Client()
    if who != "anonymous":
        client.force_login(User.objects.get(username=f"the-{who}"))
    return client


def ask(client: Client, method: str, address: str, refused: Collection[str] = ()) -> str:
    """What this caller hears: yes, no, login, 404 or 405; nothing of it stays.

    `refused` tells of refusals that a page shows as words and goes on.
    """
    with transaction.atomic():
        answer = getattr(client, method.lower())(address)
        transaction.set_rollback(True)
    status = answer.status_code
    assert status < 500 or address == "/readyz", (method, address)  # 503: no worker here
    if status in (404, 405):
        return str(status)
    if status == 401 or (status in (302, 303) and "/login/" in answer["Location"]):
        return "login"
    return "no" if status == 403 or (method == "POST" and refused) else "yes"
