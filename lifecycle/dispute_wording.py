"""What a notice about a disputed rejection says, or a lead that rested. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle.models import Notice, RejectionDispute
from lifecycle.recipients import Part

KINDS = (
    Notice.Kind.CONTESTABLE,
    Notice.Kind.DISPUTED,
    Notice.Kind.RULED,
    Notice.Kind.WOKEN,
    Notice.Kind.FADED,
)
HEADLINES = {
    Notice.Kind.CONTESTABLE: "Rejection can be contested",
    Notice.Kind.DISPUTED: "Rejection disputed",
    Notice.Kind.RULED: "Dispute decided",
    Notice.Kind.WOKEN: "Rested until today",
    Notice.Kind.FADED: "Faded into nurture",
}
WAITS = "RevOps overturned it: the lead is an MQL again once no exclusion has it out."
OUTCOMES: dict[str, str] = {
    RejectionDispute.State.UPHELD: "RevOps upheld it: the rejection stands.",
    RejectionDispute.State.OVERTURNED: "RevOps overturned it: the lead is an MQL again.",
    RejectionDispute.State.OVERTAKEN: "The lead went on meanwhile, so nobody decides it.",
}


def sentence(
    kind: Notice.Kind, words: Mapping[str, Any], *, whose: str, who: str, label: str, by_when: str
) -> str:
    """The notice in one or two sentences: `whose` lead, `who` rejected it, and `label` why.

    `by_when` somebody is to do something; empty where there is no limit. All on one line.
    """
    if kind is Notice.Kind.FADED:
        return f"{whose} was an MQL that nobody owned; its score faded, and it is in nurture now."
    if kind is Notice.Kind.WOKEN:
        return f"{whose} rested until today and does not meet the criteria yet. Look after it."
    by = f" by {who}" if who else ""
    told = f"{whose} was rejected{by} (“{label}”)"
    if kind is Notice.Kind.CONTESTABLE:
        until = f" until {by_when}" if by_when else ""
        return f"{told}, which the facts contradict. You can dispute it{until}."
    if kind is Notice.Kind.RULED:
        outcome = OUTCOMES.get(str(words.get("outcome")), "")
        if words.get("outcome") == RejectionDispute.State.OVERTURNED and words.get("exclusion"):
            outcome = WAITS
        return f"{told}, which was disputed. {outcome}".strip()
    if words.get("part") == Part.HOLDER:
        return f"{whose}, rejected as “{label}”, is disputed. RevOps decides."
    due = f" by {by_when}" if by_when else ""
    return f"{told}, and Marketing disputes that. Decide it{due}."
