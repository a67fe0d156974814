"""Pools in the administration: settings kept, credits never written over, all credits to nought."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Lead
from lifecycle.invariants import run
from people.models import Leave, Role, User
from routing.models import (
    CreditEntry,
    Pool,
    PoolMember,
    Territory,
    TerritoryArea,
)
from tests import factories, pages
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


def test_what_somebody_else_changed_meanwhile_is_not_undone_unseen(ops: Client) -> None:
    pool = Pool.objects.get(key="dach")
    address = f"/admin/routing/pool/{pool.pk}/change/"
    first, second = shown(ops, pool), shown(ops, pool)
    changes = {"members-0-weight": 3, "label": "Mitte", "random_percent": 5, "catches_up": "on"}
    assert ops.post(address, first | changes | {"reason": "busier"}).status_code == 302
    second |= {"members-0-weight": 2, "label": "Centre", "random_percent": 10, "reason": "other"}
    refused = ops.post(address, second)
    assert refused.status_code == 200
    for stored in ("3", "Mitte", "5"):
        assert f"since you opened the page: it is “{stored}” now." in refused.text
    assert ops.post(address, second).status_code == 200, "sent again, it is as stale as before"
    pool.refresh_from_db()
    member = PoolMember.objects.get(pk=second["members-0-id"])
    assert (pool.label, pool.random_percent, member.weight) == ("Mitte", 5, 3)
    second |= {"members-0-weight": 3, "label": "Mitte", "random_percent": 5}
    assert ops.post(address, second).status_code == 302, "both wanted the same"
    assert ops.post(address, shown(ops, pool) | {"label": "Centre", "reason": "-"}).status_code == (
        302
    )


@pytest.mark.parametrize(
    ("page", "changes"),
    [
        (
            "user",
            {
                "first_name": ("Anne", "Ann"),
                "languages": ("de", "fr"),
                "shifts-0-starts": ("01:00", "02:00"),
                "leaves-0-reason": ("Ill", "Family"),
                "leaves-0-ends_at_1": ("12:00:00", "13:00:00"),
            },
        ),
        ("territory", {"label": ("N", "Nord"), "areas-0-country": ("AT", "CH")}),
    ],
)
def test_nor_of_people_and_territories(
    ops: Client, page: str, changes: dict[str, tuple[str, str]]
) -> None:
    anna, now = User.objects.get(username="anna"), timezone.now()
    Leave.objects.create(user=anna, starts_at=now, ends_at=now + dt.timedelta(days=2))
    territory = Territory.objects.create(key="north", label="North")
    TerritoryArea.objects.create(territory=territory, country="DE")
    row = {"user": anna, "territory": territory}[page]
    address = f"/admin/{row._meta.app_label}/{page}/{row.pk}/change/"
    first, second = (pages.form(ops.get(address), f"{page}_form", reason="-") for _ in range(2))
    first |= {name: value for name, (value, _) in changes.items()}
    second |= {name: value for name, (_, value) in changes.items()}
    assert ops.post(address, first).status_code == 302
    refused = ops.post(address, second)
    assert refused.status_code == 200
    assert refused.text.count("since you opened the page") == len(changes)
    opened = pages.form(ops.get(address), f"{page}_form", reason="-")
    assert ops.post(address, opened).status_code == 302


def test_all_credits_to_nought_stands_in_the_ledger(ops: Client) -> None:
    factories.captures([factories.touch() for _ in range(3)])
    pool = Pool.objects.get(key="dach")
    chosen = {"action": "start_anew", "_selected_action": [pool.pk]}
    refused = ops.post("/admin/routing/pool/", chosen, follow=True)
    assert "Say why all credits are set to nought" in refused.text
    assert set(PoolMember.objects.values_list("credit", flat=True)) != {0}
    chosen["reason"] = "Shared by hand until now."
    assert ops.post("/admin/routing/pool/", chosen).status_code == 302
    assert set(PoolMember.objects.values_list("credit", flat=True)) == {0}
    assert {one.note for one in CreditEntry.objects.all()} == {
        "started anew: Shared by hand until now."
    }
    broken = {one.invariant.key for one in run.check(now=NOW) if one.found.count}
    assert not {key for key in broken if key.startswith(("pool.", "member."))}


def shown(page: Client, pool: Pool) -> dict[str, object]:
    """What a browser would send back of the form as it was opened."""
    context = page.get(f"/admin/routing/pool/{pool.pk}/change/").context
    forms = [context["adminform"].form]
    (members,) = (one.formset for one in context["inline_admin_formsets"])
    sent: dict[str, object] = {}
    for form in [*forms, members.management_form, *members.forms]:
        for field in form:
            value = field.value()
            if field.field.show_hidden_initial:
                sent[field.html_initial_name] = "" if value is None else value
            if value is not None and value is not False:
                sent[field.html_name] = value
    return sent


def test_two_who_change_a_pool_at_once_keep_what_the_other_changed(ops: Client) -> None:
    pool = Pool.objects.get(key="dach")
    address = f"/admin/routing/pool/{pool.pk}/change/"
    first, second = shown(ops, pool), shown(ops, pool)
    assert 'name="initial-members-0-weight"' in ops.get(address).text
    first |= {"members-0-weight": 3, "catches_up": "on", "reason": "busier"}
    assert ops.post(address, first).status_code == 302
    second |= {"label": "Mitte", "members-0-day_cap": 9, "reason": "a better name"}
    assert ops.post(address, second).status_code == 302
    pool.refresh_from_db()
    member = PoolMember.objects.get(pk=second["members-0-id"])
    assert (pool.label, pool.catches_up) == ("Mitte", True)
    assert (member.weight, member.day_cap) == (3, 9)
    assert [(one.weight, one.day_cap) for one in member.history.all()[:2]] == [(3, 9), (3, None)]
    assert pool.history.first().catches_up is True
    second |= {"members-0-on_call": "on", "initial-members-0-day_cap": "9"}
    assert ops.post(address, second).status_code == 302
    member.refresh_from_db()
    assert (member.weight, member.day_cap, member.on_call) == (3, 9, True)


class TestWhoAnswers:
    """Somebody who is here and may manage answers for what waits in a pool in use."""

    def change(self, ops: Client, pool: Pool, **values: object) -> Any:
        sent = shown(ops, pool) | {"reason": "-"} | values
        return ops.post(f"/admin/routing/pool/{pool.pk}/change/", sent)

    def test_nobody_only_where_no_kit_names_it_and_nothing_waits(self, ops: Client) -> None:
        refused = self.change(ops, Pool.objects.get(key="dach"), manager="")
        assert "The kit in force names this pool" in refused.text
        rita = User.objects.get(username="rita")
        idle = Pool.objects.create(key="idle", label="Idle", manager=rita)
        factories.captures([factories.touch() for _ in range(3)])
        PoolMember.objects.update(active=False)
        lead = factories.capture()
        Lead.objects.filter(pk=lead.pk).update(queue="idle")
        assert "The kit in force names this pool" in self.change(ops, idle, manager="").text
        Lead.objects.filter(pk=lead.pk).update(queue="dach")
        assert self.change(ops, idle, manager="").status_code == 302
        idle.refresh_from_db()
        assert idle.manager is None

    def test_only_managers_and_revops_who_are_here(self, ops: Client) -> None:
        pool = Pool.objects.get(key="dach")
        gone = factories.user("gone", role=Role.MANAGER, is_active=False)
        for whom in (gone, User.objects.get(username="anna")):
            refused = self.change(ops, pool, manager=whom.pk)
            assert f"{whom} cannot answer for a pool" in refused.text
        rita = User.objects.get(username="rita")
        assert self.change(ops, pool, manager=rita.pk).status_code == 302

    def test_a_manager_without_successor_does_not_leave(self, ops: Client) -> None:
        mia, rita = (User.objects.get(username=name) for name in ("mia", "rita"))
        address = f"/admin/people/user/{mia.pk}/change/"
        opened = pages.form(ops.get(address), "user_form", reason="Left")
        opened.pop("is_active")
        refused = ops.post(address, opened)
        assert "Mia answers for the leads that wait in DACH" in refused.text
        Pool.objects.filter(manager=mia).update(manager=rita)
        assert ops.post(address, opened).status_code == 302
        mia.refresh_from_db()
        assert not mia.is_active

    def test_a_superuser_does_not_make_them_a_rep_either(self, ops: Client) -> None:
        User.objects.filter(username="rita").update(is_superuser=True)
        mia = User.objects.get(username="mia")
        address = f"/admin/people/user/{mia.pk}/change/"
        refused = ops.post(
            address, pages.form(ops.get(address), "user_form", reason="-", role="SDR")
        )
        assert "Mia answers for the leads that wait in DACH" in refused.text


def test_values_out_of_bounds_are_refused_in_plain_words(ops: Client) -> None:
    pool = Pool.objects.get(key="dach")
    sent = shown(ops, pool) | {"reason": "-", "random_percent": 51, "most_percent": 0}
    sent |= {"skips_holders": 11, "members-0-weight": 0}
    answer = ops.post(f"/admin/routing/pool/{pool.pk}/change/", sent)
    assert answer.status_code == 200
    for words in (
        "The share given at random is from 0 to 50 percent.",
        "The most that one may get is from 1 to 100 percent.",
        "From none to 10 former holders are passed over.",
        "A weight is from 1 to 100.",
    ):
        assert words in answer.text
    assert "Constraint" not in answer.text
