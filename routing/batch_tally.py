"""What the turns of a large pool came to for everybody in it. Pure.

Their records tell of whoever took the turn alone. How the others stood follows from the state in
which the batch began and from who was given leads since; nobody is chosen again for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from routing import fates, passing, strategies
from routing.entitlement import Like
from routing.strategies import Candidate


class Kind(NamedTuple):
    """What turns have in common that are counted together."""

    why: str
    """Why it went past those who could have taken it."""
    spoken: str
    is_returned: bool
    is_live: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """One pick of a batch; `counts` is False for one that is only looked at on the way."""

    picked: int
    because: str
    place: Mapping[str, Any]
    counts: bool
    is_returned: bool
    is_live: bool


@dataclass(frozen=True, slots=True)
class _Stand:
    """How a member stands: `fate` None can take leads."""

    weight: int
    fate: str | None
    earned: int
    languages: tuple[str, ...]


Counted = Counter[tuple[Like, bool]]
"""How many turns were alike, by whether they are live."""

_Run = dict[Kind, Counter[int]]
"""By kind, who took how many turns while everybody stood the same."""


def counted(content: Mapping[str, Any], turns: Iterable[Turn]) -> Counted:
    """The turns of one batch, in their order; `content` is the snapshot of its start.

    Raises LookupError where the snapshot holds no such state.
    """
    crew, found, since = _Crew(content), Counted(), _Run()
    for turn in turns:
        for user, times in turn.place.get("moved", ()):
            since = crew.book(user, times, found, since)
        if turn.counts:
            kind = Kind(
                fates.of_reason(turn.because),
                fates.spoken(turn.because),
                turn.is_returned,
                turn.is_live,
            )
            if passed := passing.from_data(turn.place):
                whys = {user: fates.of_exclusion(why) for user, why in passed.items()}
                crew.count({kind: Counter([turn.picked])}, found, passed=whys)
            else:
                since.setdefault(kind, Counter())[turn.picked] += 1
        since = crew.book(turn.picked, 1, found, since)
    crew.count(since, found)
    return found


class _Crew:
    """The members of a pool, in the course of a batch."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._catches_up = strategies.terms_of(content).catches_up
        self._told = {one["user"]: one for one in content["state"]["candidates"]}
        self._capped: dict[int, Candidate] = {}
        self._stands = {user: self._stand(one) for user, one in self._told.items()}

    def book(self, user: int, times: int, found: Counted, since: _Run) -> _Run:
        """Leads were given to somebody: where they stand otherwise now, what was is counted.

        Returns the turns that are still to be counted.
        """
        told = self._told.get(user)
        if told is None or (told["open_cap"] is None and not told.get("limits")):
            return since
        before = self._capped.get(user) or strategies.of_data(told)
        after = self._capped[user] = replace(
            before,
            open_leads=before.open_leads + times,
            limits=tuple(one.plus(times) for one in before.limits),
        )
        stand = self._stand({**told, "excluded": after.exclusion})
        if stand != self._stands[user]:
            self.count(since, found)
            since = _Run()
            self._stands[user] = stand
        return since

    def count(
        self, turns: _Run, found: Counted, *, passed: Mapping[int, str] | None = None
    ) -> None:
        """What these turns were for everybody, as they stand now; why some were `passed`."""
        stands = self._stands
        if passed:
            out = {u: replace(stands[u], fate=why, earned=0) for u, why in passed.items()}
            stands = stands | out
        whole = sum(one.earned for one in stands.values())
        for kind, takers in turns.items():
            number = takers.total()
            for user, one in stands.items():
                took = takers.get(user, 0)
                if took:
                    like = Like(user, one.weight, whole, fates.TOOK, one.weight, kind.is_returned)
                    found[like, kind.is_live] += took
                if number > took:
                    fate = one.fate or (
                        kind.why if fates.speaks(one.languages, kind.spoken) else fates.LANGUAGE
                    )
                    like = Like(user, one.weight, whole, fate, one.earned, kind.is_returned)
                    found[like, kind.is_live] += number - took

    def _stand(self, told: Mapping[str, Any]) -> _Stand:
        why = told["excluded"]
        earns = why is None or (self._catches_up and told.get("absent", False))
        return _Stand(
            told["weight"],
            fates.of_exclusion(why) if why is not None else None,
            told["weight"] if earns else 0,
            tuple(told.get("languages", ())),
        )
