"""What becomes of notices that wait to be mailed, judged without a database."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import work_calendar
from core.work_calendar import WorkCalendar
from lifecycle import bundling, settling
from lifecycle.bundling import FEW, WHILE, Recent
from lifecycle.mails import words_of
from lifecycle.models import KitNews, Mode, Notice, PartnerNews, ReviewNews, TerritoryNews, Topic
from lifecycle.preferences import Preference, topic_of
from lifecycle.settling import Standing
from lifecycle.windows import Hearer
from people.availability import Availability

NOW = dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC)  # a Tuesday
HOUR = dt.timedelta(hours=1)
OFFICE = WorkCalendar(zone="Europe/Berlin", week=(((9 * 60, 17 * 60),),) * 5 + ((), ()))
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def hearer(
    preference: Preference | None = None,
    *,
    hours: WorkCalendar = OFFICE,
    leaves: tuple[tuple[dt.datetime, dt.datetime], ...] = (),
    away_until: dt.datetime | None = None,
) -> Hearer:
    there = Availability(True, hours, leaves, away_until)
    return Hearer(BERLIN, there, preference or Preference({}))


def waiting(count: int, *, kind: str = "ASSIGNED", together: bool = False) -> list[Notice]:
    return [Notice(pk=n, kind=kind, mail_together=together) for n in range(1, count + 1)]


modes = st.dictionaries(st.sampled_from(Topic.values), st.sampled_from(Mode.values))
instants = st.timedeltas(dt.timedelta(), dt.timedelta(days=365)).map(lambda span: NOW + span)


@given(
    modes=modes,
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=6),
    off_hours=st.booleans(),
    kinds=st.lists(st.tuples(st.sampled_from(Notice.Kind.values), st.booleans()), max_size=12),
    singles=st.integers(0, FEW),
    ago=st.none() | st.timedeltas(dt.timedelta(), WHILE),
    now=instants,
)
def test_every_notice_has_one_fate_and_waits_for_a_time_to_come(
    modes: dict[str, str], hours: set[int], off_hours: bool, kinds: list[tuple[str, bool]],
    singles: int, ago: dt.timedelta | None, now: dt.datetime,
) -> None:  # fmt: skip
    who = hearer(Preference(modes, tuple(sorted(hours)), off_hours))
    rows = [Notice(pk=n, kind=kind, mail_together=t) for n, (kind, t) in enumerate(kinds)]
    last = now - ago if ago is not None else None
    plan = bundling.decide(rows, who, Recent(singles, last, last), now=now)
    fates = [*plan.off, *(pk for pk, *_ in plan.later), *plan.singles, *plan.together]
    assert sorted(fates) == [row.pk for row in rows]
    assert all(at > now for _, at, _ in plan.later)
    assert len(plan.singles) + singles <= FEW or not plan.singles
    if not off_hours and (plan.singles or plan.together):
        local = now.astimezone(BERLIN)
        assert local.weekday() < 5
        assert 9 <= local.hour < 17


@pytest.mark.parametrize(
    ("count", "recent", "alone", "together", "later"),
    [
        (1, Recent(), 1, 0, 0),
        (FEW, Recent(), FEW, 0, 0),
        (FEW + 1, Recent(), 0, FEW + 1, 0),
        (40, Recent(), 0, 40, 0),
        (1, Recent(FEW - 1, NOW), 1, 0, 0),
        (1, Recent(FEW, NOW), 0, 0, 1),
        (40, Recent(FEW, NOW), 0, 40, 0),
        (40, Recent(0, NOW, NOW), 0, 0, 40),
        (40, Recent(0, NOW - WHILE, NOW - WHILE), 0, 40, 0),
    ],
)
def test_a_few_come_alone_and_many_as_one(
    count: int, recent: Recent, alone: int, together: int, later: int
) -> None:
    plan = bundling.decide(waiting(count), hearer(), recent, now=NOW)
    found = (len(plan.singles), len(plan.together), len(plan.later))
    assert found == (alone, together, later)


def test_what_waited_goes_together_however_few() -> None:
    plan = bundling.decide(waiting(2, together=True), hearer(), Recent(), now=NOW)
    assert (plan.singles, plan.together) == ((), (1, 2))


@pytest.mark.parametrize(
    ("who", "at", "opens"),
    [
        (hearer(), NOW, NOW),
        (hearer(), NOW.replace(hour=20), NOW.replace(day=4, hour=8)),
        (hearer(), NOW.replace(day=6, hour=16), NOW.replace(day=9, hour=8)),  # a weekend
        (hearer(Preference({}, off_hours=True)), NOW.replace(hour=20), NOW.replace(hour=20)),
        (hearer(leaves=((NOW - HOUR, NOW + 24 * HOUR),)), NOW, NOW + 24 * HOUR),
        (hearer(away_until=NOW + HOUR), NOW, NOW),  # at work, and wants no new leads
        (hearer(hours=work_calendar.ALWAYS), NOW.replace(hour=3), NOW.replace(hour=3)),
        (hearer(), NOW.replace(day=28, hour=20), NOW.replace(day=30, hour=7)),  # summer time
    ],
)
def test_when_somebody_may_be_told(who: Hearer, at: dt.datetime, opens: dt.datetime) -> None:
    assert who.opening(at) == opens


@pytest.mark.parametrize(
    ("hours", "at", "comes"),
    [
        ((9,), NOW, NOW.replace(day=4, hour=8)),
        ((9, 14), NOW, NOW.replace(hour=13)),
        ((11,), NOW, NOW.replace(day=4)),  # it is just past that hour
        ((22,), NOW, NOW.replace(day=4, hour=8)),  # nobody works at ten
    ],
)
def test_when_a_digest_comes(hours: tuple[int, ...], at: dt.datetime, comes: dt.datetime) -> None:
    who = hearer(Preference({Topic.NEW_LEAD: Mode.DIGEST}, hours))
    assert who.mailed_at(Topic.NEW_LEAD, at) == comes


def test_every_kind_of_notice_is_about_a_topic() -> None:
    known = (Notice.Kind, KitNews, TerritoryNews, PartnerNews, ReviewNews)
    kinds = [kind for one in known for kind in one.values]
    assert {topic_of(kind) for kind in kinds} == set(Topic)


def stands(notice: int, kind: str, **known: object) -> Standing:
    given = {"part": "HOLDER", "lead": 1, "clock": 7, "running": True, "breached": True, **known}
    return Standing(notice, Notice.Kind(kind), **given)  # type: ignore[arg-type]


ASSIGNED = stands(1, "ASSIGNED", clock=None, still_theirs=True)
WARNED, BREACHED, ESCALATED = stands(2, "WARNED"), stands(3, "BREACHED"), stands(4, "ESCALATED")


@pytest.mark.parametrize(
    ("standing", "alone", "digest"),
    [
        (ASSIGNED, set(), set()),
        (stands(1, "ASSIGNED", still_theirs=False), {1}, {1}),
        (stands(2, "WARNED", breached=False), set(), set()),
        (WARNED, {2}, {2}),
        (BREACHED, set(), set()),
        (stands(3, "BREACHED", running=False), set(), {3}),
        (stands(4, "ESCALATED", running=False), {4}, {4}),
        (stands(4, "ESCALATED", running=False, moved=True), set(), set()),
    ],
)
def test_what_was_done_meanwhile_need_not_be_mailed(
    standing: Standing, alone: set[int], digest: set[int]
) -> None:
    assert settling.moot([standing], digest=False) == alone
    assert settling.moot([standing], digest=True) == digest


@pytest.mark.parametrize(
    ("standings", "moot"),
    [
        ([ASSIGNED, BREACHED], {1}),
        ([BREACHED, ESCALATED], {3}),
        ([BREACHED, stands(4, "ESCALATED", clock=8)], set()),  # another clock of the lead
        ([BREACHED, stands(4, "ESCALATED", lead=2, clock=9)], set()),
        ([ASSIGNED, stands(4, "ESCALATED", part="MANAGER")], set()),
        ([BREACHED, stands(4, "ESCALATED", running=False)], {4}),
    ],
)
def test_a_digest_tells_the_gravest_of_one_thing(standings: list[Standing], moot: set[int]) -> None:
    assert settling.moot(standings, digest=True) == moot
    assert not settling.moot([standings[0]], digest=False)


def test_an_error_in_words_is_one_line_without_addresses() -> None:
    said = words_of(ValueError("no\nsuch <ana@example.com> here"))
    assert said == "ValueError: no such … here"
