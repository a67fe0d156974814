"""Many picks from one pool, one after the other: each sees what the ones before it booked. Pure.

The desk deals from it, and a replay deals again from its stored start. Small pools keep every
candidate of every pick in the record. Of large ones (more than `FULL` members) the snapshot holds
the whole state in which the batch began, and a decision only its place in it: how many picks came
before, who was passed over, and who was given leads elsewhere since the pick before.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from operator import add
from typing import Any

from routing import lending, passing, strategies, win_rates
from routing.strategies import NOBODY, WINDOW, Candidate, Considered, Pick, Terms, Wanted
from routing.win_rates import Rates

FULL = 50
"""Up to so many members a decision record holds all candidates."""

Outcomes = Mapping[int, Mapping[str, tuple[int, int]]]
"""By rep and segment: how many leads were won, of how many that were decided."""


class Batch:
    """The candidates of a pool in columns; `candidates` are ordered by user."""

    def __init__(
        self,
        terms: Terms,
        candidates: Sequence[Candidate],
        *,
        window: Iterable[int] = (),
        outcomes: Outcomes | None = None,
    ) -> None:
        """`window` are the users of the last turns, oldest first."""
        self.terms = terms
        self._start = list(candidates)
        self.users = [one.user for one in candidates]
        self._place = {user: place for place, user in enumerate(self.users)}
        self.credits = [one.credit for one in candidates]
        self.lents = [one.lent for one in candidates]
        self._open = [one.open_leads for one in candidates]
        self._limits = [one.limits for one in candidates]
        self._window: deque[int] = deque(window, WINDOW)
        self._outcomes = outcomes or {}
        self._gains: list[int] = []
        self._free: list[int] = []
        self._is_free: set[int] = set()
        self.picks = 0
        self._moved: Counter[int] = Counter()
        self._known_rates: dict[str, Rates] = {}
        self._absent = [place for place, one in enumerate(self._start) if one.absent]
        if self.is_brief:
            self._gains = [0] * len(self.users)
            for place in range(len(self.users)):
                self._weigh(place)

    @property
    def is_brief(self) -> bool:
        """Whether records hold a place in the batch in place of the candidates."""
        return len(self.users) > FULL

    def pick(self, wanted: Wanted = NOBODY, *, passed: Collection[int] = ()) -> Pick:
        """Choose, and book the choice. `passed` are users left out of this pick, or by user why."""
        place = self._as_place(wanted, passing.reasons(passed)) if self.is_brief else None
        choose = self._quickly if self.is_brief else self._by_terms
        chosen = choose(wanted, passed)
        if chosen.user is not None:
            self.picks += 1
            self._moved.clear()
        return replace(chosen, place=place) if place is not None else chosen

    def move(self, user: int, times: int = 1) -> None:
        """Leads were given to somebody otherwise than by this batch."""
        place = self._place.get(user)
        if place is not None:
            self._moved[user] += times
            self._book(place, times)

    @property
    def window(self) -> list[int]:
        """Who took the last turns, oldest first."""
        return list(self._window)

    def candidates(
        self, wanted: Wanted = NOBODY, *, passed: Collection[int] = ()
    ) -> list[Candidate]:
        """Everybody as they stand now; `passed` are those who are left out, or by user why."""
        lately, whys = self._lately(), passing.reasons(passed)
        return [
            self._candidate(place, wanted, lately, passed=whys.get(user))
            for place, user in enumerate(self.users)
        ]

    def as_data(self) -> dict[str, Any]:
        """The state, for the snapshot of a large pool."""
        return {
            "candidates": [
                Considered(
                    one, one.exclusion, one.credit, one.credit, None, lent_after=one.lent
                ).as_data()
                for one in self.candidates()
            ],
            "window": self.window,
            "outcomes": [
                [user, segment, *numbers]
                for user, of_user in sorted(self._outcomes.items())
                for segment, numbers in sorted(of_user.items())
            ],
        }

    def _as_place(self, wanted: Wanted, passed: Mapping[int, str]) -> dict[str, Any]:
        """Of the buyer only what the terms look at: it stays when facts are erased."""
        own = {user: why for user, why in passed.items() if user in self._place}
        told: dict[str, Any] = {"after": self.picks, **passing.as_data(own)}
        if self.terms.matches_language and wanted.language:
            told["language"] = wanted.language
        if self.terms.strategy == "BEST_PERFORMER" and wanted.segment:
            told["segment"] = wanted.segment
        if self._moved:
            told["moved"] = sorted(self._moved.items())
        return told

    def _quickly(self, wanted: Wanted, passed: Collection[int]) -> Pick:
        """What `strategies.pick` does, over columns."""
        left_out = {self._place[user] for user in passed if user in self._place}
        gains, free = self._gains, self._free or sorted(self._is_free)
        self._free = free
        if left_out:
            gains = [0 if place in left_out else gain for place, gain in enumerate(gains)]
            free = [place for place in free if place not in left_out]
        if not free:
            return Pick(None, strategies.NOBODY_CAN, (), wanted.seed)
        earned = list(map(add, self.credits, gains))
        repaid = self._repaid(free)
        chosen, because = self._first(wanted, free, self._due(earned, repaid))
        candidate = self._candidate(chosen, wanted, self._lately())
        earned[chosen] -= sum(gains)
        self.credits = earned
        if self.terms.paced:
            self._lend(chosen, gains, repaid)
        self._give(chosen)
        rate = self._rates(wanted.segment).of[candidate.user] if self._is_ranked else None
        story = Considered(
            candidate, None, candidate.credit, earned[chosen], 1, rate, self.lents[chosen]
        )
        return Pick(candidate.user, because, (story,), wanted.seed)

    def _repaid(self, free: Sequence[int]) -> Mapping[int, int]:
        """By user what those who can take it get back of what they lent, or give back."""
        if not self.terms.paced:
            return {}
        return lending.repaid(
            lending.Account(self.users[one], self._start[one].weight, self.lents[one])
            for one in free
            if self.lents[one]
        )

    def _due(self, earned: Sequence[int], repaid: Mapping[int, int]) -> Sequence[float]:
        """By place what `strategies` orders by: the highest is next in turn."""
        due: Sequence[float] = earned
        if self.terms.paced:
            due = [2 * one - lent for one, lent in zip(earned, self.lents, strict=True)]
            for user, part in repaid.items():
                due[self._place[user]] += part
        if self.terms.by_weight:
            due = [credit / one.weight for credit, one in zip(due, self._start, strict=True)]
        return due

    def _lend(self, chosen: int, gains: Sequence[int], repaid: Mapping[int, int]) -> None:
        """How the turn changes what stands over."""
        away = {self.users[one]: gains[one] for one in self._absent if gains[one]}
        for user, change in lending.booked(self.users[chosen], away, repaid).items():
            self.lents[self._place[user]] += change

    def _first(self, wanted: Wanted, free: list[int], due: Sequence[float]) -> tuple[int, str]:
        """The place of who comes first by the terms, of equals the one with the lower id."""
        foremost = self._foremost(wanted, free)
        if strategies.is_drawn(wanted.seed, self.terms.random_percent):
            drawn = strategies.draw(wanted.seed, [self._start[one] for one in foremost])
            first, because = self._place[drawn.user], strategies.drawn(self.terms)
        else:
            first, because = self._by_strategy(wanted, foremost, due)
        if len(foremost) < len(free):
            because = strategies.of_those_who_speak(wanted, because)
        return first, because

    def _foremost(self, wanted: Wanted, free: list[int]) -> list[int]:
        """Those who speak the buyer's language, where that counts and anybody does."""
        if not self.terms.matches_language or not wanted.language:
            return free
        return [one for one in free if self._start[one].speaks(wanted.language)] or free

    def _by_strategy(
        self, wanted: Wanted, free: list[int], due: Sequence[float]
    ) -> tuple[int, str]:
        if self.terms.strategy == "LEAST_LOADED":
            least = min(
                free, key=lambda one: (self._open[one] / self._start[one].weight, -due[one])
            )
            return least, strategies.LEAST_OPEN
        in_turn = max(free, key=due.__getitem__)
        if not self._is_ranked:
            return in_turn, strategies.IN_TURN
        rates, users = self._rates(wanted.segment), self.users
        best = max(free, key=lambda one: (rates.of[users[one]], due[one]))
        is_first, because = strategies.prefers(
            self.terms,
            rate=rates.of[users[best]],
            mean=rates.mean,
            lately=self._lately()[users[best]],
        )
        return best if is_first else in_turn, because

    @property
    def _is_ranked(self) -> bool:
        return self.terms.strategy == "BEST_PERFORMER"

    def _lately(self) -> Mapping[int, int]:
        """How many of the last turns each took, where that counts."""
        return Counter(self._window) if self._is_ranked else {}

    def _rates(self, segment: str) -> Rates:
        """Everybody's rate with leads of a segment: outcomes stay what they were at the start."""
        known = self._known_rates.get(segment)
        if known is None:
            outcomes = {
                user: self._outcomes.get(user, {}).get(segment, (0, 0)) for user in self.users
            }
            known = win_rates.shrink(outcomes, fewest=self.terms.fewest_outcomes)
            self._known_rates[segment] = known
        return known

    def _by_terms(self, wanted: Wanted, passed: Collection[int]) -> Pick:
        chosen = strategies.pick(self.terms, self.candidates(wanted, passed=passed), wanted)
        self.credits = [one.credit_after for one in chosen.considered]
        self.lents = [one.lent_after for one in chosen.considered]
        if chosen.user is not None:
            self._give(self._place[chosen.user])
        return chosen

    def _candidate(
        self,
        place: int,
        wanted: Wanted,
        lately: Mapping[int, int],
        *,
        passed: str | None = None,
    ) -> Candidate:
        start, user = self._start[place], self.users[place]
        won, decided = self._outcomes.get(user, {}).get(wanted.segment, (0, 0))
        return Candidate(
            user,
            start.weight,
            self.credits[place],
            self._open[place],
            start.open_cap,
            passed or start.unavailable,
            None if passed else start.until,
            start.absent and not passed,
            self._limits[place],
            start.languages,
            won,
            decided,
            lately.get(user, 0),
            self.lents[place],
        )

    def _give(self, place: int) -> None:
        self._window.append(self.users[place])
        self._book(place)

    def _book(self, place: int, times: int = 1) -> None:
        """So many leads more; who is at a cap now is out."""
        self._open[place] += times
        if self._limits[place]:
            self._limits[place] = tuple(one.plus(times) for one in self._limits[place])
        start = self._start[place]
        if self._gains and (start.open_cap is not None or start.limits):
            self._weigh(place)

    def _weigh(self, place: int) -> None:
        """Whether somebody can take a lead now, and what they earn at a pick."""
        one = self._candidate(place, NOBODY, {})
        can, could = one.exclusion is None, place in self._is_free
        earns = can or (self.terms.catches_up and one.absent)
        self._gains[place] = one.weight if earns else 0
        if can != could:
            (self._is_free.add if can else self._is_free.remove)(place)
            self._free = []


