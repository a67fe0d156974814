"""Holding a version while it is changed: its row, the kit's lock, and who wrote what was saved."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from django.db import OperationalError, connection

from core import errors
from governance import documents, selectors
from governance.models import KitStatus, KitVersion
from people.models import User

NUMBER_LOCK = selectors.KIT_LOCK + 1
OPEN = (KitStatus.DRAFT, KitStatus.IN_REVIEW, KitStatus.SCHEDULED)
UNDER_REVIEW = (KitStatus.IN_REVIEW, KitStatus.SCHEDULED)


class KitBusy(errors.DomainError):
    """Transactions in progress hold the active kit; publishing can be tried again at once."""

    code = "kit_busy"
    status = 503


class WrongStanding(errors.TooLate):
    """The version has another step to take first; the message says which."""

    code = "wrong_standing"


def locked(version: KitVersion, standing: Collection[str] = OPEN, *, to: str = "") -> KitVersion:
    """The version's row, locked and read anew. Raises `TooLate` unless it stands there.

    `to` names the act, for the message.
    """
    row = (
        KitVersion.objects.select_for_update(of=("self",))
        .select_related("base", "published_by", "restores")
        .get(pk=version.pk)
    )
    if row.status in standing:
        return row
    refusal = WrongStanding if row.status in OPEN else errors.TooLate
    raise refusal(
        f"{_stands(row)}{_way(row, to)}", state={"status": row.status, "checksum": row.checksum}
    )


@contextmanager
def alone_with_the_kit() -> Iterator[None]:
    """Wait until no transaction works under the active kit, and keep others out until the end."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [selectors.KIT_LOCK])
        yield
    except OperationalError as fault:
        if isinstance(fault.__cause__, psycopg.errors.LockNotAvailable):
            raise KitBusy("Leads are being processed under the active kit. Try again.") from fault
        raise


def hold_numbers() -> None:
    """Let nobody else begin a version until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBER_LOCK])


def next_number() -> int:
    """The number of the next version, held until the end of the transaction."""
    hold_numbers()
    return (
        KitVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0
    ) + 1


def save(version: KitVersion, *changed: str, by: User | None, now: datetime, why: str = "") -> None:
    """Write these columns (none: a new row), with who did it, when and why in its history."""
    version._history_user = by  # type: ignore[attr-defined]  # what simple-history reads
    version._history_date = now  # type: ignore[attr-defined]
    version._change_reason = why or None  # type: ignore[attr-defined]
    version.save(update_fields=list(changed) or None)


def authors(version: KitVersion) -> frozenset[int]:
    """Ids of everybody who began or edited this version."""
    return frozenset(filter(None, {version.created_by_id, *documents.editors_of(version)}))


def _stands(row: KitVersion) -> str:
    who = f" by {row.published_by}" if row.published_by and row.status == KitStatus.ACTIVE else ""
    status = row.get_status_display().lower()
    if row.status in OPEN:
        return f"Kit v{row.number} is {'a draft' if row.status == KitStatus.DRAFT else status}."
    return f"Kit v{row.number} is {status} already{who}."


def _way(row: KitVersion, to: str) -> str:
    """What to do first."""
    if row.status == KitStatus.DRAFT:
        return f" Submit it for review before you {to}." if to else " Submit it for review first."
    if row.status in UNDER_REVIEW:
        return " Take it back to draft first; its signatures then no longer count."
    return ""
