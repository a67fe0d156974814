"""Partners register companies, claim what others have registered, and people decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, InvalidInput, NotAllowed, NotFound, TooLate
from leads.models import Account, Lead, PartnerConflict, PartnerRegistration
from lifecycle import mails, partnering
from lifecycle.invariants import run
from lifecycle.models import Notice
from people.models import User
from routing.models import Decision
from tests import factories, kit_edits
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.kit_edits import Edit, Parts

pytestmark = pytest.mark.django_db

LATER = NOW + MINUTE
Verdict = PartnerConflict.State


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


@pytest.fixture
def karl(company: Company) -> User:
    return factories.rep("karl", pools=[], role="AE")


@pytest.fixture
def lena(company: Company) -> User:
    return factories.rep("lena", pools=[], role="AE")


@pytest.fixture
def nord(karl: User) -> Account:
    return account("nord.example", "Nord Partner GmbH", status="PARTNER", owner=karl)


@pytest.fixture
def sued(lena: User) -> Account:
    return account("sued.example", "Sued Partner GmbH", status="PARTNER", owner=lena)


@pytest.fixture
def acme(company: Company) -> Account:
    return account("acme.example", "Acme")


def account(domain: str, name: str, **columns: Any) -> Account:
    key = name.casefold().removesuffix(" gmbh").replace(" ", "")
    return Account.objects.create(domain=domain, name=name, name_key=key, created_at=NOW, **columns)


def register(acme: Account, partner: Account, by: User, **given: Any) -> partnering.Claimed:
    given = {"note": "a pilot runs", "now": NOW, **given}
    return partnering.register(account_id=acme.pk, partner_id=partner.pk, by=by, **given)


def registered(acme: Account, partner: Account, by: User, **given: Any) -> PartnerRegistration:
    made = register(acme, partner, by, **given).registration
    assert made is not None
    return made


def claimed(acme: Account, partner: Account, by: User, **given: Any) -> PartnerConflict:
    made = register(acme, partner, by, **{"now": LATER, **given}).conflict
    assert made is not None
    return made


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("to__username", flat=True))


def decide(conflict: PartnerConflict, by: User, verdict: str, **given: Any) -> PartnerConflict:
    given = {"reason": "first by proof", "now": LATER, **given}
    return partnering.decide(conflict_id=conflict.pk, by=by, verdict=verdict, **given)


def broken(now: dt.datetime = LATER) -> dict[str, list[Any]]:
    return {
        one.invariant.key: list(one.found.offences)
        for one in run.check(now=now)
        if one.found.count and one.invariant.key.startswith(("partner", "decision"))
    }


def partner_rule() -> Edit:
    def edit(parts: Parts) -> None:
        rule = {
            "key": "registered", "label": "Registered", "moment": "INBOUND", "pool": "dach",
            "condition": {"fact": "partner.registered", "op": "eq", "value": True},
            "target": "PARTNER_MANAGER", "otherwise": "NEXT_RULE",
        }  # fmt: skip
        others = [one for one in parts["routing_rule"] if one["key"] != "partner_registered"]
        parts["routing_rule"] = [rule, *others]
        for place, one in enumerate(parts["routing_rule"]):
            one["position"] = place

    return edit


def capture(now: dt.datetime = NOW + HOUR, **parts: Any) -> Lead:
    said = {"company": {"domain": "acme.example", "name": "Acme"}} | parts
    return factories.capture(now=now, **said)


def test_who_looks_after_a_partner_registers_and_withdraws(
    acme: Account, nord: Account, karl: User
) -> None:
    row = registered(acme, nord, karl, days=30)
    assert (row.until_at - row.from_at, row.registered_by) == (30 * DAY, karl)
    assert row.history.count() == 1
    partnering.withdraw(registration_id=row.pk, by=karl, reason="they lost it", now=LATER)
    row.refresh_from_db()
    assert (row.state, row.ended_at, row.end_reason) == ("WITHDRAWN", LATER, "they lost it")
    assert partnering.in_force(acme.pk, LATER) is None
    assert registered(acme, nord, karl, now=LATER).pk != row.pk
    assert not broken()


def test_a_registration_runs_out_by_itself(
    acme: Account, nord: Account, sued: Account, company: Company
) -> None:
    first = registered(acme, nord, company.revops, days=10)
    assert partnering.in_force(acme.pk, NOW + 10 * DAY - MINUTE) == first
    second = registered(acme, sued, company.revops, now=NOW + 10 * DAY)
    assert partnering.in_force(acme.pk, NOW + 10 * DAY) == second


def test_the_second_makes_a_conflict_and_people_are_told(
    acme: Account, nord: Account, sued: Account, karl: User, lena: User
) -> None:
    first = registered(acme, nord, karl)
    conflict = claimed(acme, sued, lena, note="we were there in May")
    assert (conflict.registration, conflict.claimant, conflict.claim) == (
        first, sued, "we were there in May"
    )  # fmt: skip
    assert told("CLAIMED") >= {"lena", "rita"}
    with pytest.raises(TooLate):
        claimed(acme, sued, lena)
    assert PartnerRegistration.objects.count() == PartnerConflict.objects.count() == 1
    assert not broken()


@pytest.mark.parametrize(
    ("verdict", "holder"),
    [("KEPT_FIRST", "nord"), ("GIVEN_TO_SECOND", "sued"), ("DISMISSED", "nord")],
)
def test_a_decision_says_whose_it_is_and_may_be_taken_back(
    verdict: str, holder: str, acme: Account, nord: Account, sued: Account, company: Company
) -> None:
    first = registered(acme, nord, company.revops)
    conflict = claimed(acme, sued, company.revops)
    decided = decide(conflict, company.manager, verdict)
    held = partnering.in_force(acme.pk, LATER)
    assert held is not None
    assert held.partner.domain == f"{holder}.example"
    assert told("SETTLED") == {"karl", "lena"}
    assert (decided.state, decided.decided_by, decided.decided_at) == (
        verdict, company.manager, LATER
    )  # fmt: skip
    with pytest.raises(TooLate, match="decided it already"):
        decide(conflict, company.revops, "DISMISSED")
    assert not broken()
    partnering.undo(conflict_id=conflict.pk, by=company.revops, now=LATER + MINUTE)
    conflict.refresh_from_db()
    assert (conflict.state, conflict.decided_at, conflict.made) == ("OPEN", None, None)
    assert not told("SETTLED")
    assert partnering.in_force(acme.pk, LATER + MINUTE) == first
    assert not broken()


def test_a_decision_is_not_taken_back_late_or_when_something_followed(
    acme: Account, nord: Account, sued: Account, company: Company
) -> None:
    registered(acme, nord, company.revops)
    conflict = claimed(acme, sued, company.revops)
    with pytest.raises(TooLate, match="not decided yet"):
        partnering.undo(conflict_id=conflict.pk, by=company.revops, now=LATER)
    decide(conflict, company.revops, "GIVEN_TO_SECOND")
    with pytest.raises(TooLate, match="10 minutes"):
        partnering.undo(conflict_id=conflict.pk, by=company.revops, now=LATER + 11 * MINUTE)
    capture(now=LATER + MINUTE)
    with pytest.raises(TooLate, match="routed"):
        partnering.undo(conflict_id=conflict.pk, by=company.revops, now=LATER + 2 * MINUTE)


def test_a_second_of_no_known_partner_gets_nothing(
    acme: Account, nord: Account, company: Company
) -> None:
    registered(acme, nord, company.revops)
    capture(source={"partner": "Nobody Knows Inc"})
    conflict = PartnerConflict.objects.get()
    with pytest.raises(InvalidInput, match="no partner we know"):
        decide(conflict, company.revops, "GIVEN_TO_SECOND", now=NOW + 2 * HOUR)


def test_bad_input_is_named(
    acme: Account, nord: Account, sued: Account, company: Company, karl: User
) -> None:
    ana, rita = company.reps[0], company.revops
    conflict = _conflict(acme, nord, sued, rita)
    faults: list[tuple[type[DomainError], Any]] = [
        (NotAllowed, lambda: register(acme, sued, karl)),
        (NotAllowed, lambda: register(acme, nord, ana)),
        (NotFound, lambda: partnering.register(account_id=10**9, partner_id=nord.pk, by=rita)),
        (InvalidInput, lambda: partnering.register(account_id=acme.pk, partner_id=10**9, by=rita)),
        (InvalidInput, lambda: register(acme, acme, rita)),
        (InvalidInput, lambda: register(nord, nord, rita)),
        (InvalidInput, lambda: register(acme, nord, rita, days=0)),
        (InvalidInput, lambda: register(acme, nord, rita, days=10**12)),
        (InvalidInput, lambda: register(acme, nord, rita, note="x" * 501)),
        (TooLate, lambda: register(acme, nord, rita)),
        (NotAllowed, lambda: decide(conflict, karl, "KEPT_FIRST")),
        (InvalidInput, lambda: decide(conflict, rita, "OPEN")),
        (InvalidInput, lambda: decide(conflict, rita, "KEPT_FIRST", reason="  ")),
        (NotFound, lambda: partnering.decide(
            conflict_id=10**9, by=rita, verdict="KEPT_FIRST", reason="x")),
        (NotAllowed, lambda: partnering.withdraw(
            registration_id=conflict.registration_id, by=ana, reason="x")),
        (InvalidInput, lambda: partnering.withdraw(
            registration_id=conflict.registration_id, by=rita, reason="")),
        (NotFound, lambda: partnering.withdraw(registration_id=10**9, by=rita, reason="x")),
    ]  # fmt: skip
    for kind, act in faults:
        with pytest.raises(kind):
            act()


def _conflict(acme: Account, nord: Account, sued: Account, by: User) -> PartnerConflict:
    registered(acme, nord, by)
    return claimed(acme, sued, by)


@pytest.mark.parametrize("status", ["COMPETITOR", "DO_NOT_CONTACT"])
def test_whom_nobody_sells_to_is_not_registered(
    status: str, acme: Account, nord: Account, company: Company
) -> None:
    Account.objects.filter(pk=acme.pk).update(status=status)
    with pytest.raises(InvalidInput, match="nobody sells"):
        register(acme, nord, company.revops)


def test_the_database_keeps_one_registration_at_a_time(
    acme: Account, nord: Account, sued: Account, company: Company
) -> None:
    row = registered(acme, nord, company.revops)
    twin = {"account": acme, "registered_by": company.revops, "registered_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        PartnerRegistration.objects.create(
            partner=sued, from_at=row.until_at - MINUTE, until_at=row.until_at + DAY, **twin
        )
    PartnerRegistration.objects.create(
        partner=sued, from_at=row.until_at, until_at=row.until_at + DAY, **twin
    )


def test_leads_of_a_registered_company_go_to_the_partners_manager(
    acme: Account, nord: Account, karl: User, company: Company
) -> None:
    kit_edits.publish(partner_rule(), by=company.revops, now=NOW)
    registered(acme, nord, company.revops, days=10)
    lead = capture()
    made = Decision.objects.get(lead=lead)
    assert lead.owner == karl
    assert made.because == "looks after Nord Partner GmbH, who registered the company"
    assert (made.facts["partner.registered"], made.facts["partner.name"]) == (True, nord.name)
    late = capture(now=NOW + 11 * DAY, person={"email": "late@acme.example"})
    assert late.owner != karl
    assert Decision.objects.get(lead=late).facts["partner.registered"] is False
    assert not broken(NOW + 11 * DAY)


def test_without_an_owner_of_the_partner_the_rule_passes_on(
    acme: Account, nord: Account, company: Company
) -> None:
    kit_edits.publish(partner_rule(), by=company.revops, now=NOW)
    Account.objects.filter(pk=nord.pk).update(owner=None)
    registered(acme, nord, company.revops)
    lead = capture()
    assert lead.owner in company.reps
    tried = Decision.objects.get(lead=lead).tried
    words = "nobody owns the account of Nord Partner GmbH, who registered the company"
    assert tried[0]["refused"] == words


@pytest.mark.parametrize("name", ["Sued Partner", "sued.example", "SUED Partner GmbH"])
def test_a_touch_by_another_partner_is_a_conflict_once(
    name: str, acme: Account, nord: Account, sued: Account, karl: User, company: Company
) -> None:
    kit_edits.publish(partner_rule(), by=company.revops, now=NOW)
    registered(acme, nord, company.revops)
    lead = capture(source={"partner": name})
    conflict = PartnerConflict.objects.get()
    assert (conflict.claimant, conflict.touch, lead.owner) == (sued, lead.touches.get(), karl)
    assert told("CLAIMED") >= {"lena", "rita"}
    decide(conflict, company.revops, "KEPT_FIRST", now=NOW + 2 * HOUR)
    capture(now=NOW + 3 * HOUR, source={"partner": name})
    assert PartnerConflict.objects.count() == 1
    assert not broken(NOW + 3 * HOUR)


def test_claims_of_a_batch_cost_the_same_however_many(
    nord: Account, sued: Account, company: Company
) -> None:
    counts = []
    for size in (1, 12):
        firms = [account(f"f{size}x{one}.example", f"F{size}x{one}") for one in range(size)]
        for firm in firms:
            registered(firm, nord, company.revops)
        bodies = [
            factories.touch(
                person={"email": f"kim@{firm.domain}"},
                company={"domain": firm.domain, "name": firm.name},
                source={"partner": "sued.example"},
            )
            for firm in firms
        ]
        before = PartnerConflict.objects.count()
        with CaptureQueriesContext(connection) as asked:
            factories.captures(bodies, now=NOW + HOUR)
        assert PartnerConflict.objects.count() == before + size
        counts.append(len([one for one in asked if "leads_partner" in one["sql"]]))
    assert counts[0] == counts[1]


def test_a_mail_says_who_claims_what(
    acme: Account, nord: Account, sued: Account, company: Company, lena: User
) -> None:
    registered(acme, nord, company.revops)
    conflict = claimed(acme, sued, company.revops)
    mails.send_due(now=LATER)
    (sent,) = [one for one in mail.outbox if one.to == [lena.email]]
    assert sent.subject == "Two partners, one company: Acme"
    told = "Sued Partner GmbH claims Acme, which Nord Partner GmbH has registered."
    assert told in sent.body
    assert f"/partners/conflicts/{conflict.pk}/" in sent.body


@pytest.mark.parametrize(
    "source",
    [{}, {"partner": "Nord Partner"}, {"partner": "nord.example"}, {"partner": " "}],
)
def test_the_partners_own_touches_are_no_conflict(
    source: dict[str, str], acme: Account, nord: Account, company: Company
) -> None:
    registered(acme, nord, company.revops)
    capture(source=source)
    assert not PartnerConflict.objects.exists()
