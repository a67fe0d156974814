"""Undoing an import: what would go, what stays and why, and the confirmation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from core.texts import _
from lifecycle.importing import staying, undoing
from lifecycle.models import ImportRun
from people.models import User

MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class UndoPage:
    """The preview of an undoing."""

    id: int
    name: str
    goes: int
    staying: int
    sentences: tuple[str, ...]
    leadless: int
    big: bool
    back_url: str
    reason: str


def build(run: ImportRun, reader: User, given: Mapping[str, str]) -> UndoPage:
    """The page, in three queries beside the frame's. Raises NotAllowed, TooLate."""
    found = undoing.preview(run_id=run.pk, by=reader)
    return UndoPage(
        id=run.pk,
        name=run.name,
        goes=found.goes,
        staying=found.staying,
        sentences=tuple(staying.sentence(why, count) for why, count in found.stays.items()),
        leadless=found.leadless,
        big=run.done > undoing.TOGETHER,
        back_url=reverse("console:import-run", args=[run.pk]),
        reason=given.get("reason", "")[:MOST_REASON],
    )


def run(run_id: int, reader: User, given: Mapping[str, str]) -> str:
    """Undo; returns the sentence of the toast. Raises DomainError."""
    reason = given.get("reason", "")[:MOST_REASON]
    done = undoing.undo(run_id=run_id, by=reader, reason=reason)
    if not done.is_done:
        return _("The worker undoes it now; this page tells how far it is.")
    return _("Undone. {told}").format(told=" ".join(done.told()))
