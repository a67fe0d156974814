"""What the owner affirms on accepting, and which facts show it beforehand.

Facts fill in the answers; people confirm them. Only what shows that a buyer can be reached counts
as an answer by itself, and where the kit names such facts and none holds, whoever says so all the
same says how they know it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from core import errors
from core.errors import FieldError
from governance import conditions
from governance.kit import Kit
from governance.moments import Shown
from governance.terms import Criterion
from leads import contact, qualification, reachability
from leads.contact import Purpose, Way
from leads.models import Activity, Lead, Person
from leads.stages import Stage
from lifecycle import contacting, gathering
from lifecycle.case import Case

AFFIRMED = "AFFIRMED"
Kind, Direction, Outcome = Activity.Kind, Activity.Direction, Activity.Outcome
SPOKEN = frozenset({Kind.CALL, Kind.MEETING, Kind.DISCOVERY_CALL})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows one criterion beforehand: by which means, and the facts of the profile."""

    by: tuple[Shown, ...]
    facts: tuple[tuple[str, Any], ...] = ()

    @property
    def answers(self) -> bool:
        """Whether it stands for the answer of a person."""
        return bool(set(self.by) - {Shown.ICP})


def asked(kit: Kit) -> list[Criterion]:
    """What the owner affirms to accept, in the kit's order."""
    return [one for one in kit.criteria(Stage.SAL.value) if one.proof == AFFIRMED]


def of_lead(lead: Lead, kit: Kit, now: dt.datetime) -> dict[str, Evidence]:
    """What the facts show of a lead that is only looked at. A few queries."""
    return shown(gathering.seen(lead), kit, now)


def shown(
    case: Case, kit: Kit, now: dt.datetime, *, shut: Collection[Way] | None = None
) -> dict[str, Evidence]:
    """What the facts show by now, by criterion; what they do not show is left out.

    `shut` are the ways that must not be used to answer the buyer, where that is known already.
    """
    wanted = {name for one in asked(kit) for name in one.shown_by}
    facts = _of_profile(case, kit, now) if Shown.ICP in wanted else None
    by: set[Shown] = {Shown.ICP} if facts is not None else set()
    if wanted - {Shown.ICP}:
        by.update(reachability.means(_known(case.lead, shut)))
    found = {}
    for one in asked(kit):
        showing = tuple(Shown(name) for name in one.shown_by if name in by)
        if showing:
            found[one.key] = Evidence(showing, (facts or ()) if Shown.ICP in showing else ())
    return found


def require(
    kit: Kit, shown: Mapping[str, Evidence], answers: Mapping[str, bool | None], *, evidence: str
) -> dict[str, Any]:
    """What was affirmed and what shows it, for the event. Raises InvalidInput naming each fault.

    An answer of None leaves it to the facts.
    """
    faults = []
    for one in asked(kit):
        proof, answer = shown.get(one.key), answers.get(one.key, False)
        by_facts = proof is not None and proof.answers
        if answer is None and not by_facts:
            message = f"Nothing on record shows that “{one.label}”: log how you reached them, or "
            message += "confirm it and say how you know."
            faults.append(FieldError(one.key, message, "unshown"))
        elif answer is False:
            message = f"Confirm that “{one.label}”, or reject the lead."
            faults.append(FieldError(one.key, message, "unconfirmed"))
        elif set(one.shown_by) - {Shown.ICP} and not by_facts and not evidence.strip():
            message = f"Nothing on record shows that “{one.label}”: say how you know."
            faults.append(FieldError("evidence", message, "required"))
    if faults:
        raise errors.InvalidInput("Accepting needs both answers.", errors=faults)
    return {
        **{one.key: True for one in asked(kit)},
        "evidence": bool(evidence),
        "shown": {key: _told(one) for key, one in shown.items()},
        "unasked": sorted(key for key, answer in answers.items() if answer is None),
    }


def _told(evidence: Evidence) -> dict[str, Any]:
    """Means and facts, never an address or a number: events carry nothing personal."""
    facts = {"facts": _document(evidence.facts)} if evidence.facts else {}
    return {"by": [one.value for one in evidence.by], **facts}


def _document(facts: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    judged = qualification.Judged("icp", met=True, facts=facts)
    kept: dict[str, Any] = judged.as_data()["facts"]
    return kept


def _of_profile(case: Case, kit: Kit, now: dt.datetime) -> tuple[tuple[str, Any], ...] | None:
    """The facts on which the kit's `icp` holds; None where it does not, or there is none."""
    profile = next((one for one in kit.all_criteria if one.key == "icp" and one.condition), None)
    if profile is None or profile.condition is None:
        return None
    names = sorted(conditions.facts_of(profile.condition))
    known = case.facts(kit, now, names=names)
    if not conditions.holds(profile.condition, known):
        return None
    return tuple((name, known.get(name)) for name in names)


def _known(lead: Lead, shut: Collection[Way] | None) -> reachability.Known:
    done = list(
        Activity.objects.standing()
        .filter(lead=lead, automatic=False)
        .exclude(kind=Kind.NOTE)
        .only("kind", "direction", "outcome", "at")
    )
    return reachability.Known(
        email=lead.person.email,
        phone=lead.person.phone,
        shut=frozenset(_shut(lead) if shut is None else shut),
        bounced=_bounces(lead.person, done),
        answered=any(_answered(one) for one in done),
    )


def _shut(lead: Lead) -> Collection[Way]:
    standing = contacting.standing(lead).read()
    return [way for way in Way if not contact.decide(way, Purpose.ANSWER, standing).allowed]


def _bounces(person: Person, done: Collection[Activity]) -> bool:
    """Whether what was sent to this very address came back, and nothing came from it since."""
    failed = max((one.at for one in done if one.outcome == Outcome.BOUNCED), default=None)
    if failed is None:
        return False
    wrote = max((one.at for one in done if _wrote(one)), default=None)
    changed = _address_since(person)
    return (wrote is None or failed > wrote) and (changed is None or failed >= changed)


def _wrote(one: Activity) -> bool:
    return one.kind == Kind.EMAIL and one.direction == Direction.INBOUND


def _answered(one: Activity) -> bool:
    """Whether the buyer said something: they wrote, or there was a talk."""
    came = one.direction == Direction.INBOUND and one.outcome != Outcome.BOUNCED
    return came or (one.kind in SPOKEN and one.outcome == Outcome.COMPLETED)


def _address_since(person: Person) -> dt.datetime | None:
    """Since when it is this address; None where it was never another."""
    others = person.history.exclude(email=person.email).order_by("-history_date")
    other = others.values_list("history_date", flat=True).first()
    if other is None:
        return None
    since = person.history.filter(email=person.email, history_date__gt=other)
    found: dt.datetime | None = (
        since.order_by("history_date").values_list("history_date", flat=True).first()
    )
    return found
