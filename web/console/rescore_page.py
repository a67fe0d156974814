"""What the score rules in force would make of the leads that are there, and doing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.texts import _
from governance import selectors as kits
from lifecycle import permissions, rescoring
from lifecycle.models import KitApplication
from lifecycle.rescoring import Preview
from people.models import User
from web.console import band_moves, kit_answers, words
from web.console.band_moves import Move
from web.console.kit_answers import Answer, Past


@dataclass(frozen=True, slots=True)
class RescorePage:
    """The page."""

    kit: int
    looked: str
    changed: str
    moves: tuple[Move, ...]
    leads: int
    answer: Answer
    past: tuple[Past, ...]


def build(reader: User, answer: Answer, *, now: datetime, zone: tzinfo) -> RescorePage:
    """The preview. Raises NotAllowed for who may not look."""
    kit = kits.active_kit()
    shown = rescoring.preview(kit, by=reader, now=now)
    reach, act = permissions.reach(reader), KitApplication.Act.RESCORE.value
    return RescorePage(
        kit=kit.number,
        looked=_looked(shown),
        changed=_("{plural} of them would have another score").format(
            plural=words.plural(shown.changed, "lead")
        ),
        moves=band_moves.told(((one.before, one.after, one.leads) for one in shown.moves), kit),
        leads=shown.leads,
        answer=answer,
        past=kit_answers.latest(act, reader, reach, now=now, zone=zone),
    )


def _looked(shown: Preview) -> str:
    if shown.looked_at == shown.leads:
        return _("Tried on all {plural}").format(plural=words.plural(shown.leads, "lead"))
    return _("Tried on the {looked_at} newest of {leads}").format(
        looked_at=words.number(shown.looked_at), leads=words.number(shown.leads)
    )
