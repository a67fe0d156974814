"""The page of invitations: who was invited, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.texts import _
from people import inviting
from people.models import Invitation, Role, User

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One invitation in words; `can` says whether it can be sent anew or withdrawn."""

    id: int
    who: str
    email: str
    line: str
    word: str
    tone: str
    why: str
    can: bool


def lines(*, now: datetime) -> list[Line]:
    """The newest invitations first, in one query."""
    rows = Invitation.objects.select_related("team", "invited_by", "mail").order_by(
        "-invited_at", "-pk"
    )
    return [_line(row, now=now) for row in rows[:SHOWN]]


def _line(row: Invitation, *, now: datetime) -> Line:
    word, tone, why = _state(row, now=now)
    parts = [
        Role(row.role).label,
        row.team.name if row.team else "",
        _("by {invited_by}").format(invited_by=row.invited_by),
    ]
    told = " · ".join(filter(None, parts))
    return Line(row.pk, row.name or row.email, row.email, told, word, tone, why, row.is_open)


def _state(row: Invitation, *, now: datetime) -> tuple[str, str, str]:
    """What became of it, its colour, and what went wrong."""
    if row.accepted_at is not None:
        return _("Is here"), "ok", ""
    if row.withdrawn_at is not None:
        return _("Withdrawn"), "plain", ""
    if now >= row.expires_at:
        return _("Has run out"), "late", ""
    mail = row.mail
    if mail is not None and mail.sent_at is None:
        if mail.due_at is None:
            return _("Mail failed"), "late", mail.last_error
        return _("Mail waits"), "warn", mail.last_error
    return _("Invited"), "info", ""


def require(reader: User) -> None:
    """Raises NotAllowed for who may not invite."""
    inviting.require_may(reader)
