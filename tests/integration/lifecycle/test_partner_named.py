"""A lead whose touchpoint names a partner goes to who looks after it, registered or not."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance import selectors as kits
from leads.models import Account, AccountAlias, Lead
from lifecycle import partnering, previewing
from lifecycle.invariants import run
from lifecycle.previewing import Wanted
from people.models import User
from routing import replay_run
from routing.models import Decision
from tests import factories, kit_edits
from tests.factories import DAY, HOUR, NOW, Company
from tests.kit_edits import Parts

pytestmark = pytest.mark.django_db


def by_partner(parts: Parts) -> None:
    rule = {
        "key": "named", "label": "Named", "moment": "INBOUND", "pool": "dach",
        "condition": {"fact": "lead.partner_status", "op": "is_set"},
        "target": "PARTNER_MANAGER", "otherwise": "NEXT_RULE",
    }  # fmt: skip
    parts["routing_rule"].insert(0, rule)
    for place, one in enumerate(parts["routing_rule"]):
        one["position"] = place


@pytest.fixture
def company(db: None) -> Company:
    found = factories.company()
    kit_edits.publish(by_partner, by=found.revops, now=NOW)
    return found


@pytest.fixture
def karl(company: Company) -> User:
    return factories.rep("karl", pools=[], role="AE")


@pytest.fixture
def nord(karl: User) -> Account:
    made = account("nord", owner=karl, status="PARTNER")
    for kind, value in (("NAME", "northernlights"), ("DOMAIN", "north.example")):
        AccountAlias.objects.create(
            account=made, kind=kind, value=value, shown=value, created_at=NOW
        )
    return made


def account(name: str, **columns: Any) -> Account:
    return Account.objects.create(
        domain=f"{name}.example", name=name.title(), name_key=name, created_at=NOW, **columns
    )


def capture(partner: str, now: dt.datetime = NOW + HOUR, **parts: Any) -> Lead:
    return factories.capture(now=now, source={"partner": partner}, **parts)


def tried(lead: Lead) -> dict[str, Any]:
    found: dict[str, Any] = Decision.objects.filter(lead=lead).latest("at", "id").tried[0]
    return found


def clean(now: dt.datetime = NOW + HOUR) -> bool:
    return not [
        one.invariant.key
        for one in run.check(now=now)
        if one.found.count and not one.invariant.key.endswith("delivered")
    ]


@pytest.mark.parametrize(
    "said",
    [
        "Nord",
        "NORD GmbH",
        "nord.example",
        "www.nord.example",
        "Northern Lights Ltd",
        "north.example",
    ],
)
def test_the_manager_of_a_partner_gets_the_leads_that_name_it(
    said: str, nord: Account, karl: User
) -> None:
    lead = capture(said)
    made = Decision.objects.get(lead=lead)
    assert lead.owner == karl
    assert made.because == "looks after Nord, whom the lead names"
    assert (made.facts["lead.partner_status"], made.facts["lead.partner"]) == ("KNOWN", "Nord")
    assert made.facts["partner.registered"] is False
    assert replay_run.check([made.pk]).differing == ()
    assert clean()


@pytest.mark.parametrize(
    ("said", "status", "why"),
    [
        ("Nobody Ltd", "UNKNOWN", "unknown partner: the lead names none that we know"),
        ("Twin", "SEVERAL", "the name that the lead gives fits several partners"),
        ("Prospect", "UNKNOWN", "unknown partner: the lead names none that we know"),
        ("Orphan", "KNOWN", "nobody owns the account of Orphan, whom the lead names"),
    ],
)
def test_a_name_by_which_nobody_is_found_is_told_and_the_rule_goes_on(
    said: str, status: str, why: str, nord: Account, company: Company
) -> None:
    account("prospect", owner=nord.owner)
    account("orphan", status="PARTNER")
    for domain in ("twin1.example", "twin2.example"):
        Account.objects.create(
            domain=domain, name="Twin", name_key="twin", status="PARTNER", created_at=NOW
        )
    lead = capture(said)
    assert lead.owner in company.reps
    assert tried(lead)["refused"] == why
    facts = Decision.objects.get(lead=lead).facts
    assert facts["lead.partner_status"] == status
    assert said not in str(facts.values()) or status == "KNOWN", "no words of a touchpoint"
    assert clean()


def test_a_registration_goes_before_whatever_a_touchpoint_says(
    nord: Account, karl: User, company: Company
) -> None:
    other = account("sued", owner=company.reps[0], status="PARTNER")
    acme = account("acme")
    partnering.register(account_id=acme.pk, partner_id=other.pk, by=company.revops, now=NOW)
    lead = capture("Nord", company={"domain": "acme.example", "name": "Acme"})
    assert lead.owner == company.reps[0]
    assert "who registered the company" in Decision.objects.get(lead=lead).because


def test_the_last_name_counts_and_for_so_long_as_a_registration_runs(
    nord: Account, karl: User, company: Company
) -> None:
    other = account("sued", owner=company.reps[0], status="PARTNER")
    someone = {"person": {"email": "kim@acme.example", "last_name": "Berg"}, "signals": []}
    (one,) = factories.captures([factories.touch(source={"partner": "Nord"}, **someone)], now=NOW)
    factories.captures([factories.touch(source={"partner": "sued.example"}, **someone)], now=NOW)
    silent = {**someone, "signals": [{"kind": "demo_request"}]}
    factories.captures([factories.touch(source={}, **silent)], now=NOW + 89 * DAY)
    assert tried(one)["meant"]["by"] == other.called
    someone["person"] = {"email": "kay@beta.example", "last_name": "Cole"}
    (one,) = factories.captures([factories.touch(source={"partner": "Nord"}, **someone)], now=NOW)
    silent = {**someone, "signals": [{"kind": "demo_request"}]}
    factories.captures([factories.touch(source={}, **silent)], now=NOW + 91 * DAY)
    assert "meant" not in tried(one)


def test_a_name_that_is_learnt_later_finds_the_partner_when_the_lead_is_routed_again(
    company: Company, karl: User
) -> None:
    lead = capture("Nord")
    assert tried(lead)["meant"] == {"user": None, "by": "", "how": "UNKNOWN"}
    account("nord", owner=karl, status="PARTNER")
    preview = previewing.of_lead(lead, wanted=Wanted(kits.active_kit(), NOW + HOUR, "INBOUND"))
    assert preview.owner_id == karl.pk


def test_a_preview_says_what_happens(nord: Account, company: Company) -> None:
    wanted = Wanted(kits.active_kit(), NOW + HOUR)
    for said in ("Nord", "Nobody"):
        body = factories.touch(source={"partner": said})
        before = previewing.of_touch(body, scope="t", wanted=wanted).decision
        lead = factories.capture(body, now=NOW + HOUR)
        after = Decision.objects.get(lead=lead)
        assert before is not None
        assert (before.picked_id, before.tried) == (after.picked_id, after.tried)


def test_names_cost_the_same_however_many_leads_of_old_and_new_give_them(
    nord: Account, company: Company
) -> None:
    def body(one: int, mark: str) -> dict[str, Any]:
        # names unlike each other: a suggested duplicate would cost a query of its own
        own = hashlib.sha256(f"{mark}{one}".encode()).hexdigest()
        return factories.touch(
            person={"last_name": own[:20], "email": f"{mark}{one}@firm{one}.example"},
            company={"name": own[20:40]},
            source={"partner": ("Nord", f"Nobody {one}")[one % 2]},
        )

    def bodies(size: int, mark: str) -> list[dict[str, Any]]:
        return [body(one, mark) for one in range(size)]

    counts = []
    for size in (20, 45):
        factories.captures(bodies(size, f"a{size}x"), now=NOW)
        with CaptureQueriesContext(connection) as queries:
            factories.captures(
                bodies(size, f"a{size}x") + bodies(size, f"b{size}x"), now=NOW + HOUR
            )
        counts.append(len(queries))
    assert counts[0] == counts[1]
