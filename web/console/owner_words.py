"""Who has a lead, or where it waits, as sentences of its timeline. Pure."""

from __future__ import annotations

from core.texts import _
from leads.models import LeadEvent
from lifecycle import causes
from lifecycle.causes import ESCALATED, KNOWN_ACCOUNT, MISROUTED, RETURNED, UNDO
from routing import decision_sentence, rules
from routing.models import Override
from web.console import words
from web.console.sentence import Known, Piece, Sentence

DECISION = "#decision"


def assigned(event: LeadEvent, known: Known) -> Sentence:
    """Who has it from now on, and by what."""
    owner = Piece(known.names.get(event.owner_id or 0, _("Somebody")), strong=True)
    if event.because.get("again") == ESCALATED:
        return _by_level(event, owner, known)
    rule, pool = event.because.get("rule"), str(event.because.get("pool") or "")
    if rule:
        label = known.pools.get(pool, pool)
        by_rule = Piece(_("rule “{rule}”").format(rule=_rule(event, rule, known)), url=DECISION)
        why = known.why(event)
        by_target = event.because.get("target")
        reason_piece = Piece(
            f": {why}." if by_target else _(" in pool {label}: {why}.").format(label=label, why=why)
        )
        handed = event.because.get("moment") == rules.HANDOFF
        back = _given_back(event, known)
        started = Piece(_("Handed off to ") if handed else _("Routed to "))
        pieces = (*back, started, owner, Piece(" by "), by_rule, reason_piece)
        return Sentence("route", "warn" if back else "info", pieces, known.note(event))
    if event.because.get("history"):
        told = (Piece(_("By imported history it was owned by ")), owner, Piece("."))
        return Sentence("user", "info", told)
    return _by_people(event, owner, known)


def _by_people(event: LeadEvent, owner: Piece, known: Known) -> Sentence:
    why = str(event.because.get("why") or "")
    if back := _given_back(event, known):
        told = (*back, Piece(_("They named ")), owner, Piece("."))
        return Sentence("user", "warn", told, known.note(event))
    if event.because.get("rule") == "" and event.because.get("pool"):
        return _to_pool(event, owner, known)
    if why == KNOWN_ACCOUNT:
        kept = Piece(_(", who keeps this known account: no new MQL."))
        return Sentence("user", "info", (Piece(_("Handed to ")), owner, kept))
    if why == RETURNED:
        back = (known.who(event), Piece(_(" returned the hand-off to ")), owner, Piece("."))
        return Sentence("undo", "warn", back, known.note(event))
    if why == UNDO:
        told = (
            known.who(event),
            Piece(_(" took back a step: ")),
            owner,
            Piece(_(" has it again.")),
        )
        return Sentence("undo", "none", told, known.note(event))
    taken = event.by_id is not None and event.by_id == event.owner_id
    did = (Piece(_(" took it")),) if taken else (Piece(_(" gave it to ")), owner)
    told = (known.who(event), *did, Piece(f": {why}." if why else "."))
    return Sentence("user", "info", told, known.note(event))


def _given_back(event: LeadEvent, known: Known) -> tuple[Piece, ...]:
    """Who said that it was not theirs, and why: what moved it. Nothing of other moves."""
    because = event.because
    if MISROUTED not in (because.get("again"), because.get("why")):
        return ()
    key = str(because.get("reason") or "")
    labels = dict(Override.Why.choices)
    why = f" ({words.in_a_sentence(str(labels[key]))})" if key in labels else ""
    holder = because.get("from")
    if holder in (None, event.by_id):
        return (known.who(event), Piece(_(" said it was not theirs{why}. ").format(why=why)))
    name = Piece(known.names.get(holder, "somebody"), strong=True)
    return (
        known.who(event),
        Piece(_(" gave it back: it was not that of ")),
        name,
        Piece(f"{why}. "),
    )


def _to_pool(event: LeadEvent, owner: Piece, known: Known) -> Sentence:
    """A person said which pool, its strategy said who."""
    pool = str(event.because["pool"])
    label = Piece(known.pools.get(pool, pool), strong=True)
    came = Piece(f" {decision_sentence.was(known.why(event), you=False)}", url=DECISION)
    pieces = (
        known.who(event),
        Piece(_(" gave it to pool ")),
        label,
        Piece(", where "),
        owner,
        came,
    )
    return Sentence("user", "info", (*pieces, Piece(".")), known.note(event))


def _by_level(event: LeadEvent, owner: Piece, known: Known) -> Sentence:
    """Who has it now because whoever had it did not act."""
    why = known.why(event)
    told = f": {why}." if why else "."
    return Sentence("route", "warn", (Piece(_("Escalated to ")), owner, Piece(told, url=DECISION)))


def _rule(event: LeadEvent, key: str, known: Known) -> str:
    kit = known.kits.get(event.kit_id or 0)
    found = [one.label for one in rules.of_kit(kit) if one.key == key] if kit else []
    return found[0] if found else key


def queued(event: LeadEvent, known: Known) -> Sentence:
    label = known.pools.get(event.queue, event.queue)
    """Nobody has it, and where it waits."""
    why = known.why(event)
    pieces = (
        *_given_back(event, known),
        Piece(_("Waits in the queue ")),
        Piece(label, strong=True),
        Piece(f": {why}." if why else "."),
    )
    return Sentence("inbox", "warn", pieces, known.note(event))


def released(event: LeadEvent, known: Known) -> Sentence:
    """Nobody has it, and nothing is owed."""
    why = causes.in_words(str(event.because.get("why") or ""))
    return Sentence(
        "user",
        "none",
        (Piece(_("Nobody holds it any more{words}.").format(words=f": {why}" if why else "")),),
    )
