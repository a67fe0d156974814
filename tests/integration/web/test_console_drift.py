"""The page of the drift monitor: who sees it, what it says, acknowledging an alarm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from people.models import Role, User
from reports.drift import alarms
from reports.models import DriftAlarm
from tests import drift_story, factories
from tests.factories import DAY, Company

PAGE = "/kit/drift/"


@pytest.fixture(scope="module")
def _story(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield drift_story.told(timezone.now() - 29 * DAY)
        transaction.set_rollback(True)


@pytest.fixture
def company(_story: Company, db: None) -> Company:
    """What has drifted until now, with its alarms."""
    alarms.watch()
    return _story


@pytest.fixture
def alarm(company: Company) -> DriftAlarm:
    """That acceptance fell."""
    return alarms.open_alarms().get(metric="ACCEPTANCE", slice="")


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read(user: User) -> str:
    answer = browser(user).get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def post(user: User, alarm: DriftAlarm, note: str) -> tuple[int, str]:
    answer = browser(user).post(reverse("console:kit-drift-acknowledge", args=[alarm.pk]),
                                {"note": note})  # fmt: skip
    return answer.status_code, answer.content.decode()


def test_it_is_for_who_works_on_kits(company: Company) -> None:
    admin = factories.user("root", is_superuser=True)
    ae = factories.user("ada", role=Role.AE)
    for user in (company.revops, company.manager, company.marketing, admin):
        assert browser(user).get(PAGE).status_code == 200, user
    for user in (ae, *company.reps):
        assert browser(user).get(PAGE).status_code == 403, user
    assert Client().get(PAGE).status_code == 302


def test_an_alarm_names_the_version_and_the_parts_that_bear_on_it(company: Company) -> None:
    text = read(company.manager)
    assert "Acceptance rate fell to 20.0 % of " in text
    assert "MQL volume (Paid) rose to " in text
    assert "What v2 changed that bears on it" in text
    assert "Ideal customer profile" in text
    assert "Worded anew" not in text  # a clock and a criterion of SQL have no bearing
    assert f'href="{reverse("console:kit-compare", args=[1, 2])}"' in text
    assert f'href="{reverse("console:kit-version", args=[2])}"' in text


def test_what_cannot_be_judged_says_why(company: Company) -> None:
    assert " of 30 rejections under v1 to compare with" in read(company.revops)


def test_charts_are_drawn_and_stand_in_tables_too(company: Company) -> None:
    text = read(company.revops)
    assert text.count('<svg class="control" ') == 2
    assert text.count("These points as a table") == 2
    assert "style=" not in text


def test_revops_acknowledges_with_a_note_that_stands_there(
    company: Company, alarm: DriftAlarm
) -> None:
    assert post(company.revops, alarm, "The trade fair, <b>see</b> wiki.")[0] == 303
    text = read(company.manager)
    assert "Acknowledged by Rita" in text
    assert "The trade fair, &lt;b&gt;see&lt;/b&gt; wiki." in text
    status, text = post(company.revops, alarm, "Once more.")
    assert (status, "has acknowledged it already" in text) == (409, True)


def test_a_note_that_will_not_do_comes_back_with_the_reason(
    company: Company, alarm: DriftAlarm
) -> None:
    for note in (" ", "x" * 501):
        status, text = post(company.revops, alarm, note)
        assert (status, "Say what you make of it" in text, note in text) == (422, True, True)
    alarm.refresh_from_db()
    assert alarm.acknowledged_by is None


def test_others_are_neither_offered_nor_let(company: Company, alarm: DriftAlarm) -> None:
    address = reverse("console:kit-drift-acknowledge", args=[alarm.pk])
    for user in (company.manager, company.marketing):
        assert address not in read(user)
        assert post(user, alarm, "Mine.")[0] == 403
    assert post(company.reps[0], alarm, "Mine.")[0] == 403
    assert browser(company.revops).get(address).status_code == 405
    alarm.pk = 10**9
    assert post(company.revops, alarm, "Which?")[0] == 404


def test_closed_alarms_stay_to_be_read(company: Company, alarm: DriftAlarm) -> None:
    alarms.acknowledge(alarm.pk, by=company.revops, note="Meant so.", now=timezone.now())
    factories.next_kit(
        lambda parts: parts["criterion"][0].update(prose="Again."),
        by=company.revops,
        now=timezone.now(),
    )
    alarms.watch()
    text = read(company.manager)
    assert "Closed alarms" in text
    assert "The version was replaced, " in text
    assert "Meant so." in text
    assert "v3 is too young: nothing can be said before " in text


def test_the_number_of_queries_does_not_depend_on_the_alarms(company: Company) -> None:
    def queries() -> int:
        client = browser(company.revops)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(PAGE).status_code == 200
        return len(seen)

    queries()
    many = queries()
    later = timezone.now()
    DriftAlarm.objects.update(closed_at=later, closed_because="WITHIN")
    assert queries() == many


def test_the_kit_page_counts_what_stands(company: Company) -> None:
    standing = alarms.open_alarms().count()
    text = browser(company.revops).get("/kit/").content.decode()
    assert f'<a href="{PAGE}">Drift: {standing} open alarms</a>' in text
    assert PAGE not in browser(company.reps[0]).get("/kit/").content.decode()
