"""What a person types of a company in the administration is a person's word from then on."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import Account
from lifecycle import account_upserts
from lifecycle.account_upserts import Said
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_number_typed_in_the_administration_outlives_the_next_import() -> None:
    revops = factories.company().revops
    revops.is_staff = True
    revops.save(update_fields=["is_staff"])
    said = Said(name="Acme", domain="acme.example", values={"employees": 100, "industry": "Retail"})
    [made] = account_upserts.upsert([said], source="import:crm", actor="tests")
    acme = Account.objects.get(pk=made.account)
    browser = Client()
    browser.force_login(revops)
    answer = browser.post(
        reverse("admin:leads_account_change", args=[acme.pk]),
        {"employees": "250", "industry": "Retail", "annual_revenue": "", "currency": "",
         "reason": "They told me"},
    )  # fmt: skip
    assert answer.status_code == 302, answer.content
    acme.refresh_from_db()
    sources = {name: told[0] for name, told in acme.provenance.items()}
    assert (acme.employees, sources["employees"], sources["industry"]) == (
        250,
        "user",
        "import:crm",
    )
    [again] = account_upserts.upsert([said], source="import:crm", actor="tests")
    assert [one.field for one in again.remarks] == ["employees"]
