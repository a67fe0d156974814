"""Chains of statements: which row counts, what was known at an instant, and how one is appended.

Whoever writes holds the books of that kind alone until the end of the transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from core import database, errors
from core.texts import _
from governance import selectors as kits
from people.models import User
from reports.models.statement import Kind, Statement, Via

Row = TypeVar("Row", bound=Statement)

UNDO = dt.timedelta(minutes=10)
"""How long one can take back what one did, where no kit says otherwise."""
UNDOABLE = (Kind.ENTERED, Kind.CORRECTED, Kind.WITHDRAWN)
MOST_REASON = 300
BACK = "Taken back"
"""Why a row says again what was said before."""
_OF_THE_CHAIN = ("kind", "root", "replaces", "version", "withdrawn", "reason", "via", "by",
                 "recorded_at", "id")  # fmt: skip


def heads(model: type[Row], *, known: dt.datetime | None = None) -> QuerySet[Row]:
    """The last row of each chain, withdrawn ones too; of what was written down by `known`."""
    rows, later = model._default_manager.all(), model._default_manager.all()
    if known is not None:
        rows, later = rows.filter(recorded_at__lte=known), later.filter(recorded_at__lte=known)
    return rows.filter(~Exists(later.filter(replaces=OuterRef("pk"))))


def as_of(model: type[Row], known: dt.datetime | None = None) -> QuerySet[Row]:
    """What counts, or counted at `known`."""
    return heads(model, known=known).filter(withdrawn=False)


def chain(model: type[Row], number: int) -> QuerySet[Row]:
    """Every row of an entry, the first one first."""
    return model._default_manager.filter(Q(pk=number, root=None) | Q(root=number)).order_by(
        "version"
    )


def head(model: type[Row], number: int) -> Row:
    """The last row of an entry. Raises NotFound."""
    found = chain(model, number).select_related("by").last()
    if found is None:
        raise errors.NotFound(_("There is no entry {number}.").format(number=f"#{number}"))
    return found


def before(row: Row) -> Row | None:
    """The row that this one replaced."""
    return cast("Row | None", row.replaces)


def hold(model: type[Statement]) -> None:
    """Keep others from writing to these books until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [model._meta.db_table])


def instant(given: dt.datetime | None) -> dt.datetime:
    """Now by the database, unless given; asked when the books are held."""
    return given or database.now()


def content(row: Statement) -> dict[str, Any]:
    """What a row says, without its place in the chain."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in _OF_THE_CHAIN
    }


def append(
    before: Row,
    kind: Kind,
    said: Mapping[str, Any],
    *,
    by: User | None,
    reason: str,
    via: Via,
    now: dt.datetime,
    withdrawn: bool = False,
) -> Row:
    """Write the row that replaces another."""
    row: Row = type(before)(
        **said,
        kind=kind,
        root_id=before.number,
        replaces=before,
        version=before.version + 1,
        withdrawn=withdrawn,
        reason=reason,
        via=via,
        by=by,
        recorded_at=max(now, before.recorded_at),
    )
    row.save(force_insert=True)
    return row


def require_seen(row: Statement, seen: int | None) -> None:
    """Refuse who has not seen the last row. Raises TooLate naming who was first."""
    if seen is None or row.version == seen:
        return
    raise errors.TooLate(
        _(
            "{who} has changed entry #{number} since you opened it: {what}. Look at it again."
        ).format(
            who=row.by or _("The worker"), number=row.number, what=Kind(row.kind).label.lower()
        ),
        state={"number": row.number, "version": row.version},
    )


def require_counts(row: Statement) -> None:
    """Refuse an entry that was withdrawn. Raises TooLate."""
    if row.withdrawn:
        raise errors.TooLate(
            _("Entry #{number} was withdrawn by {who}; it does not count.").format(
                number=row.number, who=row.by or _("the worker")
            )
        )


def reason_of(text: str) -> str:
    """Why something is changed. Raises InvalidInput where nothing is said."""
    said = " ".join(text.split())
    if not said:
        raise refused("reason", _("Say why, in a few words: others will read it."))
    if len(said) > MOST_REASON:
        raise refused("reason", _("Say it in {most} characters.").format(most=MOST_REASON))
    return said


def refused(field: str, message: str) -> errors.InvalidInput:
    """A refusal of one input."""
    return errors.InvalidInput(message, errors=[errors.FieldError(field, message)])


def withdraw(row: Row, *, by: User, reason: str, via: Via, now: dt.datetime) -> Row:
    """The row by which an entry no longer counts."""
    return append(
        row, Kind.WITHDRAWN, content(row), by=by, reason=reason, via=via, now=now, withdrawn=True
    )


def may_undo(row: Statement, by: User, *, now: dt.datetime) -> bool:
    """Whether this person can take the last row back: their own, not long ago."""
    kit = kits.active_or_none()
    window = kit.general.undo if kit is not None else UNDO
    return row.by_id == by.pk and row.kind in UNDOABLE and now - row.recorded_at <= window


def undo(row: Row, *, by: User, via: Via, now: dt.datetime) -> Row:
    """The row by which the entry says again what it said before the last one. Raises TooLate."""
    if not may_undo(row, by, now=now):
        raise errors.TooLate(
            _("This can no longer be taken back: correct entry #{number} instead.").format(
                number=row.number
            ),
            code="nothing_to_undo",
        )
    first = before(row) is None
    earlier = before(row) or row
    return append(
        row, Kind.UNDONE, content(earlier), by=by, reason=BACK, via=via, now=now,
        withdrawn=first or earlier.withdrawn,
    )  # fmt: skip
