"""What a draft is about: its title and notes. They are for people and change no decision."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core import errors
from governance import holding, signing
from governance.models import KitStatus, KitVersion
from people.models import User

TITLE_LENGTH = 120


@transaction.atomic
def describe(version: KitVersion, *, title: str, notes: str, by: User, now: datetime) -> KitVersion:
    """Give a draft its title and notes. Raises `NotAllowed`, `InvalidInput`, or `WrongStanding`."""
    require_may_write(by)
    title, notes = title.strip(), notes.strip()
    if len(title) > TITLE_LENGTH:
        message = f"Use at most {TITLE_LENGTH} characters; the rest belongs in the notes."
        raise errors.InvalidInput(message, errors=[errors.FieldError("title", message)])
    row = holding.locked(version, (KitStatus.DRAFT,), to="describe it")
    if (row.title, row.notes) != (title, notes):
        row.title, row.notes = title, notes
        holding.save(row, "title", "notes", by=by, now=now, why="described")
    return row


def require_may_write(by: User) -> None:
    """Raise `NotAllowed` unless this person edits drafts: RevOps, and superusers."""
    if not signing.may_write(by):
        raise errors.NotAllowed(f"{by} does not write kits: that takes the role RevOps.")
