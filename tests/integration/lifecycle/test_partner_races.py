"""Two who register one company at the same time: one registration, one conflict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import InvalidInput, TooLate
from leads.models import Account, PartnerConflict, PartnerExtension, PartnerRegistration
from lifecycle import intake, partner_extending, partnering
from tests import factories
from tests.factories import DAY, NOW
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


def test_of_two_who_extend_at_once_the_second_is_told_of_the_end_it_has() -> None:
    company, acme, nord = factories.company(), account("acme"), account("nord", status="PARTNER")
    row = partnering.register(
        account_id=acme.pk, partner_id=nord.pk, by=company.revops
    ).registration
    assert row is not None
    until = row.until_at + DAY

    def extend() -> Any:
        try:
            return partner_extending.extend(
                registration_id=row.pk, until=until, by=company.revops, reason="goes on"
            )
        except InvalidInput as refused:
            return refused

    done = together([extend] * 4)
    assert sum(isinstance(one, PartnerExtension) for one in done) == 1
    assert all("already" in str(one) for one in done if isinstance(one, InvalidInput))
    row.refresh_from_db()
    assert row.until_at == until
    factories.check_rules()


def test_who_registers_as_it_runs_out_and_who_extends_it_do_not_both_have_it() -> None:
    company, acme = factories.company(), account("acme")
    nord, sued = (account(name, status="PARTNER") for name in ("nord", "sued"))
    by = company.revops
    row = partnering.register(account_id=acme.pk, partner_id=nord.pk, by=by, now=NOW).registration
    assert row is not None
    end = row.until_at

    def extend() -> Any:
        try:
            return partner_extending.extend(
                registration_id=row.pk, until=end + DAY, by=by, reason="goes on",
                now=end - factories.MINUTE,
            )  # fmt: skip
        except TooLate as late:
            return late

    def register() -> Any:
        return partnering.register(account_id=acme.pk, partner_id=sued.pk, by=by, now=end)

    extended, registered = together([extend, register])
    assert isinstance(extended, TooLate) == (registered.registration is not None)
    assert isinstance(extended, PartnerExtension) == (registered.conflict is not None)
    factories.check_rules()
