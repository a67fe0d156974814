"""How a crossing of a score's threshold reads in the timeline. Pure."""

from __future__ import annotations

from core.texts import _, lazy
from governance.kit import Kit
from leads.models import LeadEvent
from web.console import words
from web.console.sentence import Known, Piece, Sentence

NO_BAND = lazy("no band")


def crossed(event: LeadEvent, known: Known) -> Sentence:
    """“The score rose to 47.2 and reached Warm, which begins at 45.”"""
    because = event.because
    kit = known.kits.get(event.kit_id or 0)
    score = words.number((because.get("score") or {}).get("total"))
    edge = words.number(because.get("threshold"))
    told: tuple[Piece, ...]
    if because.get("direction") == "up":
        told = (
            Piece(_("The score rose to {score} and reached ").format(score=score)),
            Piece(band(because.get("to_band", ""), kit), strong=True),
            Piece(_(", which begins at {edge}.").format(edge=edge)),
        )
        return Sentence("arrow-up", "ok", told)
    told = (
        Piece(_("The score fell to {score}, below {edge}: from ").format(score=score, edge=edge)),
        Piece(band(because.get("from_band", ""), kit), strong=True),
        Piece(" to "),
        Piece(band(because.get("to_band", ""), kit), strong=True),
        Piece("."),
    )
    return Sentence("arrow-down", "none", told)


def band(key: str, kit: Kit | None) -> str:
    """What a kit calls a band; its key where the kit has none of that name."""
    bands = kit.bands if kit is not None else ()
    return next((one.label for one in bands if one.key == key), key or NO_BAND)
