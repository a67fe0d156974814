"""What was kept for one rep while nobody worked, when the pool, its people or its policy change."""

from __future__ import annotations

from collections import Counter

import pytest

from leads.models import Lead
from lifecycle import waiting
from people.models import Leave, Role, Shift, User
from routing import discretion
from routing.models import Pool, PoolMember
from tests import factories
from tests.factories import HOUR, MINUTE
from tests.idle_weekend import MONDAY, SATURDAY, drain, over_the_weekend, owners, weekend_pool
from web.console import waiting_words

pytestmark = pytest.mark.django_db

SUNDAY = MONDAY - 14 * HOUR


def kept() -> Counter[str]:
    rows = Lead.objects.filter(kept_for__isnull=False)
    return Counter(rows.values_list("kept_for__username", flat=True))


def weekend_of_eight(**columns: object) -> dict[str, User]:
    """Eight leads kept 4:2:2 for anna, ben and cleo."""
    team = weekend_pool(off_shift="SPREAD", **columns)
    over_the_weekend(8)
    assert kept() == {"anna": 4, "ben": 2, "cleo": 2}
    return team


@pytest.mark.parametrize(
    ("model", "columns"),
    [(PoolMember, {"active": False}), (User, {"role": Role.MARKETING}), (User, {"is_active": 0})],
)
def test_what_is_kept_for_who_leaves_is_kept_for_the_others(
    model: type, columns: dict[str, object]
) -> None:
    team = weekend_of_eight()
    own = {"user": team["anna"]} if model is PoolMember else {"pk": team["anna"].pk}
    model.objects.filter(**own).update(**columns)  # type: ignore[attr-defined]
    waiting.route(now=SUNDAY)
    assert kept() == {"ben": 4, "cleo": 4}


def test_another_policy_of_the_pool_frees_what_is_kept() -> None:
    weekend_of_eight()
    Pool.objects.filter(key="dach").update(off_shift="FIRST_BACK")
    waiting.route(now=SUNDAY)
    assert not kept()
    drain(MONDAY + 8 * HOUR)
    assert owners() == {"anna": 8}


def joins(cap: int | None = None) -> User:
    return factories.rep("dora", pools=["dach"], cap=cap)


def test_who_joins_and_works_gets_what_is_kept_for_a_later_day() -> None:
    weekend_of_eight()
    joins()
    waiting.route(now=SUNDAY)
    assert owners() == {"dora": 8}
    assert not kept()


def test_who_comes_back_before_the_day_gets_what_is_kept_and_nothing_overtakes_it() -> None:
    team = weekend_pool(off_shift="SPREAD")
    dora = joins(cap=5)
    Leave.objects.create(user=dora, starts_at=SATURDAY - HOUR, ends_at=MONDAY + 90 * HOUR)
    over_the_weekend(8)
    Leave.objects.filter(user=dora).update(ends_at=SUNDAY)
    by_due = list(Lead.objects.order_by("next_due_at", "pk").values_list("pk", flat=True))
    waiting.route(now=SUNDAY)
    assert sorted(Lead.objects.filter(owner=dora).values_list("pk", flat=True)) == sorted(
        by_due[:5]
    )
    late = factories.capture(now=SUNDAY + MINUTE)
    assert late.owner is None
    assert kept().total() == 3, "beyond dora's cap they stay with whom they are kept for"
    drain(MONDAY + 10 * HOUR)
    assert set(owners()) <= {"dora", *team}


def test_who_works_on_the_day_itself_leaves_the_others_theirs() -> None:
    weekend_of_eight()
    factories.rep("dora", pools=["dach"], shifts=[(0, "07:00", "18:00")])
    waiting.route(now=MONDAY + 7 * HOUR + MINUTE)
    assert not owners()
    drain(MONDAY + 8 * HOUR)
    assert owners() == {"anna": 4}
    drain(MONDAY + 10 * HOUR)
    assert owners() == {"anna": 4, "ben": 2, "cleo": 2}


