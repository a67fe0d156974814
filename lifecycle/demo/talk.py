"""What people say: reasons, notes, answers on checklists. Short, and nobody's real words."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from lifecycle.demo.buyers import Buyer
from lifecycle.waking import WakeUp

_OBJECTIONS = {
    "no_interest": 42,
    "not_involved": 14,
    "timing": 13,
    "wrong_details": 9,
    "no_budget": 8,
    "outside_icp": 7,
    "no_need": 7,
}
"""Reasons to reject, with how common they are."""
_OWN_CRITERION = {"timing": "behaviour", "no_budget": "icp_confirmed", "no_need": "icp_confirmed"}
_NOT_NOW = {"no_interest": 24, "timing": 28, "no_budget": 28, "no_need": 20}
_WAKERS = {"": 5, "signal:pricing_page_view": 3, "signal:demo_request": 3, "band:warm": 2}
"""What is to wake a lead before its day."""
_LOSSES = {
    "no_decision": 26, "chose_competitor": 22, "price": 18, "timing": 14, "no_budget": 12,
    "missing_feature": 8,
}  # fmt: skip
_REFUSALS = {
    "core": ("no_need", "duplicate", "wrong_details"),
    "free": ("wrong_details", "no_need", "spam"),
    "role": ("wrong_details", "no_need"),
    "student": ("student",),
    "competitor": ("competitor",),
    "customer": ("existing_customer",),
}
_OUTSIDE = {
    "small": ("A handful of people, no sales team.", "Too small to need this yet."),
    "large": ("The group buys centrally, not us.", "Far above our size."),
    "abroad": ("We do not sell there.", "No market of ours, sent them the free guide."),
    "core": ("Much smaller than their site says.", "Only a holding, nobody sells there."),
    "off": ("Not an industry we serve.", "Sells to consumers only."),
}
_NOTES = {
    "existing_customer": ("Customer with a support question, passed on.",),
    "duplicate": ("Colleague of a lead we are talking to.", "Same request came by phone."),
    "chose_competitor": ("Stays with the tool of the parent company.", "Cheaper suite won."),
    "missing_feature": ("Needs an on-site telephony connector.", "Wanted territory maps."),
}  # fmt: skip
_EVIDENCE = ("Reached by phone, fits.", "Size checked on their site.", "Answered my mail at once.")
_ANSWERS = {
    "budget": ("40k a year, released by the CFO.", "Set aside for this half-year."),
    "authority": ("Head of Sales decides, CFO signs.", "Decides herself up to 50k."),
    "need": ("A third of demo requests waits for more than a day.", "Nobody knows who was late."),
    "timeline": ("Before the new sales year.", "Within the next quarter."),
    "metrics": ("First response from nine hours to one.", "Acceptance from 55 to 75 percent."),
    "economic_buyer": ("The COO, met on the call.", "The managing director."),
    "decision_criteria": ("Works beside the CRM.", "Three zones, one report."),
    "identify_pain": ("Lost two large deals to slow answers.", "Nobody trusts the funnel."),
    "champion": ("Revenue operations lead.", "The marketing director."),
}  # fmt: skip
_TALKS = {
    "CALL": ("Short call, wants to hear more.", "Good talk, sends his questions.", ""),
    "EMAIL": ("Sent an answer with two times to meet.", "Wrote after the call.", ""),
    "SOCIAL": ("Answered on the network.",),
    "DISCOVERY_CALL": ("Forty minutes, went through the hand-over today.",
                       "Discovery with two people of the team.", "Walked through their funnel."),
}  # fmt: skip


def objection(buyer: Buyer, rng: Random, odds: float) -> tuple[str, str]:
    """Reason and criterion of a rejection; empty when the rep has none."""
    plain = {"competitor": "competitor", "student": "student"}
    if buyer.kind in plain:
        return plain[buyer.kind], ""
    if buyer.script.rejected_as:
        return buyer.script.rejected_as, ""
    if buyer.script.times or buyer.script.leave or rng.random() > odds:
        return "", ""
    reason = _drawn(_OBJECTIONS, rng)
    return reason, _OWN_CRITERION.get(reason, "")


def refusal(buyer: Buyer, rng: Random) -> str:
    """Why a buyer who asked is declined."""
    return rng.choice(_REFUSALS.get(buyer.kind, ("outside_icp",)))


def not_now(rng: Random) -> str:
    """Why a lead goes back to Marketing."""
    return _drawn(_NOT_NOW, rng)


def rest(reason: str, buyer: Buyer, rng: Random, at: datetime) -> WakeUp | None:
    """When a lead is looked at again, and what wakes it sooner; else as the reason says."""
    on = buyer.script.wakes_on
    if reason not in _NOT_NOW or (not on and rng.random() < 0.4):
        return None
    morning = (at + rng.randrange(21, 75) * timedelta(days=1)).replace(hour=7, minute=0, second=0)
    return WakeUp(morning, on or _drawn(_WAKERS, rng))


def loss(rng: Random) -> str:
    """Why a deal was lost."""
    return _drawn(_LOSSES, rng)


def note_for(reason: str, rng: Random, buyer: Buyer) -> str:
    """A note, where the reason asks for one."""
    if reason == "outside_icp":
        return rng.choice(_OUTSIDE.get(buyer.kind, _OUTSIDE["off"]))
    return rng.choice(_NOTES.get(reason, ("",)))


def evidence(rng: Random) -> str:
    """What a rep adds to an acceptance, now and then."""
    return rng.choice(_EVIDENCE) if rng.random() < 0.25 else ""


def small_talk(kind: str, rng: Random) -> str:
    """A note on an activity."""
    return rng.choice(_TALKS[kind])


_BANT = ("budget", "authority", "need", "timeline")


def first_answers(rng: Random) -> dict[str, str]:
    """What a first talk brings: one to three points of BANT."""
    return {
        item: rng.choice(_ANSWERS[item]) for item in rng.sample(_BANT, rng.choice((1, 2, 2, 3)))
    }


def checklist(rng: Random) -> dict[str, str]:
    """Answers that meet one of the two frameworks."""
    meddic = ("metrics", "economic_buyer", "decision_criteria", "identify_pain", "champion")
    items = _BANT if rng.random() < 0.7 else meddic[: rng.choice((4, 5))]
    return {item: rng.choice(_ANSWERS[item]) for item in items}


def _drawn(weights: dict[str, int], rng: Random) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]
