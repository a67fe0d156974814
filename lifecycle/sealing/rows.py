"""How rows of the sealed logs are read, and what of them is sealed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from leads import sealing
from leads.models import SealedRows

INSTANTS = frozenset({"at", "recorded_at", "due_at"})
BYTES = frozenset({"commitment", "after"})


@dataclass(frozen=True, slots=True)
class Log:
    """One sealed table: its columns in the order in which they are sealed.

    A new column is sealed by a new version of the digests, not by a longer list here.
    """

    table: str
    columns: tuple[str, ...]
    lead: str
    said: str = ""
    joins: str = ""

    def select(self) -> str:
        """Id, lead, what may be personal, its salt, then the columns."""
        read = ", ".join(map(_read, self.columns))
        said, salt = ("r.because::text", "s.salt") if self.said else ("NULL", "NULL::uuid")
        return (
            f"SELECT r.id, coalesce({self.lead}, 0), {said}, {salt}, {read} "  # noqa: S608 - names of ours
            f"FROM {self.table} r {self.joins}"
        )


def _read(column: str) -> str:
    return f"extract(epoch FROM r.{column})::text" if column in INSTANTS else f"r.{column}"


LOGS = {
    SealedRows.EVENT: Log(
        table="leads_leadevent",
        columns=(
            "id", "lead_id", "sequence", "kind", "transition", "from_stage", "to_stage", "cycle",
            "owner_id", "queue", "by_id", "actor", "cause_id", "kit_id", "at", "recorded_at",
        ),
        lead="r.lead_id",
        said="because",
        joins="LEFT JOIN leads_sealsalt s ON s.lead_id = r.lead_id",
    ),
    SealedRows.CLOCK: Log(
        table="sla_clockevent",
        columns=(
            "id", "clock_id", "kind", "at", "recorded_at", "event_id", "holder_id", "due_at",
            "cause", "level",
        ),
        lead="c.lead_id",
        joins="LEFT JOIN sla_clock c ON c.id = r.clock_id",
    ),
    SealedRows.AWAY: Log(
        table="leads_sealedaway",
        columns=(
            "id", "rows", "row_id", "lead_id", "reason", "note", "commitment", "after", "by_id",
            "recorded_at",
        ),
        lead="r.lead_id",
    ),
}  # fmt: skip
"""Every log that is sealed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a log, as it is now."""

    rows: str
    id: int
    lead: int
    columns: tuple[object, ...]
    said: object
    salt: bytes

    def commitment(self) -> bytes | None:
        """To what may be personal in it; None where a log says nothing of the kind."""
        return None if self.said is None else sealing.commitment(self.salt, self.id, self.said)

    def leaf(self, commitment: bytes | None = None) -> bytes:
        """Its digest; with the commitment that was made once, if another holds no longer."""
        told = self.commitment() if commitment is None else commitment
        return sealing.leaf(self.rows, self.columns, told)


def read(
    rows: SealedRows, where: str, values: Sequence[Any], *, many: bool = False
) -> Iterator[Row]:
    """Rows of a log `r` by id; `many` are streamed, which needs a transaction."""
    log = LOGS[rows]
    with connection.chunked_cursor() if many else connection.cursor() as cursor:
        cursor.execute(f"{log.select()} WHERE {where} ORDER BY r.id", values)
        while found := cursor.fetchmany(2_000):
            for one in found:
                yield _made(rows, log, one)


def _made(rows: SealedRows, log: Log, found: tuple[Any, ...]) -> Row:
    pk, lead, said, salt, *columns = found
    return Row(
        rows=rows.value,
        id=pk,
        lead=lead,
        columns=tuple(map(_plain, log.columns, columns)),
        said=None if said is None else sealing.document(said),
        salt=salt.bytes if isinstance(salt, uuid.UUID) else b"",
    )


def _plain(column: str, value: Any) -> object:
    if column in INSTANTS:
        return sealing.micros(value)
    return bytes(value) if column in BYTES and value is not None else value


def midnight(day: dt.date) -> dt.datetime:
    """When a day begins; all days of seals are those of UTC."""
    return dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)


UNSEALED = """
    WITH found AS (
        SELECT id FROM {table}
         WHERE recorded_at < %(until)s
           AND id > (SELECT coalesce(max(last_id), 0) FROM leads_sealpage WHERE rows = %(rows)s)
         UNION
        SELECT id FROM {table} one
         WHERE recorded_at >= %(since)s AND recorded_at < %(until)s
           AND NOT EXISTS (
                   SELECT 1 FROM (SELECT unnest(p.ids) AS id FROM leads_sealpage p
                                   WHERE p.rows = %(rows)s AND p.of_day >= %(first)s) sealed
                    WHERE sealed.id = one.id))
    SELECT r.id, {lead} AS lead,
           (greatest(r.recorded_at, 'epoch') AT TIME ZONE 'UTC')::date AS day
      FROM found JOIN {table} r USING (id) {joins}
     ORDER BY r.id
"""
SEALED_ANYWHERE = """
    SELECT sealed.id FROM (SELECT unnest(ids) AS id FROM leads_sealpage
                            WHERE rows = %s AND ids && %s::bigint[]) sealed
     WHERE sealed.id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Stray:
    """A row dated on a sealed day that is in no seal."""

    id: int
    lead: int
    day: dt.date


def strays(rows: SealedRows, *, first: dt.date | None, until: dt.date) -> list[Stray]:
    """Rows dated before `until` that no seal has.

    All that came behind the sealed ones in the table, whatever date they bear, and of the days
    from `first` on (None: all) also those that stand among the sealed ones.
    """
    log = LOGS[rows]
    names = {"table": log.table, "lead": f"coalesce({log.lead}, 0)", "joins": log.joins}
    values: dict[str, Any] = {
        "rows": rows.value,
        "until": midnight(until),
        "since": midnight(first) if first else "-infinity",
        "first": first or "-infinity",
    }
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED.format(**names), values)
        found = [Stray(*row) for row in cursor.fetchall()]
        if found:  # one that bears another date than it was sealed with was edited, not added
            ids = [one.id for one in found]
            cursor.execute(SEALED_ANYWHERE, [rows.value, ids, ids])
            known = {pk for (pk,) in cursor.fetchall()}
            found = [one for one in found if one.id not in known]
    return found
