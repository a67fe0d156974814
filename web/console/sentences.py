"""One event of a lead as a sentence of pieces, so that names stay apart from the words around them.

Pure: everything a sentence needs has been read before and is given as `Known`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.texts import _, lazy
from governance.kit import Kit
from leads.models import Activity, Channel, EventKind, LeadEvent
from lifecycle import reaching
from web.console import (
    course_words,
    dispute_words,
    evidence_words,
    exclusion_words,
    learnt_words,
    matching_words,
    owner_words,
    permission_words,
    proof,
    proving_words,
    recognition_words,
    score_words,
    signal_words,
    words,
)
from web.console.sentence import Known, Piece, Sentence

HISTORY = Piece(lazy("By imported history somebody"))
STEPS = {
    "begin": ("plus", "none", lazy("The lead came in as an inquiry")),
    "accept": ("check", "ok", lazy("accepted it as SAL")),
    "self_source": ("check", "ok", lazy("sourced it as SAL")),
    "sales_qualify": ("check", "ok", lazy("marked it as SQL")),
    "convert": ("coin", "ok", lazy("opened an opportunity")),
    "win": ("trophy", "ok", lazy("won it")),
    "lose": ("x", "late", lazy("lost it")),
    "reject": ("x", "late", lazy("rejected it")),
    "reinstate": ("undo", "info", lazy("made it an MQL again, since its rejection was overturned")),
    "return_to_nurture": ("repeat", "warn", lazy("returned it to nurture")),
    "recycle": ("repeat", "none", lazy("recycled it to nurture")),
    "disqualify": ("ban", "late", lazy("disqualified it")),
    "reopen": ("undo", "info", lazy("reopened it")),
    "readmit": ("undo", "info", lazy("let it in again")),
    "undo": ("undo", "none", lazy("took back the last step")),
    "merge": ("merge", "none", lazy("merged it into another lead")),
    "unmerge": ("merge", "none", lazy("took the merge back")),
}
ACTIVITY_ICONS = {"CALL": "phone", "EMAIL": "mail", "MEETING": "calendar",
                  "DISCOVERY_CALL": "calendar", "SOCIAL": "chat", "NOTE": "pencil"}  # fmt: skip


def tell(event: LeadEvent, known: Known) -> Sentence:
    """The sentence of one event."""
    return _TELLERS.get(event.kind, _plain)(event, known)


def _touched(event: LeadEvent, known: Known) -> Sentence:
    touch = known.touches.get(event.because.get("touch", 0))
    channel = Channel(touch.channel if touch else event.because.get("channel", "FORM")).label
    pieces = [Piece(_("Touchpoint: ")), Piece(channel, strong=True)]
    if touch and touch.campaign:
        pieces += [Piece(", campaign "), Piece(touch.campaign, strong=True)]
    elif touch and (medium := words.medium(touch.medium, touch.category)):
        pieces += [Piece(", by "), Piece(medium, strong=True)]
    recognised = recognition_words.told(event.because.get("identity") or {})
    pieces.append(Piece(f". {recognised}".rstrip()))
    pieces.append(Piece(signal_words.waited(event)))
    company = event.because.get("company") or {}
    account = known.accounts.get(company.get("account") or 0)
    if matched := matching_words.matched(company, account.domain or "" if account else ""):
        pieces.append(Piece(_(" Account: {matched}.").format(matched=matched)))
    note = str(touch.payload.get("note") or "") if touch else ""
    return Sentence("form", "none", tuple(pieces), note)


def _stage(event: LeadEvent, known: Known) -> Sentence:
    if event.transition == "qualify":
        return _qualified(event, known)
    if "exclusion" in event.because and event.transition in exclusion_words.STEPS:
        return exclusion_words.told(event, known)
    icon, tone, did = STEPS.get(event.transition, ("dot", "none", event.transition))
    if event.because.get("within"):
        did = _("took back what had followed from the last step")
    if event.transition == "begin":
        return Sentence(icon, tone, (Piece(f"{did}."),))
    if event.transition == "merge":
        return Sentence(
            icon,
            tone,
            (
                known.who(event),
                Piece(_(" merged it into ")),
                *_leads([event.because.get("into")]),
                Piece("."),
            ),
        )
    who = HISTORY if event.because.get("history") else known.who(event)
    pieces = [who, Piece(f" {did}")]
    reason = _reason(event, known)
    if reason:
        pieces += [Piece(": "), Piece(reason, strong=True)]
    criterion = event.because.get("criterion")
    if criterion:
        pieces += [Piece(", contesting "), Piece(_criterion(event, str(criterion), known))]
    return Sentence(icon, tone, (*pieces, Piece(".")), known.note(event))


def _qualified(event: LeadEvent, known: Known) -> Sentence:
    if event.because.get("history"):
        return Sentence("target", "info", (Piece(_("By imported history it was an ")),
                        Piece("MQL", strong=True), Piece(".")))  # fmt: skip
    kit = known.kits.get(event.kit_id or 0)
    judged = event.because.get("criteria") or []
    met = proof.checks([one for one in judged if one.get("met")], kit=kit) if kit else ()
    told = "; ".join(check.text for check in met)
    did = (known.who(event), Piece(_(" re-qualified it as "))) if event.by_id else (
        Piece(_("Qualified as ")),
    )  # fmt: skip
    pieces = (
        *did, Piece("MQL", strong=True), Piece(f": {told}." if told else "."),
        *proving_words.pieces(event, known), *_woken(event),
    )  # fmt: skip
    return Sentence("target", "info", pieces, known.note(event))


def _woken(event: LeadEvent) -> tuple[Piece, ...]:
    """What a nurtured lead had waited for; that its day came is an entry of its own."""
    on = str(event.because.get("woken") or "")
    told = course_words.waker(on) if ":" in on else ""
    return (Piece(_(" It was to rest until {told}.").format(told=told)),) if told else ()


def _reason(event: LeadEvent, known: Known) -> str:
    key = str(event.because.get("reason") or "")
    kit = known.kits.get(event.kit_id or 0)
    if kit and key in kit.reasons:
        return kit.reasons[key].label
    return key.replace("_", " ") or str(event.because.get("why") or "")


def _criterion(event: LeadEvent, key: str, known: Known) -> str:
    kit = known.kits.get(event.kit_id or 0)
    found = [one.label for one in kit.all_criteria if one.key == key] if kit else []
    return f"“{found[0] if found else key}”"


def _activity(event: LeadEvent, known: Known) -> Sentence:
    row = known.activities.get(event.because.get("activity", 0))
    if row is None:
        return Sentence("chat", "none", (known.who(event), Piece(_(" logged contact."))))
    by = Piece(known.names.get(row.by_id, _("Somebody")), strong=True)
    against = permission_words.against(event.because.get("against"))
    fault = reaching.told(event.because)
    told = fault.message if fault else ""
    if row.withdrawn_at is not None:
        told = _("Taken back since: it counts no more.")
    tone = "late" if against else "ok" if row.is_contact and not told else "none"
    pieces = (*_did(row, by), *(Piece(f" {one}") for one in (against, told) if one))
    return Sentence(ACTIVITY_ICONS.get(row.kind, "chat"), tone, pieces, row.note)


def _did(row: Activity, by: Piece) -> tuple[Piece, ...]:
    """What was done; of answers to mails that were written here, and mails that came back, that."""
    inbound = row.direction == Activity.Direction.INBOUND
    if row.source == "mail" and inbound:
        return (Piece(_("The buyer answered a mail of ")), by, Piece("."))
    if row.source == "mail" and row.outcome == Activity.Outcome.BOUNCED:
        return (Piece(_("A mail of ")), by, Piece(_(" came back undelivered.")))
    direction = _(" from the buyer") if inbound else ""
    outcome = "" if row.kind == Activity.Kind.NOTE else f", {row.get_outcome_display().lower()}"
    return (
        by,
        Piece(
            _(" logged: {get_kind_display}{direction}{outcome}.").format(
                get_kind_display=row.get_kind_display().lower(),
                direction=direction,
                outcome=outcome,
            )
        ),
    )


def _clock(event: LeadEvent, known: Known) -> Sentence:
    breached = event.kind == EventKind.BREACHED
    name = _clock_name(event, known)
    holder = known.names.get(event.because.get("holder") or 0)
    whose = (Piece(_(", held by ")), Piece(holder, strong=True)) if holder else ()
    did = _(" passed its deadline") if breached else _(" falls due soon; a warning went out")
    icon, tone = ("alarm", "late") if breached else ("clock", "warn")
    return Sentence(icon, tone, (Piece(_("The clock ")), name, Piece(did), *whose, Piece(".")))


def _corrected(event: LeadEvent, known: Known) -> Sentence:
    """A clock was met earlier than was known when it stopped."""
    row = known.activities.get(event.because.get("activity") or 0)
    by = known.names.get(row.by_id, "") if row is not None else ""
    told = [
        Piece(_("The clock ")),
        _clock_name(event, known),
        Piece(_(" was met earlier than known")),
    ]
    at = event.because.get("at")
    if at:
        told += [Piece(": on "), Piece(known.moment(datetime.fromisoformat(at)), strong=True)]
    if row is not None and by:
        what = _(", by {by} ({get_kind_display}, {sure})").format(
            by=by, get_kind_display=row.get_kind_display().lower(), sure=evidence_words.sure(row)
        )
        told.append(Piece(what))
    return Sentence("check", "ok", (*told, Piece(".")))


def _escalated(event: LeadEvent, known: Known) -> Sentence:
    kit = _clock_kit(event, known)
    key = str(event.because.get("level") or "")
    level = kit.escalations[key].label if kit and key in kit.escalations else key
    pieces = (
        Piece(_("The clock ")),
        _clock_name(event, known),
        Piece(_(" is still overdue. Escalated to the level ")),
        Piece(f"“{level}”", strong=True),
        Piece(f".{_not_moved(event, known)}"),
    )
    return Sentence("alarm", "late", pieces)


def _not_moved(event: LeadEvent, known: Known) -> str:
    """Why a level that was to give the lead to somebody else could not."""
    if event.because.get("act") and not event.because["acted"]:
        return _(" Nobody else has it by that: {why}.").format(why=known.why(event))
    return ""


def _recalculated(event: LeadEvent, known: Known) -> Sentence:
    number = event.because.get("kit")
    pieces = [
        known.who(event),
        Piece(_(" recalculated the SLAs under kit v{number}").format(number=number or "?")),
    ]
    for place, clock in enumerate(event.because.get("clocks") or []):
        pieces += [Piece("; " if place else ": "), *_moved(clock, event, known)]
    return Sentence("clock", "info", (*pieces, Piece(".")), known.note(event))


def _moved(clock: Mapping[str, Any], event: LeadEvent, known: Known) -> tuple[Piece, ...]:
    name = _policy_name(clock, known.kits.get(event.kit_id or 0))
    if clock.get("to") is None:
        exempt = clock.get("outcome") == "EXEMPT"
        return (name, Piece(_(" is exempt there") if exempt else _(" is not owed any more")))
    then, now = (known.moment(datetime.fromisoformat(clock[key])) for key in ("from", "to"))
    if clock["from"] == clock["to"]:
        return (name, Piece(_(" warns at another time, due {now} as before").format(now=now)))
    return (
        name,
        Piece(_(" is due ")),
        Piece(now, strong=True),
        Piece(_(", it was {then}").format(then=then)),
    )


def _clock_kit(event: LeadEvent, known: Known) -> Kit | None:
    """The kit that started the clock, which may be older than the one in force at the event."""
    return known.kits.get(event.because.get("clock_kit") or event.kit_id or 0)


def _clock_name(event: LeadEvent, known: Known) -> Piece:
    return _policy_name(event.because, _clock_kit(event, known))


def _policy_name(told: Mapping[str, Any], kit: Kit | None) -> Piece:
    policy = str(told.get("policy") or "")
    labels = {one.key: one.label for one in kit.policies} if kit else {}
    obligation = str(told.get("obligation") or policy).replace("_", " ")
    return Piece(f"“{labels.get(policy, obligation)}”", strong=True)


def _quarantined(event: LeadEvent, known: Known) -> Sentence:
    if event.because.get("why") in ("undo", "unmerged"):
        return Sentence("ban", "warn", (Piece(_("In quarantine again.")),))
    kit = known.kits.get(event.kit_id or 0)
    labels = {rule.key: rule.label for rule in kit.quality} if kit else {}
    missed = [labels.get(key, key) for key in event.because.get("missed") or []]
    pieces = [Piece(_("In quarantine until its data is good enough"))]
    if missed:
        pieces += [Piece(_(", which lacks: ")), Piece(", ".join(missed), strong=True)]
    return Sentence("ban", "warn", (*pieces, Piece(".")))


LEFT = {
    "above the floor": lazy("its data is good enough now"),
    "asked for a person": lazy("the buyer asked for a person"),
    "let pass": lazy("let it pass"),
    "merged": lazy("another lead goes on for it"),
}


def _cleansed(event: LeadEvent, known: Known) -> Sentence:
    why = str(event.because.get("why") or "").replace("_", " ")
    told = _("Out of quarantine: {LEFT}.").format(LEFT=LEFT.get(why, why))
    if event.by_id is None or why != "let pass":
        return Sentence("check", "ok", (Piece(told),), known.note(event))
    pieces = (known.who(event), Piece(_(" let it pass out of quarantine.")))
    return Sentence("check", "ok", pieces, known.note(event))


def _retracted(event: LeadEvent, known: Known) -> Sentence:
    row = known.activities.get(event.because.get("activity") or 0)
    what = (
        _("the {get_kind_display} they had logged").format(
            get_kind_display=row.get_kind_display().lower()
        )
        if row
        else _("a contact")
    )
    return Sentence(
        "undo", "none", (known.who(event), Piece(_(" took back {what}.").format(what=what)))
    )


def _withdrawn(event: LeadEvent, known: Known) -> Sentence:
    number = event.because.get("import")
    told = _(" undid import {number}: its touchpoint does not count any more.").format(
        number=number
    )
    return Sentence("ban", "none", (known.who(event), Piece(told)))


def _joined(event: LeadEvent, known: Known) -> Sentence:
    leads = event.because.get("leads") or []
    if not leads:
        told = _(" found its buyer to be somebody known: the lead is theirs now.")
        return Sentence("merge", "info", (known.who(event), Piece(told)))
    pieces = (known.who(event), Piece(" merged "), *_leads(leads), Piece(_(" into it.")))
    return Sentence("merge", "info", pieces)


def _parted(event: LeadEvent, known: Known) -> Sentence:
    leads = event.because.get("leads") or []
    went = len(event.because.get("touches") or [])
    pieces = [known.who(event), Piece(_(" took the merge back"))]
    if leads:
        pieces += [Piece(": "), *_leads(leads), Piece(_(" stands again"))]
    if went:
        pieces.append(
            Piece(
                _("; {went} later touchpoint{words} went along").format(
                    went=went, words=_("s") if went > 1 else ""
                )
            )
        )
    return Sentence("merge", "info", (*pieces, Piece(".")))


def _leads(ids: Sequence[Any]) -> list[Piece]:
    """`lead 12 and lead 15`, each leading there."""
    pieces: list[Piece] = []
    for place, lead in enumerate(ids):
        if place:
            pieces.append(Piece(" and "))
        pieces.append(Piece(_("lead {lead}").format(lead=lead), url=f"/leads/{lead}/"))
    return pieces


def _plain(event: LeadEvent, known: Known) -> Sentence:
    text = f" · {EventKind(event.kind).label.lower()}."
    return Sentence("pencil", "none", (known.who(event), Piece(text)))


_TELLERS: dict[str, Callable[[LeadEvent, Known], Sentence]] = {
    EventKind.TOUCHED: _touched,
    EventKind.SIGNALLED: signal_words.tell,
    EventKind.STAGE: _stage,
    EventKind.ASSIGNED: owner_words.assigned,
    EventKind.QUEUED: owner_words.queued,
    EventKind.RELEASED: owner_words.released,
    EventKind.ACTIVITY: _activity,
    EventKind.WARNED: _clock,
    EventKind.BREACHED: _clock,
    EventKind.CORRECTED: _corrected,
    EventKind.ESCALATED: _escalated,
    EventKind.RECALCULATED: _recalculated,
    EventKind.ENRICHED: learnt_words.tell,
    EventKind.EDITED: learnt_words.tell,
    EventKind.JOINED: _joined,
    EventKind.PARTED: _parted,
    EventKind.QUARANTINED: _quarantined,
    EventKind.CLEANSED: _cleansed,
    EventKind.WITHDRAWN: _withdrawn,
    EventKind.RETRACTED: _retracted,
    EventKind.CROSSED: score_words.crossed,
    **course_words.TELLERS,
    **dispute_words.TELLERS,
}
