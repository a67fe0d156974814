"""What a reader who may not see a pool's figures is told of their colleagues in it. Pure.

Of a colleague they learn the name, the place, whether they could take the lead, and the kind of
reason: “at a cap”, “off shift until 13:00”. Credit, weight, load, caps, outcomes, rates and recent
turns are held back; the reader's own stay whole. `pool_rights.sight_of` says whose figures somebody
sees, `decision_seen` brings both to decision records.

What is held back is marked `withheld`, so that nobody takes a number that is missing for nought.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from routing import strategies

AT_A_CAP = "at a cap"
WITHHELD = "withheld"
PLAIN = ("user", "rank")
"""What is told of a candidate as it is; whatever else a record comes to hold is held back."""
PLAIN_OF_MEANT = ("user", "by", "pool", "held_before", "declined", "away", "until", "back")
PLAIN_OF_PLACE = ("after", "passed", "language", "segment", "why", "whys")

_CAPPED = "at the cap"
_BEST = re.compile(rf"({strategies.BEST}): (\d+%) where the mean is \d+%")
_ENOUGH = re.compile(rf"\d+ of the last \d+ ({strategies.WENT_TO_BEST})")


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose figures a reader sees besides their own; `pools` None is everybody's.

    `people` are those of whom they see every pool: what a rule that means a person looked at was
    the tightest of all their caps.
    """

    reader: int
    pools: frozenset[str] | None = frozenset()
    people: frozenset[int] = frozenset()

    def sees(self, pool: str, user: int | None = None) -> bool:
        """Whether they see the figures of a pool; those of one user in it, where one is given."""
        return self.pools is None or pool in self.pools or self._is_own(user)

    def sees_person(self, user: int | None) -> bool:
        """Whether they see what somebody holds, whichever pool it came from."""
        return self.pools is None or user in self.people or self._is_own(user)

    def _is_own(self, user: int | None) -> bool:
        return user is not None and user == self.reader


ALL = Sight(0, None)
"""Of who sees everybody's figures."""


def candidates(
    kept: Iterable[Mapping[str, Any]], *, pool: str, sight: Sight
) -> list[dict[str, Any]]:
    """The candidates of a decision, as this reader may see them."""
    return [
        dict(one) if sight.sees(pool, one["user"]) else _candidate(one)
        for one in kept
    ]  # fmt: skip


def tried(kept: Iterable[Mapping[str, Any]], *, sight: Sight) -> list[dict[str, Any]]:
    """The rules tried, whom they meant, and pools they asked in vain."""
    told = [
        dict(one) if "meant" not in one or sight.sees_person(one["meant"].get("user"))
        else _tried(one)
        for one in kept
    ]  # fmt: skip
    for one in told:
        if asked := one.get("asked"):
            some = candidates(asked["candidates"], pool=asked["pool"], sight=sight)
            one["asked"] = {**asked, "candidates": some}
    return told


def because(text: str, *, pool: str, picked: int | None, sight: Sight) -> str:
    """Why somebody got it. Of who wins most their own rate stays, the mean of all does not."""
    if sight.sees(pool):
        return text
    best = r"\1: \2" if sight.sees(pool, picked) else r"\1"
    return _ENOUGH.sub(r"enough lately \1", _BEST.sub(best, reason(text)))


def of_event(told: Mapping[str, Any], *, owner: int | None, sight: Sight) -> str:
    """The same from the log of a lead, whose entries say it under `why`."""
    why, pool = str(told.get("why") or ""), str(told.get("pool") or "")
    return because(why, pool=pool, picked=owner, sight=sight)


def reason(text: str) -> str:
    """Why somebody cannot take a lead, without its numbers."""
    return AT_A_CAP if text.startswith(_CAPPED) else text


def ends(text: str, until: str | None) -> str | None:
    """When a reason would end: with a cap that tells how the cap is counted, so it is not told."""
    return None if text.startswith(_CAPPED) else until


def place(kept: Mapping[str, Any] | None, *, pool: str, sight: Sight) -> dict[str, Any] | None:
    """Of a large pool the place in its batch, less what colleagues were given elsewhere."""
    if kept is None or sight.sees(pool):
        return None if kept is None else dict(kept)
    return {name: kept[name] for name in PLAIN_OF_PLACE if name in kept}


def snapshot(content: Mapping[str, Any], *, pool: str, sight: Sight) -> dict[str, Any]:
    """The pool as it was: its terms, who was in it, and the reader's own weight and caps."""
    if sight.sees(pool):
        return dict(content)
    told = {name: one for name, one in content.items() if not isinstance(one, (list, dict))}
    told["members"] = [
        dict(one) if sight.sees(pool, one["user"]) else {"user": one["user"], WITHHELD: True}
        for one in content.get("members", ())
    ]
    return told | {WITHHELD: True}


def _candidate(one: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: one[name] for name in PLAIN if name in one}
    why = one.get("excluded")
    told["excluded"] = reason(why) if why else None
    told["until"] = ends(why, one.get("until")) if why else None
    return told | {WITHHELD: True}


def _tried(one: Mapping[str, Any]) -> dict[str, Any]:
    meant = {name: one["meant"][name] for name in PLAIN_OF_MEANT if name in one["meant"]}
    if full := one["meant"].get("full"):
        meant["full"] = reason(full)
    told = {**one, "meant": meant | {WITHHELD: True}}
    if refused := one.get("refused"):
        told["refused"] = reason(refused)
    return told
