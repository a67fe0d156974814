"""Which exclusion has a lead out, why, and what ended it: in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.texts import _, lazy
from governance import selectors as kits
from governance.kit import Kit
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from leads.stages import CLOSED, Stage
from lifecycle import detours, exclusions
from lifecycle.case import Case
from web.console import proof
from web.console.sentence import Known, Piece, Sentence

STEPS = (exclusions.TAKEN_OUT, exclusions.LET_IN)
RETURNS: dict[str, str] = {
    Stage.MQL: lazy(" It is an MQL again."),
    Stage.NURTURE: lazy(" It rests in Nurture."),
}
PLACES: dict[str, str] = {Stage.MQL: lazy(" as an MQL"), Stage.NURTURE: lazy(" to Nurture")}


@dataclass(frozen=True, slots=True)
class Notice:
    """What a lead's page says of the exclusion that has it out, or that holds although it is owned.

    `why` are the facts it looked at; `line` what follows from it.
    """

    label: str
    why: str
    line: str
    out: bool


def of_lead(case: Case, kit: Kit, *, now: datetime) -> Notice | None:
    """Of a lead that an exclusion has out, or would take out if nobody owned it.

    One query for a lead that is out, one for one that somebody owns where the `kit` in force has
    any.
    """
    lead = case.lead
    if lead.exclusion:
        return _out(lead)
    if lead.owner_id is None or lead.stage in CLOSED or not kit.exclusions:
        return None
    ledger = Ledger(kit=kit, now=now, actor="page")
    holding = exclusions.holds(case, ledger)
    if not holding:
        return None
    first = holding[0]
    line = _("It stays with its owner, who may disqualify it.")
    return Notice(first.exclusion.label, _seen(first.as_data()["facts"]), line, out=False)


def told(event: LeadEvent, known: Known) -> Sentence:
    """A step that an exclusion took or ended."""
    kit = known.kits.get(event.kit_id or 0)
    label = Piece(f"“{_label(kit, str(event.because['exclusion']))}”", strong=True)
    if event.transition == exclusions.TAKEN_OUT:
        why = _seen(event.because.get("facts") or {})
        ended = Piece(f": {why}." if why else ".")
        return Sentence("ban", "late", (Piece(_("Taken out by the exclusion ")), label, ended))
    if exclusions.was_let_pass(event):
        ended = Piece(f".{RETURNS.get(event.to_stage, '')}")
        pieces = (known.who(event), Piece(_(" let it pass the exclusion ")), label, ended)
        return Sentence("undo", "info", pieces, known.note(event))
    back = Piece(_("Let in again: the exclusion "))
    ended = Piece(_(" holds no more.{RETURNS}").format(RETURNS=RETURNS.get(event.to_stage, "")))
    return Sentence("undo", "info", (back, label, ended))


def _out(lead: Lead) -> Notice:
    last = (
        LeadEvent.objects.filter(
            lead=lead, kind=EventKind.STAGE, transition=exclusions.TAKEN_OUT
        ).order_by("-sequence").first()
    )  # fmt: skip
    because: Mapping[str, Any] = last.because if last is not None else {}
    kit = kits.kit_of(last.kit_id) if last is not None and last.kit_id else None
    place = PLACES.get(detours.stage_below(lead), "")
    line = _("Nobody is asked for it. It comes back{place} as soon as that holds no more.").format(
        place=place
    )
    if lead.unheard_at is not None:
        line += _(" Its buyer asked for a person meanwhile, and has no answer.")
    return Notice(_label(kit, lead.exclusion), _seen(because.get("facts") or {}), line, out=True)


def _label(kit: Kit | None, key: str) -> str:
    found = [one.label for one in kit.exclusions if one.key == key] if kit is not None else []
    return found[0] if found else key.replace("_", " ")


def _seen(seen: Mapping[str, Any]) -> str:
    return proof.facts_in_words(seen)
