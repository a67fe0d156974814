"""Which company belongs to which: parents, without circles, however many set them at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import connection

from core import errors
from core.errors import FieldError
from leads import overwriting
from leads.ledger import Ledger
from leads.models import Account
from leads.overwriting import Source

MOST_NAMED = 6


class Circle(errors.InvalidInput):
    """A company cannot stand above itself."""

    code = "parent_circle"


def lock(accounts: Collection[int], parents: Collection[int]) -> dict[int, Account]:
    """Lock these accounts, the parents to be and everything above them, in the order of ids.

    Two who set parents at once wait for each other, so that no circle can close.
    """
    ids = set(accounts) | set(parents) | set(_above(parents))
    rows = Account.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    return {row.pk: row for row in rows}


def set_parents(
    wanted: Mapping[int, int | None],
    rows: Mapping[int, Account],
    *,
    source: Source,
    ledger: Ledger,
) -> dict[int, str]:
    """Give locked accounts their parents, in order; returns what was refused, by account.

    What a person said stays, unless a person says otherwise. The caller flushes the ledger.
    """
    refused = {}
    for pk, parent in wanted.items():
        row = rows[pk]
        if parent == row.parent_id:
            continue
        by_user = overwriting.is_by_user(row.provenance, "parent")
        if by_user and source.name != overwriting.USER:
            refused[pk] = "A person filled this in here; it stays."
        elif parent is not None and parent not in rows:
            refused[pk] = f"There is no account {parent}."
        elif parent is not None and _reaches(parent, pk, rows):
            refused[pk] = f"It would stand above itself: {_round(pk, parent, rows)}."
        else:
            row.parent_id = parent
            row.provenance = overwriting.noted(row.provenance, ["parent"], source)
            ledger.change(row, "parent", "provenance")
    return refused


def require(refused: Mapping[int, str]) -> None:
    """Raises Circle for the first refusal."""
    for text in refused.values():
        raise Circle(text, errors=[FieldError("parent", text)])


def _round(pk: int, parent: int, rows: Mapping[int, Account]) -> str:
    """The circle that this parent would close, by names; of a long one both ends."""
    way, at = [pk], parent
    while at != pk:
        way.append(at)
        at = rows[at].parent_id or pk
    names = [rows[one].name or rows[one].domain or f"account {one}" for one in (*way, pk)]
    shown = [*names[:3], "…", *names[-2:]] if len(names) > MOST_NAMED else names
    return " below ".join(f"“{name}”" if name != "…" else name for name in shown)


def _reaches(start: int, target: int, rows: Mapping[int, Account]) -> bool:
    """Whether the way up from `start` comes by `target`."""
    seen: set[int] = set()
    at: int | None = start
    while at is not None and at not in seen:
        if at == target:
            return True
        seen.add(at)
        at = rows[at].parent_id if at in rows else None
    return False


def _above(ids: Collection[int]) -> Sequence[int]:
    """Everything above these accounts."""
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE up (id) AS (
                SELECT id FROM leads_account WHERE id = ANY(%s)
                UNION SELECT a.parent_id FROM up JOIN leads_account a ON a.id = up.id
                       WHERE a.parent_id IS NOT NULL)
            SELECT id FROM up
            """,
            [sorted(ids)],
        )
        return [pk for (pk,) in cursor.fetchall()]
