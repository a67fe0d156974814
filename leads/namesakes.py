"""Whether a new person is one of those known at the same company, by the name alone. Pure.

Only full names count. Names that are spelt alike, shortened or in the other order only suggest;
where the kit lets names merge, the same name joins the one person who bears it there, unless an
e-mail or external id speaks against it.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from leads import personal_names
from leads.identity import Key, Use
from leads.personal_names import FullName
from leads.recognition import STRONG, Sender


@dataclass(frozen=True, slots=True)
class Namesake:
    """Somebody at the company. `own` is their row, `person` who they are found to be."""

    person: int
    own: int
    name: FullName
    keys: AbstractSet[Key] = frozenset()

    @property
    def name_key(self) -> str:
        """The name as it is compared."""
        return personal_names.key(*self.name)


@dataclass(frozen=True, slots=True)
class Finding:
    """Who bears the name, and whether the touch is theirs or only may be."""

    namesake: Namesake
    joins: bool


def decide(sender: Sender, people: Iterable[Namesake], *, use: Use) -> Finding | None:
    """Return the first who bears the sender's name or nearly; None if nobody does."""
    if use is Use.IGNORE or not is_full(sender.name_key):
        return None
    words = set(sender.name_key.split())
    # A word must be the same, as the search for those who came before asks: one verdict,
    # whether two come together or one after the other.
    alike = [
        one
        for one in people
        if is_full(one.name_key)
        and not words.isdisjoint(one.name_key.split())
        and not personal_names.differ(sender.name, one.name)
    ]
    if not alike:
        return None
    same = [one for one in alike if one.name_key == sender.name_key]
    best = (same or alike)[0]
    alone = len({one.person for one in same}) == 1
    return Finding(best, joins=use is Use.MERGE and alone and not _disagree(sender, best))


def is_full(name_key: str) -> bool:
    """Whether a name is more than one word."""
    return " " in name_key


def _disagree(sender: Sender, one: Namesake) -> bool:
    held = {key.group for key in one.keys if key.kind in STRONG}
    return any(key not in one.keys and key.group in held for key in sender.keys)
