"""Who in the pool gets the lead. Pure functions over candidates, each explained.

Every strategy only orders those who can take the lead; all book the same ledger of turns, so that
fairness can be read for any of them. At each pick everybody who can take it earns their weight in
credit, and whoever is picked pays the sum of what was earned. Over any run the credits sum to what
they summed to before. In a pool that catches up, those on leave and away earn, too; what they are
owed then is paid back by and by: see `lending`.

* `WEIGHTED_ROUND_ROBIN`: the richest first, ties by id. Picks stay within one of their shares.
* `LEAST_LOADED`: the fewest open leads for their weight, then by turn.
* `BEST_PERFORMER`: who wins most of leads like this one, if that is more than the mean of the pool
  and they took less than `most_percent` of the last 100 turns; else, and for all others, by turn.

Where the terms match languages, those who speak the buyer's come first, each part in its own order.
A random share is drawn from the seed: with h(x) the first eight bytes of SHA-256 of “seed|x” as a
number below 2⁶⁴, a lead is drawn where ⌊100·h(share) / 2⁶⁴⌋ < random_percent, and falls to whoever
of the foremost part, ordered by id, holds place ⌊W·h(who) / 2⁶⁴⌋ of the W places of their weights.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from routing import caps, lending, win_rates
from routing.caps import Limit

WINDOW = 100
"""So many of the last turns are looked at for the share that nobody passes for their outcomes."""

SPOKEN_BY_ALL = "en"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a pool prescribes. Snapshots that lack a term mean its default."""

    strategy: str = "WEIGHTED_ROUND_ROBIN"
    matches_language: bool = False
    random_percent: int = 0
    fewest_outcomes: int = 20
    most_percent: int = 40
    catches_up: bool = False
    paced: bool = False
    """What was lent is kept apart and paid back by and by. Records without it are older: there the
    richest came first at once, whatever they were owed for."""
    by_weight: bool = False
    """Whose credit is highest for their weight comes first: what the best take beyond their share
    is borne by weight. Records without it are older."""

    def as_data(self) -> dict[str, Any]:
        """For the snapshot of the pool: the strategy, and what differs from the default."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            one.name: told[one.name]
            for one in fields(self)
            if one.name == "strategy" or told[one.name] != one.default
        }


def terms_of(source: Any) -> Terms:
    """The terms of a pool, or of a snapshot's content."""
    if isinstance(source, Mapping):
        return Terms(**{one.name: source[one.name] for one in fields(Terms) if one.name in source})
    return Terms(**{one.name: getattr(source, one.name) for one in fields(Terms)})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of the buyer, and what chance is drawn from."""

    language: str = ""
    segment: str = ""
    seed: str = ""


NOBODY = Wanted()


def wanted_of(facts: Mapping[str, Any], *, seed: str = "") -> Wanted:
    """What a lead's facts (or their document) say of what it wants; its segment is the size."""
    language = str(facts.get("person.language") or "").lower().partition("-")[0]
    return Wanted(language, str(facts.get("company.employee_band") or ""), seed)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One pool member at the instant of the pick."""

    user: int
    weight: int
    credit: int
    open_leads: int
    open_cap: int | None
    unavailable: str | None = None
    until: str | None = None
    """When that ends by itself, ISO 8601 in UTC; None when it does not."""
    absent: bool = False
    """On leave or away: where the pool catches up, they earn all the same."""
    limits: tuple[Limit, ...] = ()
    languages: tuple[str, ...] = ()
    won: int = 0
    decided: int = 0
    """Known outcomes of leads like this one."""
    lately: int = 0
    """How many of the last 100 turns of the pool they took."""
    lent: int = 0
    """The part of their credit that absences left over, in half units: see `lending`."""

    @property
    def exclusion(self) -> str | None:
        """Why this candidate cannot be picked, in words; None if they can."""
        if self.unavailable:
            return self.unavailable
        if self.open_cap is not None and self.open_leads >= self.open_cap:
            return f"at the cap: {self.open_leads} of {self.open_cap} open leads"
        return next((why for one in self.limits if (why := one.reached)), None)

    @property
    def ends(self) -> str | None:
        """When the exclusion ends by itself."""
        if self.unavailable or (self.open_cap is not None and self.open_leads >= self.open_cap):
            return self.until
        return next((one.until for one in self.limits if one.reached), None)

    def speaks(self, language: str) -> bool:
        """Whether they can talk to a buyer of that language."""
        return language in (SPOKEN_BY_ALL, *self.languages)


@dataclass(frozen=True, slots=True)
class Considered:
    """What became of one candidate in one pick."""

    candidate: Candidate
    excluded: str | None
    credit_before: int
    credit_after: int
    rank: int | None
    rate: float | None = None
    lent_after: int = 0

    def as_data(self) -> dict[str, Any]:
        """For the decision record; what the pool's terms do not ask for is left out."""
        one = self.candidate
        told: dict[str, Any] = {
            "user": one.user,
            "weight": one.weight,
            "open_leads": one.open_leads,
            "open_cap": one.open_cap,
            "excluded": self.excluded,
            "until": one.ends,
            "credit_before": self.credit_before,
            "credit_after": self.credit_after,
            "rank": self.rank,
        }
        if one.limits:
            told["limits"] = [limit.as_data() for limit in one.limits]
        if one.languages:
            told["languages"] = list(one.languages)
        if one.absent:
            told["absent"] = True
        if one.lent or self.lent_after:
            told |= {"lent_before": one.lent, "lent_after": self.lent_after}
        if self.rate is not None:
            told |= {"won": one.won, "decided": one.decided, "lately": one.lately}
            told["rate"] = self.rate
        return told


