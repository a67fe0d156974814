"""Query sets and questions in one message, and what is read in several steps side by side."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Count, QuerySet

from core import reading, steps
from people.models import Role, Team, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people() -> None:
    home = factories.team("Home")
    for name, role in (("anna", Role.SDR), ("ben 100%s", Role.SDR), ("nina", Role.MARKETING)):
        factories.user(name, role=role, team=home if role == Role.SDR else None)


def every_kind() -> list[QuerySet[Any, Any]]:
    everybody = User.objects.order_by("pk")
    return [
        everybody.select_related("team"),
        everybody.select_related("team").only("username", "team__name")[:2],
        everybody.values_list("pk", flat=True)[1:],
        everybody.order_by("role").values("role").annotate(n=Count("pk")),
        everybody.values_list("pk", "date_joined"),
        User.objects.filter(username__contains="100%s"),
        User.objects.filter(pk__in=[]),
        Team.objects.none(),
        User.objects.filter(role=Role.SDR).union(User.objects.filter(role=Role.MARKETING)),
        everybody.prefetch_related("groups"),
    ]


def test_a_query_set_asked_with_others_holds_what_it_would_hold(
    django_assert_num_queries: Any,
) -> None:
    alone = [list(rows) for rows in every_kind()]
    asked = every_kind()
    count = reading.count_of(User.objects.filter(role=Role.SDR)[:1])
    with django_assert_num_queries(2):  # one for all of them, one for what is prefetched
        reading.ask(*asked, count)
    with django_assert_num_queries(0):
        assert [list(rows) for rows in asked] == alone
        assert [str(one.team) for one in asked[0]] == ["Home", "Home", "None"]
    assert [len(rows) for rows in asked] == [3, 2, 2, 2, 3, 1, 0, 0, 3, 3]
    assert count.found == [1]
    assert asked[0].filter(role=Role.AUDITOR).count() == 0  # it can be narrowed as any other


def test_what_can_have_no_rows_is_not_asked(django_assert_num_queries: Any) -> None:
    empty, none = User.objects.filter(pk__in=[]), reading.count_of(User.objects.none())
    with django_assert_num_queries(1):
        reading.ask(empty, none)
    assert (list(empty), none.found) == ([], [0])
    with django_assert_num_queries(0):
        reading.ask(User.objects.none())


@steps.in_steps
def _mates(role: str, told: list[str]) -> steps.Story[list[str]]:
    rows = User.objects.filter(role=role, team__isnull=False).order_by("pk")
    yield [rows]
    told.append("rows")
    mates = User.objects.filter(team__in={one.team_id for one in rows}).order_by("pk")
    yield [mates]
    told.append("mates")
    return [one.username for one in mates]


@steps.in_steps
def _page(told: list[str]) -> steps.Story[tuple[list[str], list[str], int]]:
    mine, theirs = _mates(Role.SDR, told), _mates(Role.MARKETING, told)
    whole = reading.count_of(User.objects.all())
    yield mine, theirs, whole
    last = _mates(Role.SDR, told)
    yield [last]
    return mine.found, theirs.found + last.found[:1], whole.found[0]


def test_steps_go_side_by_side_and_what_needs_more_of_them_goes_on(
    django_assert_num_queries: Any,
) -> None:
    told: list[str] = []
    with django_assert_num_queries(4):
        found = _page(told).read()
    assert found == (["anna", "ben 100%s"], ["anna"], 3)
    assert told == ["rows", "rows", "mates", "mates", "rows", "mates"]


def test_a_fault_in_one_of_them_is_heard() -> None:
    @steps.in_steps
    def fails() -> steps.Story[None]:
        yield [User.objects.all()]
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        steps.ask(_mates(Role.SDR, []), fails())