def test_a_shift_added_before_the_day_takes_what_is_kept() -> None:
    team = weekend_of_eight()
    Shift.objects.create(user=team["cleo"], weekday=6, starts="09:00", ends="18:00")
    waiting.route(now=SUNDAY)
    assert owners() == {"cleo": 8}


def test_the_page_says_for_whom_it_is_kept_and_when_others_get_it() -> None:
    team = weekend_pool(off_shift="SPREAD")
    (lead,) = over_the_weekend(1)
    assert lead.kept_for == team["anna"]
    found = waiting_words.of_lead(
        lead, team["anna"], {"dach": "DACH"}, sight=discretion.ALL, now=SATURDAY
    )
    assert found is not None
    assert found.headline == "Kept for Anna until they start."
    told = " ".join(one.text for one in found.checks)
    assert "shared over the next working day; this one is for Anna, from" in told
    assert "Others get it sooner where one of them works on an earlier day" in told


MORNING = MONDAY + 8 * HOUR


def on_monday(number: int) -> Counter[str]:
    """Of so many leads of Monday night, for whom they are kept for Tuesday."""
    factories.captures([factories.touch() for _ in range(number)], now=MONDAY + 22 * HOUR)
    return kept()


def test_the_caps_of_the_day_that_comes_count_and_not_those_of_today() -> None:
    weekend_pool(off_shift="SPREAD")
    PoolMember.objects.filter(user__username="anna").update(day_cap=6)
    PoolMember.objects.filter(user__username="ben").update(day_cap=3)
    factories.captures([factories.touch() for _ in range(20)], now=MORNING + 3 * HOUR)
    assert owners() == {"anna": 6, "ben": 3, "cleo": 11}
    assert on_monday(12) == {"anna": 6, "ben": 3, "cleo": 3}
    drain(MONDAY + 34 * HOUR)
    assert owners() == {"anna": 12, "ben": 6, "cleo": 14}, "each took what was kept for them"


@pytest.mark.parametrize(("name", "cap"), [("day_cap", 2), ("week_cap", 2), ("open_cap", 2)])
def test_nobody_is_kept_more_than_the_day_that_comes_allows(name: str, cap: int) -> None:
    weekend_pool(off_shift="SPREAD")
    PoolMember.objects.filter(user__username="anna").update(**{name: cap})
    assert on_monday(12) == {"anna": 2, "ben": 5, "cleo": 5}
    drain(MONDAY + 34 * HOUR)
    assert owners() == {"anna": 2, "ben": 5, "cleo": 5}


def test_a_week_counts_on_where_the_day_that_comes_lies_in_it() -> None:
    weekend_pool(off_shift="SPREAD")
    PoolMember.objects.filter(user__username="anna").update(week_cap=6)
    factories.captures([factories.touch() for _ in range(8)], now=MORNING)
    assert owners()["anna"] == 6
    assert on_monday(4)["anna"] == 0
    drain(MONDAY + 34 * HOUR)
    factories.captures([factories.touch() for _ in range(4)], now=SATURDAY + 7 * 24 * HOUR)
    assert kept()["anna"] == 2, "the next Monday begins another week"


def test_what_another_pool_keeps_for_somebody_counts_towards_their_cap() -> None:
    team = weekend_pool(off_shift="SPREAD")
    PoolMember.objects.filter(user=team["anna"]).update(open_cap=3)
    Pool.objects.filter(key="uk-nordics").update(off_shift="SPREAD")
    PoolMember.objects.create(pool=Pool.objects.get(key="uk-nordics"), user=team["anna"])
    british = [factories.touch(company={"country": "GB"}) for _ in range(2)]
    leads = factories.captures(british, now=SATURDAY)
    assert {one.queue for one in leads} == {"uk-nordics"}
    assert kept() == {"anna": 2}
    over_the_weekend(4)
    assert kept() == {"anna": 3, "ben": 2, "cleo": 1}