def of_data(kept: Mapping[str, Any]) -> Candidate:
    """The candidate that a decision record tells of, as it was before the pick."""
    numbers = {
        "user": kept["user"],
        "weight": kept["weight"],
        "credit": kept["credit_before"],
        "open_leads": kept["open_leads"],
        "open_cap": kept["open_cap"],
        "absent": kept.get("absent", False),
        "limits": tuple(map(caps.of_data, kept.get("limits", ()))),
        "languages": tuple(kept.get("languages", ())),
        "won": kept.get("won", 0),
        "decided": kept.get("decided", 0),
        "lately": kept.get("lately", 0),
        "lent": kept.get("lent_before", 0),
    }
    plain = Candidate(**numbers)
    if kept["excluded"] is None or kept["excluded"] == plain.exclusion:
        return plain
    return Candidate(**numbers, unavailable=kept["excluded"], until=kept.get("until"))


@dataclass(frozen=True, slots=True)
class Pick:
    """The chosen user, or None when nobody can take the lead; and every candidate's story."""

    user: int | None
    because: str
    considered: tuple[Considered, ...]
    seed: str = ""
    turn: int | None = None
    """Its place in the ledger of the pool, where it was booked there."""
    place: dict[str, Any] | None = None
    """Where the candidates stand in the snapshot of a batch's start: its place in that batch."""


@dataclass(frozen=True, slots=True)
class _Order:
    """Those who can take it, the first first; why; and the rates that were looked at."""

    ranking: Sequence[Candidate]
    because: str
    rates: Mapping[int, float]


def pick(terms: Terms, candidates: Sequence[Candidate], wanted: Wanted = NOBODY) -> Pick:
    """Choose by the pool's terms. Raises LookupError for a strategy that is not known."""
    excluded = [one.exclusion for one in candidates]
    able = [one for one, why in zip(candidates, excluded, strict=True) if why is None]
    repaid = _repaid(terms, able)
    order = _ordered(terms, candidates, _in_turn(terms, able, repaid), wanted)
    chosen = order.ranking[0].user if order.ranking else None
    earning = [
        chosen is not None and (why is None or (terms.catches_up and one.absent))
        for one, why in zip(candidates, excluded, strict=True)
    ]
    paid = sum(one.weight for one, earns in zip(candidates, earning, strict=True) if earns)
    lent = _lent(terms, candidates, chosen, earning, repaid)
    ranks = {one.user: place for place, one in enumerate(order.ranking, start=1)}
    considered = tuple(
        Considered(
            one,
            why,
            one.credit,
            one.credit + (one.weight if earns else 0) - (paid if one.user == chosen else 0),
            ranks.get(one.user),
            order.rates.get(one.user),
            one.lent + lent.get(one.user, 0),
        )
        for one, why, earns in zip(candidates, excluded, earning, strict=True)
    )
    return Pick(chosen, order.because, considered, wanted.seed)


def _ordered(
    terms: Terms, candidates: Sequence[Candidate], eligible: Sequence[Candidate], wanted: Wanted
) -> _Order:
    arrange = STRATEGIES[terms.strategy]
    foremost, others = _by_language(terms, eligible, wanted)
    order = arrange(terms, candidates, foremost)
    if not eligible:
        return _Order((), NOBODY_CAN, order.rates)
    ranking, because = list(order.ranking), order.because
    if is_drawn(wanted.seed, terms.random_percent):
        first = draw(wanted.seed, foremost)
        ranking.remove(first)
        ranking.insert(0, first)
        because = drawn(terms)
    because = of_those_who_speak(wanted, because) if others else because
    return _Order((*ranking, *others), because, order.rates)


def _by_language(
    terms: Terms, eligible: Sequence[Candidate], wanted: Wanted
) -> tuple[Sequence[Candidate], Sequence[Candidate]]:
    """Those who come first, and the others; all come first where nobody, or everybody, speaks."""
    if not terms.matches_language or not wanted.language:
        return eligible, ()
    speaking = [one for one in eligible if one.speaks(wanted.language)]
    others = [one for one in eligible if not one.speaks(wanted.language)]
    return (speaking, others) if speaking else (eligible, ())


