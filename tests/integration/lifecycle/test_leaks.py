"""Leads nobody answers for are counted where managers look, and are none after the next pass."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from leads.models import Lead
from lifecycle import jobs, leaks
from people.models import User
from routing.models import PoolMember
from tests import factories
from tests.breaking import off_guard

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> factories.Company:
    made = factories.company(now=timezone.now() - dt.timedelta(days=1))
    factories.captures([factories.touch() for _ in range(4)], now=timezone.now())
    cache.clear()
    return made


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def count() -> int:
    return leaks.look(now=timezone.now()).count


def page(user: User, path: str) -> str:
    client = Client()
    client.force_login(user)
    return client.get(path).content.decode()


def test_an_owner_switched_off_behind_everybodys_back_is_counted_and_mended(
    company: factories.Company,
) -> None:
    assert count() == 0
    run("UPDATE people_user SET is_active = FALSE WHERE username = 'anna'")
    held = Lead.objects.filter(owner__username="anna").count()
    assert count() == held > 0
    cache.clear()
    shown = page(company.manager, "/team/")
    assert f"<b>{held}</b> <span>leads without an accountable party</span>" in shown
    assert "who is inactive" in page(company.manager, "/watched/unaccounted/")
    jobs.sweep()
    assert count() == 0


def test_a_dropped_membership_and_a_worker_killed_in_between_leave_nobody_without(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("DELETE FROM routing_poolmember WHERE user_id = %s", company.reps[1].pk)
    run("UPDATE people_user SET is_active = FALSE WHERE username = 'anna'")
    with monkeypatch.context() as patch:
        patch.setattr("lifecycle.leavers.ownership.route", _killed)
        patch.setattr("lifecycle.leavers.ownership.hand_to", _killed)
        with pytest.raises(Killed):
            jobs.sweep()
    assert count() > 0
    jobs.sweep()
    assert count() == 0
    assert not PoolMember.objects.filter(active=True, user__is_active=True).exists()
    assert Lead.objects.filter(queue="dach").exists()


class Killed(BaseException):
    """Nothing in the process catches it, as nothing catches a kill."""


def _killed(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE leads_lead SET owner_id = NULL WHERE id = %s",
        "UPDATE sla_clock SET state = 'CANCELLED', stopped_at = due_at WHERE lead_id = %s",
        "DELETE FROM routing_assignment WHERE lead_id = %s",
    ],
)
def test_each_way_to_lose_a_lead_is_counted_once(company: factories.Company, sql: str) -> None:
    lead = Lead.objects.order_by("pk")[0]
    with off_guard():
        run(sql, lead.pk)
    found = leaks.look(now=timezone.now())
    assert [pk for pk, _ in found.first] == [lead.pk]
    assert found.count == 1


def test_reps_are_neither_shown_the_number_nor_the_leads(company: factories.Company) -> None:
    for reader in (company.reps[0], company.marketing):
        assert "accountable" not in page(reader, "/")
        client = Client()
        client.force_login(reader)
        assert client.get("/watched/unaccounted/").status_code == 404
    for reader, home in ((company.manager, "/team/"), (company.revops, "/home/")):
        assert "<b>0</b> <span>leads without an accountable party</span>" in page(reader, home)
        assert "Nothing to do here" in page(reader, "/watched/unaccounted/")


def test_all_questions_are_asked() -> None:
    assert leaks._ASKED.count("found.what") == len(leaks.KEYS)
