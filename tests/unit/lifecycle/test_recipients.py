"""Who must hear of an event, judged from ids alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


people = st.none() | st.integers(1, 6)


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
