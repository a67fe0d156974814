"""When rules over facts may say something else by the passing of time alone. Pure.

Facts that count days (`signal.….count_30d`, `signal.….last_days`, `lead.last_touch_days`) change
while nobody does anything. Everything else changes with something that is done.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from governance.conditions import Node, Not, Test
from governance.kit import Kit

DAY = dt.timedelta(days=1)
LAST_TOUCH = "lead.last_touch_days"
_COUNT = re.compile(r"signal\.(?P<kind>[a-z0-9_]+)\.count_(?P<days>\d+)d")
_LAST = re.compile(r"signal\.(?P<kind>[a-z0-9_]+)\.last_days")


@dataclass(frozen=True, slots=True)
class _Timed:
    """A test that time can turn: behaviours of a `kind`, or touches where it is empty.

    Each counts for `days`; or the last is compared with so many `edges` in days.
    """

    kind: str
    days: int | None
    edges: tuple[int, ...]


def next_turn(
    kit: Kit,
    signals: Sequence[tuple[str, dt.datetime]],
    last_touch_at: dt.datetime | None,
    now: dt.datetime,
) -> dt.datetime | None:
    """The first instant after `now` at which a score rule over facts may be judged otherwise.

    None where no rule speaks of days, or nothing is left that could turn one.
    """
    timed = _timed(kit)
    if not timed:
        return None
    turns = (at for one in timed for at in _turns(one, signals, last_touch_at, now) if at > now)
    return min(turns, default=None)


def hangs_on_time(kit: Kit) -> bool:
    """Whether time alone can turn a score rule of this kit."""
    return bool(_timed(kit))


def _turns(
    one: _Timed,
    signals: Sequence[tuple[str, dt.datetime]],
    last_touch_at: dt.datetime | None,
    now: dt.datetime,
) -> Iterator[dt.datetime]:
    times = [at for kind, at in signals if kind == one.kind]
    if one.days is not None:
        yield from (at + one.days * DAY for at in times)
        return
    last = last_touch_at if not one.kind else max(times, default=None)
    if last is not None:
        yield from (min(last, now) + edge * DAY for edge in one.edges)


@functools.lru_cache(maxsize=16)
def _timed(kit: Kit) -> tuple[_Timed, ...]:
    nodes = [rule.condition for rule in kit.score_rules if rule.condition and not rule.signal]
    return tuple({one for node in nodes for test in _tests(node) for one in _of(test)})


def _tests(node: Node) -> Iterator[Test]:
    if isinstance(node, Test):
        yield node
        return
    for child in (node.node,) if isinstance(node, Not) else node.nodes:
        yield from _tests(child)


def _of(test: Test) -> Iterable[_Timed]:
    if found := _COUNT.fullmatch(test.fact):
        yield _Timed(found["kind"], int(found["days"]), ())
    elif test.fact == LAST_TOUCH:
        yield _Timed("", None, _edges(test))
    elif found := _LAST.fullmatch(test.fact):
        yield _Timed(found["kind"], None, _edges(test))


def _edges(test: Test) -> tuple[int, ...]:
    """The days at which the test can turn: each value it names, and the day after that."""
    named = test.value if isinstance(test.value, tuple) else (test.value,)
    numbers = [int(one) for one in named if isinstance(one, int | float | Decimal)]
    return tuple(sorted({edge for one in numbers for edge in (one, one + 1)}))
