"""Signals that came by themselves, in words: what the buyer did, and where that was seen."""

from __future__ import annotations

from core.texts import _
from governance.kit import Kit
from leads.models import LeadEvent
from web.console.sentence import Known, Piece, Sentence

DOORS = {"user": "API", "site": "website", "hook": "webhook"}


def tell(event: LeadEvent, known: Known) -> Sentence:
    """`Viewed the pricing page (2 times), seen by website main.`"""
    kit = known.kits.get(event.kit_id or 0)
    pieces = [Piece(_("Signal: "))]
    for place, (kind, times) in enumerate((event.because.get("kinds") or {}).items()):
        pieces += [Piece("; ")] if place else []
        pieces.append(Piece(_called(kind, kit), strong=True))
        pieces += [Piece(_(" ({times} times)").format(times=times))] if times > 1 else []
    sources = ", ".join(map(source, event.because.get("sources") or ()))
    pieces.append(Piece(_(", from {sources}.").format(sources=sources) if sources else "."))
    return Sentence("dot", "none", tuple(pieces))


def waited(event: LeadEvent) -> str:
    """What a touchpoint brought along of a buyer whom nobody knew before it."""
    count = len(event.because.get("sent") or ())
    if not count:
        return ""
    return (
        _(" One signal had waited for it.")
        if count == 1
        else _(" {count} signals had waited for it.").format(count=count)
    )


def source(scope: str) -> str:
    """`website main`, `API`: the door, and its name where it has one of its own."""
    door, _rest, name = scope.partition(":")
    return DOORS.get(door, door) if door == "user" else f"{DOORS.get(door, door)} {name}".strip()


def _called(kind: str, kit: Kit | None) -> str:
    return kit.signals[kind].label if kit is not None and kind in kit.signals else kind
