"""Two who register one company at the same time: one registration, one conflict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import TooLate
from leads.models import Account, PartnerConflict, PartnerRegistration
from lifecycle import intake, partnering
from tests import factories
from tests.factories import NOW
from tests.integration.lifecycle.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 8


def account(name: str, **columns: Any) -> Account:
    return Account.objects.create(
        domain=f"{name}.example", name=name, name_key=name, created_at=NOW, **columns
    )


def test_of_many_who_register_at_once_one_is_first_and_the_others_are_conflicts() -> None:
    company, acme = factories.company(), account("acme")
    partners = [account(f"partner{one}", status="PARTNER") for one in range(MANY)]

    def claim(partner: Account) -> Callable[[], Any]:
        return lambda: partnering.register(
            account_id=acme.pk, partner_id=partner.pk, by=company.revops
        )

    done = together(claim(partner) for partner in partners)
    assert Counter(one.conflict is None for one in done) == {True: 1, False: MANY - 1}
    first = PartnerRegistration.objects.get()
    assert set(PartnerConflict.objects.values_list("registration", "state")) == {(first.pk, "OPEN")}
    factories.check_rules()


def test_touches_and_people_who_claim_at_once_open_one_conflict() -> None:
    company, acme = factories.company(), account("acme")
    nord, sued = (account(name, status="PARTNER") for name in ("nord", "sued"))
    partnering.register(account_id=acme.pk, partner_id=nord.pk, by=company.revops)

    def post(index: int) -> Callable[[], Any]:
        body = factories.touch(
            person={"email": f"buyer{index}@acme.example"},
            company={"domain": "acme.example", "name": "acme"},
            source={"partner": "sued.example"},
        )
        return lambda: intake.capture([body], scope="t", keys=[str(index)])

    def claim() -> Any:
        try:
            return partnering.register(account_id=acme.pk, partner_id=sued.pk, by=company.revops)
        except TooLate as late:
            return late

    together([*(post(index) for index in range(MANY)), claim, claim])
    assert PartnerConflict.objects.get().claimant == sued
    factories.check_rules()
