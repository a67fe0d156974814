"""Who must hear of an event, judged from ids alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.models import EscalationLevel
from lifecycle import recipients
from lifecycle.models import Notice
from lifecycle.recipients import Around, Part, Recipient

ANA, BO, PAT, RITA, ROY = 1, 2, 3, 4, 5
ASSIGNED, WARNED, BREACHED = Notice.Kind.ASSIGNED, Notice.Kind.WARNED, Notice.Kind.BREACHED
EVERYONE = frozenset({ANA, BO, PAT, RITA, ROY})


def around(
    holder: int | None = ANA,
    *,
    by: int | None = None,
    team: int | None = BO,
    pool: int | None = PAT,
    gone: frozenset[int] = frozenset(),
) -> Around:
    return Around(
        holder=holder,
        by=by,
        team_manager=team,
        pool_manager=pool,
        others=(RITA, ROY),
        active=EVERYONE - gone,
    )


@pytest.mark.parametrize(
    ("kind", "given_around", "holders", "managers"),
    [
        (ASSIGNED, around(), [ANA], []),
        (ASSIGNED, around(by=BO), [ANA], []),
        (ASSIGNED, around(by=ANA), [], []),
        (ASSIGNED, around(gone=frozenset({ANA})), [], []),
        (WARNED, around(), [ANA], []),
        (WARNED, around(None, team=None), [], [PAT]),
        (WARNED, around(gone=frozenset({ANA})), [], [BO]),
        (BREACHED, around(), [ANA], [BO]),
        (BREACHED, around(team=None), [ANA], [PAT]),
        (BREACHED, around(team=ANA), [ANA], [PAT]),
        (BREACHED, around(gone=frozenset({BO})), [ANA], [PAT]),
        (BREACHED, around(team=ANA, pool=ANA), [ANA], [RITA, ROY]),
        (BREACHED, around(None, team=None), [], [PAT]),
        (BREACHED, around(RITA, team=None, pool=None), [RITA], [ROY]),
        (BREACHED, around(None, team=None, pool=None), [], [RITA, ROY]),
    ],
)
def test_who_is_told(
    kind: Notice.Kind, given_around: Around, holders: list[int], managers: list[int]
) -> None:
    wanted = [Recipient(user, Part.HOLDER) for user in holders]
    wanted += [Recipient(user, Part.MANAGER) for user in managers]
    assert list(recipients.decide(kind, given_around)) == wanted


MAX, MARK, SUE = 6, 7, 8


def escalation(
    *tell: str, holder: int | None = ANA, missed: int | None = ANA, team: int | None = BO,
    pool: int | None = PAT, gone: tuple[int, ...] = (), off: tuple[int, ...] = (),
    no_hours: tuple[int, ...] = (),
) -> Around:  # fmt: skip
    return Around(
        holder=holder,
        by=None,
        team_manager=team,
        pool_manager=pool,
        others=(RITA, ROY),
        active=(EVERYONE | {MAX, MARK, SUE}) - set(gone),
        tell=tell,
        missed=missed,
        managers=(BO, PAT, MAX),
        marketing=(MARK,),
        superusers=(SUE,),
        off_shift=frozenset(off),
        with_hours=(EVERYONE | {MAX, MARK, SUE}) - set(no_hours),
    )


@pytest.mark.parametrize(
    ("given_around", "holders", "managers"),
    [
        (escalation("HOLDER"), [ANA], []),
        (escalation("TEAM_MANAGER"), [], [BO]),
        (escalation("POOL_MANAGER", "TEAM_MANAGER"), [], [PAT, BO]),
        (escalation("HOLDER", "MANAGERS"), [ANA], [BO, PAT, MAX]),
        (escalation("MARKETING", "REVOPS"), [], [MARK, RITA, ROY]),
        # each once
        (escalation("TEAM_MANAGER", "MANAGERS"), [], [BO, PAT, MAX]),
        # never who missed it, nor who has it now, unless the level names the holder
        (escalation("MANAGERS", missed=PAT), [], [BO, MAX]),
        (escalation("MANAGERS", holder=MAX, missed=PAT), [], [BO]),
        (escalation("HOLDER", "MANAGERS", holder=MAX, missed=PAT), [MAX], [BO]),
        # who is not there is passed over for the next broader circle
        (escalation("TEAM_MANAGER", gone=(BO,)), [], [PAT]),
        (escalation("TEAM_MANAGER", holder=None, team=None), [], [PAT]),
        (escalation("TEAM_MANAGER", gone=(BO, PAT)), [], [MAX]),
        (escalation("MARKETING", gone=(MARK,), pool=None), [], [BO, PAT, MAX]),
        (escalation("MANAGERS", gone=(BO, PAT, MAX)), [], [RITA, ROY]),
        (escalation("MANAGERS", gone=(BO, PAT, MAX, RITA, ROY)), [], [SUE]),
        (escalation("REVOPS", gone=(RITA, ROY)), [], [PAT]),
        (escalation("HOLDER", gone=(ANA,)), [], [PAT]),
        (escalation("HOLDER", "TEAM_MANAGER", team=None), [ANA], [PAT]),
        (escalation("MANAGERS", gone=(BO, PAT, MAX, RITA, ROY, SUE)), [], [MARK]),
        # whoever missed it does not hear in the place of others; who has it since then does
        (escalation("MANAGERS", gone=(BO, PAT, MAX, RITA, ROY, SUE, MARK)), [], []),
        (escalation("MANAGERS", holder=MAX, gone=(BO, PAT, RITA, ROY, SUE, MARK)), [MAX], []),
        # whoever is at work, all of a circle hear
        (escalation("MANAGERS", off=(BO, MAX)), [], [BO, PAT, MAX]),
        (escalation("TEAM_MANAGER", off=(BO,)), [], [BO]),
        (escalation("REVOPS", gone=(RITA, ROY), off=(PAT,)), [], [PAT]),
    ],
)
def test_a_level_reaches_whom_it_names_or_the_next_broader_circle(
    given_around: Around, holders: list[int], managers: list[int]
) -> None:
    wanted = [Recipient(user, Part.HOLDER) for user in holders]
    wanted += [Recipient(user, Part.MANAGER) for user in managers]
    told = recipients.decide(Notice.Kind.ESCALATED, given_around)
    assert [(one.user, one.part) for one in told] == [(one.user, one.part) for one in wanted]


@pytest.mark.parametrize(
    ("given_around", "called"),
    [
        (escalation("MANAGERS", off=(BO, MAX)), [PAT]),
        (escalation("MANAGERS", off=(BO, MAX), missed=PAT), [BO, MAX]),
        (escalation("MANAGERS", off=(BO, PAT, MAX)), [BO, PAT, MAX]),
        (escalation("MANAGERS", "REVOPS", off=(BO, PAT, MAX, RITA)), [BO, PAT, MAX, ROY]),
        # in either circle: at work in one of them is enough to be called
        (escalation("TEAM_MANAGER", "MANAGERS", off=(BO, MAX)), [BO, PAT]),
        (escalation("TEAM_MANAGER", off=(BO,)), [BO]),
        # who has no hours can be called, and does not stand in for those who have some
        (escalation("REVOPS", off=(RITA,), no_hours=(ROY,)), [RITA, ROY]),
        (escalation("MANAGERS", off=(BO,), no_hours=(MAX,)), [PAT, MAX]),
        (escalation("MANAGERS", off=(BO, MAX), no_hours=(MAX,)), [PAT]),
        (escalation("REVOPS", no_hours=(RITA, ROY)), [RITA, ROY]),
    ],
)
def test_of_a_circle_who_is_at_work_is_called_and_all_where_nobody_is(
    given_around: Around, called: list[int]
) -> None:
    told = recipients.decide(Notice.Kind.ESCALATED, given_around)
    assert [one.user for one in told if not one.console_only] == called


@pytest.mark.parametrize(
    ("given_around", "alone"),
    [
        (escalation("TEAM_MANAGER", off=(BO,)), True),
        (escalation("MANAGERS", off=(BO, PAT, MAX)), True),
        (escalation("MANAGERS", off=(BO, PAT)), False),
        (escalation("TEAM_MANAGER", "REVOPS", off=(BO,)), False),
        (escalation("HOLDER", off=(ANA,)), False),
        # the holder is told, too
        (escalation("HOLDER", "TEAM_MANAGER", off=(BO,)), False),
        (escalation("HOLDER", "TEAM_MANAGER", off=(ANA, BO)), True),
        # of who has no hours nobody knows
        (escalation("REVOPS", off=(RITA,), no_hours=(ROY,)), False),
    ],
)
def test_it_is_said_when_nobody_it_escalates_to_is_at_work(
    given_around: Around, alone: bool
) -> None:
    told = recipients.decide(Notice.Kind.ESCALATED, given_around)
    assert recipients.nobody_at_work(told, given_around) is alone


people = st.none() | st.integers(1, 6)
groups = st.lists(st.integers(1, 6), unique=True).map(tuple)


@given(
    tell=st.lists(st.sampled_from(EscalationLevel.Tell.values), min_size=1, unique=True),
    holder=people,
    missed=people,
    managers=groups,
    revops=groups,
    superusers=groups,
    active=st.frozensets(st.integers(1, 6), min_size=1),
    off=st.frozensets(st.integers(1, 6)),
    with_hours=st.frozensets(st.integers(1, 6)),
)
def test_an_escalation_is_never_told_to_nobody_twice_or_to_who_missed_it(
    tell: list[str], holder: int | None, missed: int | None, managers: tuple[int, ...],
    revops: tuple[int, ...], superusers: tuple[int, ...], active: frozenset[int],
    off: frozenset[int], with_hours: frozenset[int],
) -> None:  # fmt: skip
    around = Around(
        holder, None, None, None, revops, active,
        tuple(tell), missed, managers, (), superusers, off_shift=off, with_hours=with_hours,
    )  # fmt: skip
    found = recipients.decide(Notice.Kind.ESCALATED, around)
    users = [one.user for one in found]
    assert len(users) == len(set(users))
    assert set(users) <= active
    assert all(one.user not in (holder, missed) for one in found if one.part is Part.MANAGER)
    assert missed not in users or ("HOLDER" in tell and holder == missed)
    others = {*managers, *revops, *superusers} - {holder, missed}
    assert found or not active & (others | {holder} - {missed})
    assert not found or any(not one.console_only for one in found)


@given(
    kind=st.sampled_from(Notice.Kind),
    holder=people,
    by=people,
    team=people,
    pool=people,
    others=st.lists(st.integers(1, 6), unique=True),
    active=st.frozensets(st.integers(1, 6)),
)
def test_nobody_is_told_twice_nobody_who_left_and_no_manager_of_their_own_miss(
    kind: Notice.Kind,
    holder: int | None,
    by: int | None,
    team: int | None,
    pool: int | None,
    others: list[int],
    active: frozenset[int],
) -> None:
    found = recipients.decide(kind, Around(holder, by, team, pool, tuple(others), active))
    users = [one.user for one in found]
    assert len(users) == len(set(users))
    assert set(users) <= active
    assert all(one.user != holder for one in found if one.part is Part.MANAGER)
    if kind is BREACHED and active & ({team, pool, *others} - {holder, None}):
        assert any(one.part is Part.MANAGER for one in found)
