"""When the queue counts as hung, and how the keeper brings it back. Time is given."""

from __future__ import annotations

import itertools

import pytest

from lifecycle import supervisor
from lifecycle.supervisor import Keeper, Signs, Timer


@pytest.mark.parametrize(
    ("started", "beaten", "database_since", "now", "hung"),
    [
        (100, 0, 0, 130, False),  # still starting
        (100, 0, 0, 159, False),
        (100, 0, 0, 161, True),  # never came up
        (100, 50, 0, 159, False),  # a sign of the cluster before this one does not count
        (100, 110, 0, 149, False),
        (100, 110, 0, 151, True),  # silent for longer than is allowed
        (100, 110, None, 900, False),  # no database: nothing can be told
        (100, 110, 890, 900, False),  # the database is just back
        (100, 110, 890, 931, True),
    ],
)
def test_a_cluster_is_hung_when_its_silence_lasts_too_long(
    started: float, beaten: float, database_since: float | None, now: float, *, hung: bool
) -> None:
    signs = Signs(started=started, beaten=beaten, database_since=database_since)
    assert signs.is_hung(now) is hung


class Staged:
    """A cluster that does what the test says and notes what is done to it."""

    def __init__(self) -> None:
        self.pid: int | None = None
        self.fate: str | None = None
        self.log: list[str] = []

    def start(self) -> None:
        self.pid, self.fate = 1, None
        self.log.append("start")

    def ended(self) -> str | None:
        if self.fate is not None:
            self.pid = None
        return self.fate

    def kill(self) -> None:
        self.pid = None
        self.log.append("kill")


@pytest.fixture
def staged() -> Staged:
    return Staged()


@pytest.fixture
def keeper(staged: Staged) -> Keeper:
    return Keeper(staged, Signs(database_since=0.0))  # type: ignore[arg-type]


def test_a_hung_cluster_is_killed_whole_and_started_anew(keeper: Keeper, staged: Staged) -> None:
    keeper.mind(0)
    keeper.signs.beaten = 5
    keeper.mind(40)
    assert staged.log == ["start"]
    keeper.mind(51)
    assert staged.log == ["start", "kill"]
    keeper.mind(53)
    assert staged.log == ["start", "kill", "start"]
    keeper.mind(60)
    assert staged.log[-1] == "start"


def test_a_cluster_that_ends_at_once_is_started_with_growing_pauses(
    keeper: Keeper, staged: Staged
) -> None:
    starts = []
    for second in range(400):
        before = len(staged.log)
        keeper.mind(second)
        if len(staged.log) > before:
            starts.append(second)
            staged.fate = "ended with code 1"
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert gaps == sorted(gaps)
    assert gaps[0] <= 3
    assert 20 < gaps[-1] < 40


def test_a_cluster_that_ran_for_long_comes_back_at_once(keeper: Keeper, staged: Staged) -> None:
    keeper.falls = 6
    keeper.mind(0)
    keeper.signs.beaten = 1_000
    staged.fate = "was killed by signal 9"
    keeper.mind(1_000)
    assert staged.log == ["start"]
    keeper.mind(1_001)
    assert staged.log == ["start", "start"]


def test_a_timer_rings_once_each_time() -> None:
    timer = Timer(20)
    rung = [second for second in range(100) if timer.rings(second)]
    assert rung == [0, 20, 40, 60, 80]


@pytest.mark.parametrize("failures", range(12))
def test_pauses_grow_up_to_their_limit(failures: int) -> None:
    waits = [supervisor.pause(count, longest=30) for count in range(failures + 1)]
    assert waits == sorted(waits)
    assert waits[0] == 0
    assert max(waits) <= 30
