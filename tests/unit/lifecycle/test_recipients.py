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
    pool: int | None = PAT, gone: tuple[int, ...] = (),
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
        # somebody always hears
        (escalation("MANAGERS", gone=(BO, PAT, MAX, RITA, ROY, SUE, MARK)), [ANA], []),
    ],
)
def test_a_level_reaches_whom_it_names_or_the_next_broader_circle(
    given_around: Around, holders: list[int], managers: list[int]
) -> None:
    wanted = [Recipient(user, Part.HOLDER) for user in holders]
    wanted += [Recipient(user, Part.MANAGER) for user in managers]
    assert list(recipients.decide(Notice.Kind.ESCALATED, given_around)) == wanted


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
)
def test_an_escalation_is_never_told_to_nobody_twice_or_to_who_missed_it(
    tell: list[str], holder: int | None, missed: int | None, managers: tuple[int, ...],
    revops: tuple[int, ...], superusers: tuple[int, ...], active: frozenset[int],
) -> None:  # fmt: skip
    around = Around(
        holder, None, None, None, revops, active,
        tuple(tell), missed, managers, (), superusers,
    )  # fmt: skip
    found = recipients.decide(Notice.Kind.ESCALATED, around)
    users = [one.user for one in found]
    assert len(users) == len(set(users))
    assert set(users) <= active
    assert all(one.user not in (holder, missed) for one in found if one.part is Part.MANAGER)
    assert found or not active & {holder, missed, *managers, *revops, *superusers}


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
