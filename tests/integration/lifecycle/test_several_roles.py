"""People with more than one role may what any of them allows; the newer roles and their limits."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core import errors
from governance import signing
from governance.models import Signature
from leads import selectors
from leads.models import Account, Lead
from lifecycle import (
    accounts,
    actions,
    customers,
    deal_rights,
    leavers,
    merge_rights,
    partner_rights,
    partnering,
    permissions,
)
from lifecycle.invariants import run
from people import holders, roles
from people.models import Role, Team, User
from tests import factories, kit_edits
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from tests.kit_edits import Parts

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


def grant(user: User, *more: str) -> User:
    user.further_roles = list(more)
    user.save(update_fields=["further_roles"])
    return user


def broken(key: str, *, now: Any) -> list[Any]:
    found = run.check(now=now, replay=0, seals=0)
    return [one.found.offences for one in found if one.invariant.key == key and one.found.count]


@pytest.mark.parametrize(
    ("main", "further"),
    [("SDR", ["SDR"]), ("SDR", ["SERVICE"]), ("SERVICE", ["SDR"]), ("SDR", ["KING"])],
)
def test_the_database_refuses_what_is_no_set_of_roles(
    db: None, main: str, further: list[str]
) -> None:
    factories.user("fine", role="SDR", further_roles=["AE", "MARKETING"])
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.user("odd", role=main, further_roles=further)


def test_queries_find_whom_python_finds(db: None) -> None:
    made = [
        factories.user("plain", role="SDR"),
        factories.user("both", role="MARKETING", further_roles=["FINANCE", "AE"]),
        factories.user("other", role="MARKETING"),
        factories.user("machine", role="SERVICE"),
    ]
    for wanted in (["AE"], ["SDR", "AE"], ["SERVICE"], list(holders.ROLES), ["AUDITOR"]):
        expected = {one.pk for one in made if one.plays(*wanted)}
        asked = User.objects.filter(roles.playing(*wanted))
        told = User.objects.raw(
            f"SELECT u.id FROM people_user u WHERE {roles.sql('u', '%s')}",
            [wanted],
        )
        assert set(asked.values_list("pk", flat=True)) == expected
        assert {one.pk for one in told} == expected


def test_a_second_role_adds_its_rights_and_takes_none(company: Company) -> None:
    anna, ben = company.reps
    lead = factories.capture()
    holder, other = (anna, ben) if lead.owner == anna else (ben, anna)
    Team.objects.filter(pk=company.team.pk).update(manager=other)
    lead = Lead.objects.select_related("owner__team").get(pk=lead.pk)
    assert not permissions.overrides(lead, other)
    grant(other, Role.MANAGER)
    assert permissions.overrides(lead, other)
    assert holders.works_leads(other)
    grant(company.marketing, Role.SDR)
    assert holders.works_leads(company.marketing)
    assert permissions.disputes(company.marketing)
    assert selectors.visible_to(company.marketing).filter(pk=lead.pk).exists()
    assert holder in holders.everybody()


def test_leads_stay_with_who_works_them_by_a_further_role_and_go_on_without(
    company: Company,
) -> None:
    mark = grant(company.marketing, Role.AE)
    lead = factories.capture()
    actions.reassign(lead_id=lead.pk, by=company.revops, to=mark.pk, reason="-", now=NOW)
    assert leavers.hand_on(now=NOW + DAY) == 0
    assert not broken("lead.owner_works", now=NOW + DAY)
    User.objects.filter(pk=mark.pk).update(further_roles=[])
    User.history.filter(id=mark.pk).update(history_date=NOW + DAY)
    assert not broken("lead.owner_works", now=NOW + DAY)  # it was so a moment ago
    assert broken("lead.owner_works", now=NOW + 2 * DAY)
    assert leavers.hand_on(now=NOW + DAY) == 1
    assert Lead.objects.get(pk=lead.pk).owner in company.reps


def test_who_is_an_ae_besides_keeps_the_lead_at_the_hand_off(company: Company) -> None:
    factories.pool("aes", manager=company.manager)
    karl = factories.rep("karl", pools=["aes"], role="AE")

    def edit(parts: Parts) -> None:
        parts["routing_rule"].append({
            "key": "aes", "label": "To the AEs", "moment": "HANDOFF", "condition": None,
            "pool": "aes", "position": 50, "target": "POOL",
        })  # fmt: skip
        parts["general_policy"][0]["hands_off_at"] = "SQL"

    kit_edits.publish(edit, by=company.revops, now=NOW)
    for further, expected in (((), karl), ((Role.AE,), None)):
        lead = factories.capture(now=NOW + HOUR)
        assert lead.owner is not None
        grant(lead.owner, *further)
        lead = factories.work(lead, to="SQL", now=NOW + HOUR + MINUTE)
        assert Lead.objects.get(pk=lead.pk).owner == (expected or lead.owner)
        assert expected is not None or lead.owner != karl


def test_one_person_with_both_roles_does_not_sign_for_both(company: Company) -> None:
    both = grant(company.manager, Role.MARKETING)
    assert signing.parties_of(both) == dict.fromkeys(("SALES", "MARKETING", "APPROVER"))
    standing = signing.Consent(
        signing.Question("t", "b", frozenset({company.revops.pk}), ("criterion",)),
        (Signature(by=both, party="SALES", checksum="t", base_checksum="b"),),
        (),
        ("MARKETING",),
    )
    assert not signing.may_sign("MARKETING", both, standing=standing)
    assert signing.may_sign("MARKETING", company.marketing, standing=standing)


READERS = ("AUDITOR", "FINANCE", "ADMIN")


@pytest.mark.parametrize("role", READERS)
def test_those_who_only_look_change_nothing(company: Company, role: str) -> None:
    reader = factories.user("reader", role=role)
    lead = factories.work(factories.capture(), to="OPPORTUNITY", now=NOW)
    deal = lead.opportunity
    assert deal is not None
    account = Account.objects.get(pk=lead.account_id)
    customer = factories.customer(account)
    sees = role == "AUDITOR"
    assert selectors.visible_to(reader).exists() == sees
    assert selectors.counted_for(reader).exists() == (role != "ADMIN")
    assert deal_rights.visible_to(reader).exists() == (role != "ADMIN")
    assert customers.visible_to(reader).exists() == (role != "ADMIN")
    assert not permissions.overrides(lead, reader)
    assert not deal_rights.may_act(deal, [lead], reader)
    assert not customers.may_act(customer, reader)
    assert not accounts.may_edit(reader)
    assert not signing.works_on_kits(reader)
    assert not signing.may_write(reader)
    assert not merge_rights.may_review(reader)
    assert not permissions.keeps_queues(reader)
    assert not partner_rights.may_decide(reader)
    assert permissions.sees_queues(reader) == sees
    with pytest.raises(errors.NotAllowed):
        merge_rights.require_suggester(reader)
    with pytest.raises(errors.DomainError):
        actions.reassign(lead_id=lead.pk, by=reader, to=reader.pk, reason="-", now=NOW)


def test_customer_success_works_its_own_customers_and_nobodys(company: Company) -> None:
    ours, others = Team.objects.create(name="CS"), Team.objects.create(name="CS West")
    cleo = factories.user("cleo", role=Role.CUSTOMER_SUCCESS, team=ours)
    dora = factories.user("dora", role=Role.CUSTOMER_SUCCESS, team=ours)
    emil = factories.user("emil", role=Role.CUSTOMER_SUCCESS, team=others)
    leads = factories.captures([factories.touch() for _ in range(3)])
    held = {
        owner: factories.customer(Account.objects.get(pk=lead.account_id), cs_owner=owner)
        for lead, owner in zip(leads, (cleo, emil, None), strict=True)
    }
    seen = {cleo: {cleo, None}, dora: {cleo, None}, emil: {emil, None}}
    for who, theirs in seen.items():
        wanted = {held[one].pk for one in theirs}
        assert set(customers.visible_to(who).values_list("pk", flat=True)) == wanted
        assert {one.pk for one in held.values() if customers.may_act(one, who)} == wanted
        accounts_seen = selectors.accounts_visible_to(who).values_list("pk", flat=True)
        assert set(accounts_seen) == {held[one].account_id for one in theirs}
    customers.revise(customer_id=held[None].pk, by=dora, values={"cs_owner": dora.pk}, now=NOW)
    assert set(customers.visible_to(emil)) == {held[emil]}
    with pytest.raises(errors.NotAllowed):
        customers.revise(customer_id=held[emil].pk, by=dora, values={"cs_owner": dora.pk})


def test_a_partner_manager_decides_but_for_no_partner_of_their_own(company: Company) -> None:
    paula = factories.user("paula", role=Role.PARTNER_MANAGER)
    petra = factories.user("petra", role=Role.PARTNER_MANAGER)

    def account(name: str, **columns: Any) -> Account:
        return Account.objects.create(
            domain=f"{name}.example", name=name, name_key=name, created_at=NOW, **columns
        )

    nord = account("nord", status="PARTNER", owner=paula)
    sued, acme = account("sued", status="PARTNER"), account("acme")
    for partner, by in ((nord, paula), (sued, petra)):
        made = partnering.register(
            account_id=acme.pk, partner_id=partner.pk, by=by, note="a pilot runs", now=NOW
        )
    assert made.conflict is not None
    assert set(partner_rights.conflicts_visible_to(paula)) == {made.conflict}
    assert {nord, sued, acme} <= set(selectors.accounts_visible_to(petra))
    told = {"conflict_id": made.conflict.pk, "verdict": "GIVEN_TO_SECOND", "reason": "Was first."}
    with pytest.raises(errors.NotAllowed, match="You look after one of these partners"):
        partnering.decide(by=paula, now=NOW + MINUTE, **told)
    assert partnering.decide(by=petra, now=NOW + MINUTE, **told).decided_by == petra
