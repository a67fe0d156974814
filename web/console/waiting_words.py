"""“Why is this lead with nobody?” as a checklist: the lead's own obstacles, then each rep's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core import phrases
from core.texts import _, lazy
from leads.models import Lead
from lifecycle import obstacles
from lifecycle.obstacles import Obstacle, Waits
from people.models import User
from routing import answering
from routing.discretion import Sight
from web.console import target_words

SHOWN = 30
SHARED = lazy("What comes while nobody works is shared over the next working day")
SOONER = lazy("Others get it sooner where one of them works on an earlier day")
ANEW = lazy(
    "Until the first of that day starts, it may be kept for another, as shares go by weight."
)


@dataclass(frozen=True, slots=True)
class Check:
    """One line: whether it stands in the way, and what it is."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """All that stands in the way of a waiting lead."""

    headline: str
    accountable: str
    checks: tuple[Check, ...]
    unseen: int


def of_lead(
    lead: Lead, reader: User, pools: Mapping[str, str], *, sight: Sight, now: datetime
) -> Checklist | None:
    """The checklist of a waiting lead; None where somebody has it, or it waits nowhere."""
    waits = obstacles.of(lead, sight=sight, now=now)
    if waits is None:
        return None
    members = sorted(waits.members or (), key=lambda one: (one.user != reader.pk, bool(one.why)))
    checks = [*_of_the_lead(waits, pools, members), *(_of_one(one, reader) for one in members)]
    return Checklist(
        headline=_headline(waits, members, pools),
        accountable=answering.accountable(lead.queue),
        checks=tuple(checks[:SHOWN]),
        unseen=max(0, len(checks) - SHOWN),
    )


def _headline(waits: Waits, members: list[Obstacle], pools: Mapping[str, str]) -> str:
    label = pools.get(waits.pool, waits.pool)
    if waits.members is None:
        return _("There is no pool “{label}” any more; RevOps moves the lead elsewhere.").format(
            label=label
        )
    if not members:
        return _("Nobody is in the pool {label}: add somebody, or claim the lead.").format(
            label=label
        )
    if waits.kept_for is not None:
        return _("Kept for {keeper} until they start.").format(keeper=_keeper(waits, members))
    free = sum(not one.why for one in members)
    many = (
        _("{members} of {label}").format(members=len(members), label=label)
        if len(members) > 1
        else _("only member of {label}").format(label=label)
    )
    if not free:
        return _("None of the {many} can take it now.").format(many=many) if len(members) > 1 else (
            _("The {many} cannot take it now.").format(many=many)
        )  # fmt: skip
    return _("{free} of the {plural} of {label} could take it now.").format(
        free=free, plural=phrases.plural(len(members), "member"), label=label
    )


def _of_the_lead(waits: Waits, pools: Mapping[str, str], members: list[Obstacle]) -> list[Check]:
    found = []
    if waits.in_quarantine:
        found.append(Check("late", _("In quarantine: its data is completed, or let pass, first.")))
    if waits.is_for_people:
        found.append(Check("info", _("Routing leaves it here: somebody of the pool claims it.")))
    at = target_words.when(waits.again_at) if waits.again_at is not None else ""
    if waits.kept_for is not None:
        who = _keeper(waits, members)
        found.append(
            Check(
                "info",
                _("{SHARED}; this one is for {who}, from {at} on.").format(
                    SHARED=SHARED, who=who, at=at
                ),
            )
        )
        found.append(
            Check(
                "info", _("{SOONER}, or when {who} leaves the pool.").format(SOONER=SOONER, who=who)
            )
        )
        found.append(Check("info", ANEW))
    elif at:
        found.append(
            Check("info", _("Tried again at {at}, or as soon as somebody has room.").format(at=at))
        )
    return found


def _keeper(waits: Waits, members: list[Obstacle]) -> str:
    return next((one.name for one in members if one.user == waits.kept_for), "somebody")


def _of_one(one: Obstacle, reader: User) -> Check:
    who = _("You") if one.user == reader.pk else one.name
    if not one.why:
        return Check("ok", _("{who}: could take it now").format(who=who))
    until = _(" until {when}").format(when=target_words.when(one.until)) if one.until else ""
    return Check("late", f"{who}: {one.why}{until}")