def _repaid(terms: Terms, able: Sequence[Candidate]) -> Mapping[int, int]:
    """What those who can take it get back at this turn of what they lent, or give back."""
    if not terms.paced or not any(one.lent for one in able):
        return {}
    return lending.repaid(lending.Account(one.user, one.weight, one.lent) for one in able)


def _in_turn(
    terms: Terms, able: Sequence[Candidate], repaid: Mapping[int, int]
) -> Sequence[Candidate]:
    """The richest first; ties go to the lower id, which the credits then even out.

    In a paced pool, whose place in the rotation is richest, whatever else they are owed.
    """

    def due(one: Candidate) -> float:
        earned = one.credit + one.weight
        if terms.paced:
            earned = 2 * earned + repaid.get(one.user, 0) - one.lent
        return earned / one.weight if terms.by_weight else earned

    return sorted(able, key=lambda one: (-due(one), one.user))


def _lent(
    terms: Terms,
    candidates: Sequence[Candidate],
    chosen: int | None,
    earning: Sequence[bool],
    repaid: Mapping[int, int],
) -> Mapping[int, int]:
    """How the turn changes what stands over."""
    if not terms.paced or chosen is None:
        return {}
    pairs = zip(candidates, earning, strict=True)
    away = {one.user: one.weight for one, earns in pairs if earns and one.exclusion is not None}
    return lending.booked(chosen, away, repaid)


def _round_robin(_: Terms, __: Sequence[Candidate], eligible: Sequence[Candidate]) -> _Order:
    return _Order(eligible, IN_TURN, {})


def _least_loaded(_: Terms, __: Sequence[Candidate], eligible: Sequence[Candidate]) -> _Order:
    ranking = sorted(eligible, key=lambda one: one.open_leads / one.weight)
    return _Order(ranking, LEAST_OPEN, {})


def _best_performer(
    terms: Terms, candidates: Sequence[Candidate], eligible: Sequence[Candidate]
) -> _Order:
    outcomes = {one.user: (one.won, one.decided) for one in candidates}
    rates = win_rates.shrink(outcomes, fewest=terms.fewest_outcomes)
    ranking = list(eligible)
    if not ranking:
        return _Order((), NOBODY_CAN, rates.of)
    best = max(ranking, key=lambda one: rates.of[one.user])  # of equals the first in turn
    rate = rates.of[best.user]
    is_first, because = prefers(terms, rate=rate, mean=rates.mean, lately=best.lately)
    if is_first:
        ranking.remove(best)
        ranking.insert(0, best)
    return _Order(ranking, because, rates.of)


def prefers(terms: Terms, *, rate: float, mean: float, lately: int) -> tuple[bool, str]:
    """Whether the rep with the best rate, who took `lately` turns, comes before who is next in
    turn; and why, or why not.
    """
    if rate <= mean:
        return False, f"{IN_TURN}, as nobody does better with leads like this"
    if lately >= terms.most_percent * WINDOW // 100:
        share = f"{lately} of the last {WINDOW} {WENT_TO_BEST}"
        return False, f"{IN_TURN}, as {share}"
    return True, f"{BEST}: {rate:.0%} where the mean is {mean:.0%}"


IN_TURN = "next in the weighted rotation"
BEST = "wins most of leads like this"
WENT_TO_BEST = "went to who does best with leads like this"
LEAST_OPEN = "fewest open leads for their share"
OF_SPEAKERS = ", of those who speak "
NOBODY_CAN = "nobody in the pool can take a lead now"

STRATEGIES: dict[str, Callable[[Terms, Sequence[Candidate], Sequence[Candidate]], _Order]] = {
    "WEIGHTED_ROUND_ROBIN": _round_robin,
    "LEAST_LOADED": _least_loaded,
    "BEST_PERFORMER": _best_performer,
}
"""How each orders those who can take a lead, who come in turn, from all candidates and those."""


def is_drawn(seed: str, percent: int) -> bool:
    """Whether chance decides on this lead; never without a seed."""
    return bool(seed) and lot(seed) < percent


def drawn(terms: Terms) -> str:
    """Why somebody comes first whom chance picked."""
    return f"drawn at random, as {terms.random_percent}% are, to compare with"


def of_those_who_speak(wanted: Wanted, because: str) -> str:
    """Why somebody comes first where others, who do not speak the language, come after."""
    return f"{because}{OF_SPEAKERS}{wanted.language}"


def lot(seed: str) -> int:
    """What was drawn, from 0 to 99: chance decides where it is below the percentage."""
    return _hash(seed, "share") * 100 >> 64


def draw(seed: str, eligible: Sequence[Candidate]) -> Candidate:
    """Whom chance picks: each by their weight."""
    ordered = sorted(eligible, key=lambda one: one.user)
    place = _hash(seed, "who") * sum(one.weight for one in ordered) >> 64
    for one in ordered:
        place -= one.weight
        if place < 0:
            return one
    raise LookupError("nobody to draw from")


def _hash(seed: str, what: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}|{what}".encode()).digest()[:8], "big")
