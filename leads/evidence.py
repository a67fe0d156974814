"""Which behaviours of a buyer prove a verdict: the signals that its conditions counted. Pure.

Only branches of a condition that hold are followed, and nothing beneath a `not`: what did not
happen has no signals. Points are explained by the score's own parts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from governance import conditions
from governance.conditions import All, AnyOf, Node, Test
from governance.kit import Kit
from leads.qualification import Verdict

MOST = 50
"""So many signals of one verdict are named, the newest."""
_COUNTED = re.compile(r"signal\.([a-z0-9_]+)\.(?:count_([0-9]+)d|last_days)")


class Seen(NamedTuple):
    """A stored behaviour: its id, kind and instant."""

    id: int
    kind: str
    at: dt.datetime


def of(
    verdict: Verdict,
    kit: Kit,
    seen: Iterable[Seen],
    *,
    now: dt.datetime,
    since: dt.datetime | None = None,
) -> list[int]:
    """The ids of the signals that the criteria met by a verdict of this kit counted, sorted.

    `since` is from when on behaviour counted, None: ever. Of a kind that is only asked when it
    last happened, the newest.
    """
    nodes = {one.key: one.condition for one in kit.all_criteria}
    wanted = {
        found
        for one in verdict.judged
        if one.met and (node := nodes.get(one.criterion)) is not None
        for found in _counted(node, dict(one.facts))
    }
    if not wanted:
        return []
    newest = sorted((one for one in seen if since is None or one.at > since), key=_age)
    ids = {one.id for kind, days in wanted for one in _fitting(newest, kind, days, now)}
    return sorted([one.id for one in newest if one.id in ids][:MOST])


def _age(one: Seen) -> tuple[float, int]:
    return -one.at.timestamp(), -one.id


def _fitting(
    newest: Iterable[Seen], kind: str, days: int | None, now: dt.datetime
) -> Iterator[Seen]:
    """Those that a fact counts; without `days` the last one."""
    for one in newest:
        if one.kind != kind:
            continue
        if days is None:
            yield one
            return
        if one.at > now - dt.timedelta(days=days):
            yield one


def _counted(node: Node, known: Mapping[str, object]) -> Iterator[tuple[str, int | None]]:
    """The kinds of signals that make a condition hold, each with the days it looks back."""
    if not conditions.holds(node, known):
        return
    if isinstance(node, All | AnyOf):
        for one in node.nodes:
            yield from _counted(one, known)
    elif isinstance(node, Test) and (found := _COUNTED.fullmatch(node.fact)):
        yield found[1], int(found[2]) if found[2] else None