def of_snapshot(content: Mapping[str, Any]) -> Batch:
    """The batch as it began. Raises LookupError where the snapshot holds no such state."""
    state = content["state"]
    outcomes: dict[int, dict[str, tuple[int, int]]] = {}
    for user, segment, won, decided in state["outcomes"]:
        outcomes.setdefault(user, {})[segment] = (won, decided)
    return Batch(
        strategies.terms_of(content),
        [strategies.of_data(one) for one in state["candidates"]],
        window=state["window"],
        outcomes=outcomes,
    )


def again(batch: Batch, place: Mapping[str, Any], wanted: Wanted) -> Pick:
    """The next pick of a batch that is dealt again from its records, in their order.

    Raises LookupError when a pick before it is missing.
    """
    moved = _come_to(batch, place)
    chosen = batch.pick(wanted, passed=passing.from_data(place))
    if chosen.user is None:  # it changed nothing: the next record tells the same moves again
        for user, times in moved:
            batch.move(user, -times)
    return chosen


def in_full(batch: Batch, place: Mapping[str, Any], wanted: Wanted) -> Pick:
    """The next pick of a batch with the story of every candidate; the batch is used up."""
    return strategies.pick(batch.terms, standing(batch, place, wanted), wanted)


def standing(batch: Batch, place: Mapping[str, Any], wanted: Wanted) -> list[Candidate]:
    """Every candidate as the next pick of a batch sees them; the batch is used up."""
    _come_to(batch, place)
    return batch.candidates(wanted, passed=passing.from_data(place))


def _come_to(batch: Batch, place: Mapping[str, Any]) -> Sequence[tuple[int, int]]:
    if place["after"] != batch.picks:
        raise LookupError(f"pick {batch.picks} of its batch is not in the records")
    moved: Sequence[tuple[int, int]] = place.get("moved", ())
    for user, times in moved:
        batch.move(user, times)
    return moved
