"""What other systems call our rows: found by it, and kept beside them. Writes no field history."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from core import bulk, errors
from core.errors import FieldError
from leads.models import ExternalReference

Kind = ExternalReference.Kind
COLUMN = {
    Kind.ACCOUNT: "account_id",
    Kind.LEAD: "lead_id",
    Kind.OPPORTUNITY: "opportunity_id",
    Kind.ACTIVITY: "activity_id",
}


class Taken(errors.DomainError):
    """The id of that system names another row of ours already."""

    code = "reference_taken"


_SYSTEM = re.compile(r"[a-z][a-z0-9_-]*")
"""How systems are named; the scopes of our own doors have a colon."""
DOORS = frozenset(("mail", "demo"))
UNNAMED = "import"
"""The scope of tables of which nobody said where they are from."""


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """One id of one system, with the address where it can be seen there."""

    system: str
    value: str
    url: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What names the row."""
        return (self.system, self.value)


def read(system: str, value: str, url: str = "") -> Reference:
    """A clean reference. Raises InvalidInput naming each part that cannot be used."""
    system, value, url = system.strip().casefold(), value.strip(), url.strip()
    faults = []
    if not system or len(system) > 80:
        faults.append(FieldError("system", "Name the system the id is from, in 1 to 80 signs."))
    if not value or len(value) > 200:
        faults.append(FieldError("external_id", "Give the id in that system, 1 to 200 signs."))
    if url and (len(url) > 500 or not url.startswith(("https://", "http://"))):
        faults.append(FieldError("url", "Give a web address that begins with https://."))
    if faults:
        raise errors.InvalidInput("The reference cannot be used as it is.", errors=faults)
    return Reference(system, value, url)


def of_touch(scope: str, payload: Mapping[str, object]) -> Reference | None:
    """What the system that a record came from calls it; None for touches of no other system."""
    value, url = str(payload.get("external_id", "")), str(payload.get("external_url", ""))
    if not value or scope in DOORS or not _SYSTEM.fullmatch(scope):
        return None
    return Reference(scope, value, url if url.startswith(("https://", "http://")) else "")


def of_deal(scope: str, history: Mapping[str, str]) -> Reference | None:
    """What a named system calls the deal of a record of history; None where it says nothing."""
    value, url = history.get("deal_id", ""), history.get("deal_url", "")
    if not value or scope in (*DOORS, UNNAMED) or not _SYSTEM.fullmatch(scope):
        return None
    return Reference(scope, value, url if url.startswith(("https://", "http://")) else "")


def find(kind: Kind, references: Iterable[Reference]) -> dict[tuple[str, str], int]:
    """Our rows by what they are called there: one query."""
    keys = sorted({one.key for one in references})
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT r.system, r.value, r.{COLUMN[kind]} FROM leads_externalreference r
              JOIN unnest(%s::text[], %s::text[]) AS n (system, value)
                ON n.system = r.system AND n.value = r.value
             WHERE r.kind = %s
            """,  # noqa: S608 - columns of this module
            [[one for one, _ in keys], [one for _, one in keys], kind.value],
        )
        return {(system, value): pk for system, value, pk in cursor.fetchall()}


def attach(
    kind: Kind, rows: Mapping[Reference, int], *, now: dt.datetime
) -> dict[tuple[str, str], int]:
    """Keep these references of our rows, by id, with their newest address.

    Returns whom each names. Raises Taken when one of them names another row.
    """
    bulk.insert_new(_fresh(kind, rows, now), on=["id"])
    named = find(kind, rows)
    for one, pk in rows.items():
        if named.get(one.key) != pk:
            raise Taken(
                f"The id “{one.value}” of {one.system} is that of {kind.label.lower()} "
                f"{named.get(one.key)} already.",
                state={"id": str(named.get(one.key) or "")},
            )
    _move(kind, [one for one in rows if one.url])
    return named


def keep(kind: Kind, rows: Mapping[Reference, int], *, now: dt.datetime) -> None:
    """Keep those of the references that name nothing yet, and the newest address of all."""
    bulk.insert_new(_fresh(kind, rows, now), on=["id"])
    _move(kind, [one for one in rows if one.url])


def _fresh(kind: Kind, rows: Mapping[Reference, int], now: dt.datetime) -> list[ExternalReference]:
    return [
        ExternalReference(
            kind=kind.value,
            system=one.system,
            value=one.value,
            url=one.url,
            created_at=now,
            **{COLUMN[kind]: pk},
        )
        for one, pk in sorted(rows.items())
    ]


def _move(kind: Kind, references: Iterable[Reference]) -> None:
    """Note where they can be seen now."""
    moved = list(references)
    if not moved:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE leads_externalreference r SET url = n.url
              FROM unnest(%s::text[], %s::text[], %s::text[]) AS n (system, value, url)
             WHERE r.kind = %s AND r.system = n.system AND r.value = n.value AND r.url <> n.url
            """,
            [
                [one.system for one in moved],
                [one.value for one in moved],
                [one.url for one in moved],
                kind.value,
            ],
        )
