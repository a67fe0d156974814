"""How a crossing of a score's threshold reads in the timeline. Pure."""

from __future__ import annotations

from governance.kit import Kit
from leads.models import LeadEvent
from web.console import words
from web.console.sentence import Known, Piece, Sentence

NO_BAND = "no band"


def crossed(event: LeadEvent, known: Known) -> Sentence:
    """“The score rose to 47.2 and reached Warm, which begins at 45.”"""
    because = event.because
    kit = known.kits.get(event.kit_id or 0)
    score = words.number((because.get("score") or {}).get("total"))
    edge = words.number(because.get("threshold"))
    told: tuple[Piece, ...]
    if because.get("direction") == "up":
        told = (
            Piece(f"The score rose to {score} and reached "),
            Piece(band(because.get("to_band", ""), kit), strong=True),
            Piece(f", which begins at {edge}."),
        )
        return Sentence("arrow-up", "ok", told)
    told = (
        Piece(f"The score fell to {score}, below {edge}: from "),
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
