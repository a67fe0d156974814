"""Pools in the administration: settings kept, credits never written over, all credits to nought."""

from __future__ import annotations

import pytest
from django.test import Client

from lifecycle.invariants import run
from routing.models import CreditEntry, Pool, PoolMember
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def ops() -> Client:
    company = factories.company()
    client = Client()
    company.revops.is_staff = True
    company.revops.save(update_fields=["is_staff"])
    client.force_login(company.revops)
    return client


def test_a_change_of_a_member_leaves_the_credit_that_was_booked_meanwhile(ops: Client) -> None:
    pool = Pool.objects.get(key="dach")
    page = ops.get(f"/admin/routing/pool/{pool.pk}/change/")
    form = page.context["adminform"].form.initial
    members = list(PoolMember.objects.filter(pool=pool).order_by("pk"))
    body = {name: "" if value is None else value for name, value in form.items()}
    body = {name: value for name, value in body.items() if value is not False}
    body |= {"reason": "busier", "members-TOTAL_FORMS": 2, "members-INITIAL_FORMS": 2}
    for place, one in enumerate(members):
        body |= {
            f"members-{place}-id": one.pk,
            f"members-{place}-pool": pool.pk,
            f"members-{place}-user": one.user_id,
            f"members-{place}-weight": 3,
            f"members-{place}-day_cap": 9,
            f"members-{place}-active": "on",
        }
    factories.captures([factories.touch() for _ in range(3)])
    booked = list(
        PoolMember.objects.filter(pool=pool).order_by("pk").values_list("credit", flat=True)
    )
    answer = ops.post(f"/admin/routing/pool/{pool.pk}/change/", body)
    assert answer.status_code == 302, answer.context["errors"]
    after = list(PoolMember.objects.filter(pool=pool).order_by("pk"))
    assert [(one.weight, one.day_cap) for one in after] == [(3, 9), (3, 9)]
    assert [one.credit for one in after] == booked
    assert any(booked)
    assert Pool.objects.get(key="dach").turns == 3


def test_all_credits_to_nought_stands_in_the_ledger(ops: Client) -> None:
    factories.captures([factories.touch() for _ in range(3)])
    pool = Pool.objects.get(key="dach")
    chosen = {"action": "start_anew", "_selected_action": [pool.pk]}
    assert ops.post("/admin/routing/pool/", chosen).status_code == 302
    assert set(PoolMember.objects.values_list("credit", flat=True)) == {0}
    assert {one.note for one in CreditEntry.objects.all()} == {"started anew"}
    broken = {one.invariant.key for one in run.check(now=NOW) if one.found.count}
    assert not {key for key in broken if key.startswith(("pool.", "member."))}
