"""The figures of a replay, counted lead by lead. What they mean in words is told elsewhere.

The summary is a document of its own with a schema number: pages of a later release still read it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import Any

from governance.kit import Kit
from lifecycle.simulation.comparing import Differs, Outcome, Pair
from lifecycle.simulation.course import Course, Unknown
from lifecycle.simulation.played import LAST_RESORT, Load, Move

SCHEMA = 1
SIDES = ("before", "after")

COUNTED = (
    "both", "only_before", "only_after", "moved", "earlier", "caused", "avoided", "not_known",
    "before.breached", "after.breached", "before.not_known", "after.not_known",
)  # fmt: skip

FATES = ("moved", "queued", "nobody")
"""What a level did: gave it to somebody, left it in a queue, found nobody who could take it."""

Figures = dict[str, int]


class Tally:
    """Counts outcomes as they come; `summary` is the report."""

    def __init__(self, before: Kit, after: Kit, *, since: dt.datetime, until: dt.datetime) -> None:
        self._before, self._after = before, after
        self._since, self._until = since, until
        self._leads = 0
        self._differing = 0
        self._kinds: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()
        self._mqls: Counter[str] = Counter()
        self._sources: dict[str, Counter[str]] = defaultdict(Counter)
        self._pools: dict[str, Counter[str]] = defaultdict(Counter)
        self._routing: Counter[str] = Counter()
        self._levels: dict[str, Counter[str]] = defaultdict(Counter)
        self._carried = 0
        self._clocks: dict[str, Counter[str]] = defaultdict(Counter)
        self._bands: Counter[tuple[str, str]] = Counter()
        self._fidelity: Counter[str] = Counter()
        self._loads: tuple[Mapping[int, Load], ...] = ({}, {})

    def unknown(self, why: Unknown, missing: str = "", *, count: int = 1) -> None:
        """So many leads that cannot be replayed."""
        self._unknown[why.value] += count
        if missing:
            self._missing[missing] += count

    def load(self, before: Mapping[int, Load], after: Mapping[int, Load]) -> None:
        """What fell to each rep under both."""
        self._loads = (before, after)

    def add(
        self,
        course: Course,
        before: Outcome,
        after: Outcome,
        clocks: Sequence[Pair],
        differs: Sequence[Differs],
    ) -> None:
        """One lead that was replayed."""
        self._leads += 1
        self._differing += bool(differs)
        self._kinds.update(kind.value for kind in differs)
        for side, one in zip(SIDES, (before, after), strict=True):
            self._side(course.category, side, one)
        for pair in clocks:
            self._clock(pair)
        self._carried += any(one.climbs for one in course.carried)
        if before.band != after.band:
            self._bands[before.band, after.band] += 1
        self._compare_with_real(course, before)

    def _side(self, category: str, side: str, one: Outcome) -> None:
        source = self._sources[category]
        source[f"{side}.stage.{one.stage}"] += 1
        if one.qualified_at is not None:
            self._mqls[side] += 1
            source[f"{side}.mqls"] += 1
        self._routing[f"{side}.asked"] += one.asked
        self._routing[f"{side}.unrouted"] += one.unrouted
        self._routing[f"{side}.waiting"] += one.waiting
        if one.pool:
            self._pools[one.pool][side] += 1
        for move in one.moves:
            self._levels[move.level][f"{side}.{_fate(move)}"] += 1
        self._routing[f"{side}.moved"] += any(move.acted for move in one.moves)

    def _clock(self, pair: Pair) -> None:
        counts = self._clocks[pair.either.obligation]
        counts["both"] += pair.before is not None and pair.after is not None
        counts["only_before"] += pair.after is None
        counts["only_after"] += pair.before is None
        counts["moved"] += pair.moved
        counts["earlier"] += pair.moved and pair.earlier
        counts["caused"] += pair.caused
        counts["avoided"] += pair.avoided
        counts["not_known"] += pair.not_known
        for side, one in zip(SIDES, (pair.before, pair.after), strict=True):
            counts[f"{side}.breached"] += one is not None and one.breached is True
            counts[f"{side}.not_known"] += one is not None and one.breached is None

    def _compare_with_real(self, course: Course, replayed: Outcome) -> None:
        """How true the replay of the version in force is to what was really decided."""
        mql = (course.real.qualified_at is None) == (replayed.qualified_at is None)
        pool = course.real.pool == replayed.pool
        if mql and pool:
            self._fidelity["same"] += 1
            return
        older = any(kit != self._before.id for kit in course.real.kits)
        self._fidelity["older_kit" if older else "otherwise"] += 1
        self._fidelity["mql"] += not mql
        self._fidelity["pool"] += not pool

    def summary(self, **more: Any) -> dict[str, Any]:
        """The report as plain data; `more` adds to it what lies beside the leads."""
        both = [kind.value for kind in Differs]
        return {
            "schema": SCHEMA,
            "since": self._since.isoformat(),
            "until": self._until.isoformat(),
            "base": {"number": self._before.number, "checksum": self._before.checksum},
            "kit": {"number": self._after.number, "checksum": self._after.checksum},
            "leads": self._leads,
            "differing": self._differing,
            "kinds": {kind: self._kinds[kind] for kind in both if self._kinds[kind]},
            "unknown": dict(sorted(self._unknown.items())),
            "missing": dict(sorted(self._missing.items())),
            "mqls": {
                **{side: self._mqls[side] for side in SIDES},
                "gained": self._kinds[Differs.MQL_GAINED],
                "lost": self._kinds[Differs.MQL_LOST],
                "moved": self._kinds[Differs.MQL_MOVED],
            },
            "sources": [
                {"key": key, **_source(found)} for key, found in sorted(self._sources.items())
            ],
            "routing": {side: _part(self._routing, side) for side in SIDES},
            "pools": [
                {"key": key, **{side: found[side] for side in SIDES}}
                for key, found in sorted(self._pools.items())
            ],
            "load": self._load(),
            "levels": self._ladder(),
            "moved": {side: int(self._routing[f"{side}.moved"]) for side in SIDES},
            "carried": self._carried,
            "clocks": self._obligations(),
            "bands": [
                {"before": before, "after": after, "leads": count}
                for (before, after), count in self._bands.most_common()
            ],
            "band_labels": {
                band.key: band.label for kit in (self._before, self._after) for band in kit.bands
            },
            "fidelity": {
                name: self._fidelity[name]
                for name in ("same", "older_kit", "otherwise", "mql", "pool")
            },
            **more,
        }

    def _obligations(self) -> list[dict[str, Any]]:
        """What became of the clocks of each obligation, in the order of the kits."""
        labels: dict[str, set[str]] = defaultdict(set)
        for policy in (*self._before.policies, *self._after.policies):
            labels[policy.obligation].add(policy.label)
        order = [*labels, *sorted(self._clocks.keys() - labels.keys())]
        return [
            {
                "key": key,
                "label": _label(key, labels.get(key, set())),
                **{name: int(self._clocks[key][name]) for name in COUNTED},
            }
            for key in order
            if key in self._clocks
        ]

    def _ladder(self) -> list[dict[str, Any]]:
        """What each level of escalation did with leads, in the order of the kits."""
        labels = {one.key: one.label for kit in (self._after, self._before)
                  for one in kit.escalations.values() if one.act}  # fmt: skip
        labels[LAST_RESORT] = "Last resort: the queue of its pool"
        return [
            {
                "key": key,
                "label": label,
                **{
                    side: {fate: int(self._levels[key][f"{side}.{fate}"]) for fate in FATES}
                    for side in SIDES
                },
            }
            for key, label in labels.items()
            if key in self._levels
        ]

    def _load(self) -> list[dict[str, Any]]:
        users = sorted({*self._loads[0], *self._loads[1]})
        nothing = Load()
        return [
            {
                "user": user,
                **{
                    side: {"given": one.given, "held": one.held, "most": one.most}
                    for side, loads in zip(SIDES, self._loads, strict=True)
                    for one in (loads.get(user, nothing),)
                },
            }
            for user in users
        ]


def _fate(move: Move) -> str:
    if not move.acted:
        return "nobody"
    return "queued" if move.user is None else "moved"


def _label(obligation: str, labels: Set[str]) -> str:
    """The one label its policies share, else the obligation's own name."""
    return next(iter(labels)) if len(labels) == 1 else obligation.replace("_", " ").capitalize()


def _source(found: Counter[str]) -> dict[str, Any]:
    return {
        side: {
            "mqls": found[f"{side}.mqls"],
            "stages": {
                name.removeprefix(f"{side}.stage."): count
                for name, count in sorted(found.items())
                if name.startswith(f"{side}.stage.")
            },
        }
        for side in SIDES
    }


def _part(found: Counter[str], side: str) -> Figures:
    return {name: int(found[f"{side}.{name}"]) for name in ("asked", "unrouted", "waiting")}
