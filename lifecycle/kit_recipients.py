"""Who must hear of a step of the kit. A pure judgement: people are ids, what is known is given.

Who took the step is not told of it, unless time took it for them; nor is anybody who could not
open the version's page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from governance.models import KitEvent
from lifecycle.models import KitNews

Step = KitEvent.Kind
TOLD_ONCE_PER_TEXT = frozenset(
    {KitNews.REVIEW, KitNews.SIGNED, KitNews.ALL_SIGNED, KitNews.REOPENED, KitNews.WITHDRAWN}
)
"""What is no news again while the text is the same, however often the step is taken."""
ASKING = frozenset({KitNews.REVIEW, KitNews.EMERGENCY, KitNews.HALF_TIME})
"""What asks those for a signature whose signature is missing."""


class Part(StrEnum):
    """Why somebody hears of it: their signature is awaited, or they should know."""

    ASKED = "ASKED"
    TOLD = "TOLD"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person to tell."""

    user: int
    part: Part


@dataclass(frozen=True, slots=True)
class Around:
    """The people around a step.

    `by` took it (None: time did), `asked` can give a signature that is missing, `signers` may sign
    such changes at all, `signed` have signed this text; `begun_by` submitted, scheduled or
    published it. `readers` can open the page.
    """

    by: int | None
    asked: tuple[int, ...]
    signers: tuple[int, ...]
    signed: tuple[int, ...]
    submitted_by: int | None
    begun_by: tuple[int | None, ...]
    revops: tuple[int, ...]
    readers: frozenset[int]


def news_of(
    step: KitEvent.Kind, *, by: int | None, missing: Sequence[str], expires: bool, restores: bool
) -> KitNews:
    """What a step means to people. `missing` are the signatures that a signature left missing,
    `expires` and `restores` are the version's own.
    """
    if step == Step.PUBLISHED:
        return _publication(by=by, expires=expires, restores=restores)
    if step == Step.SUBMITTED:
        return KitNews.REVIEW
    if step in (Step.SIGNED, Step.COUNTERSIGNED) and missing:
        return KitNews.SIGNED
    return KitNews.ALL_SIGNED if step == Step.SIGNED else KitNews(step)


def _publication(*, by: int | None, expires: bool, restores: bool) -> KitNews:
    if expires:
        return KitNews.EMERGENCY
    if restores:
        return KitNews.REVERTED if by is None else KitNews.ROLLED_BACK
    return KitNews.PUBLISHED


def matter(
    kind: KitNews, *, text: str, base: int | None, step: int, details: Mapping[str, Any]
) -> str:
    """What is told only once to each person: the text on its base, or just this step."""
    pinned = f"{text} on {base or 'nothing'}"
    if kind in TOLD_ONCE_PER_TEXT:
        return pinned
    if kind is KitNews.SCHEDULED:
        return f"{pinned} at {details.get('at', '')}"[:120]
    return f"step {step}"


def decide(kind: KitNews, around: Around) -> tuple[Recipient, ...]:
    """The people to tell, each once; empty when nobody needs to be told."""
    asked = _there(around.asked if kind in ASKING else (), around)
    told = _there(_to_know(kind, around), around)
    return tuple(Recipient(user, Part.ASKED) for user in asked) + tuple(
        Recipient(user, Part.TOLD) for user in told if user not in asked
    )


def _to_know(kind: KitNews, around: Around) -> tuple[int | None, ...]:
    if kind is KitNews.REVIEW:
        return ()
    if kind in (KitNews.SIGNED, KitNews.ALL_SIGNED):
        return (around.submitted_by,)
    if kind in (KitNews.REOPENED, KitNews.WITHDRAWN):
        return (*around.signed, *around.begun_by) if around.signed else ()
    if kind is KitNews.EMERGENCY:
        return (*around.signers, *around.begun_by, *around.revops)
    if kind is KitNews.REVERTED:
        return (*around.signed, *around.begun_by, *around.revops)
    return (*around.begun_by, *around.revops)


def _there(users: Iterable[int | None], around: Around) -> list[int]:
    """Those of them who can read it and did not do it, each once."""
    found = (
        user for user in users if user is not None and user in around.readers and user != around.by
    )
    return list(dict.fromkeys(found))
