"""Setting what is to be won: entered, corrected, withdrawn, taken back. Rows are only added."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from core import errors
from core.errors import FieldError
from core.texts import _
from people.models import Team, User
from reports import costs, ledger_rights, quotas, spans, statements
from reports.models import QuotaEntry
from reports.models.statement import Kind, Via
from reports.quotas import Party

MOST_COUNTED = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said of a quota. Both days are part of its span; the amount is in base currency."""

    first_day: dt.date
    last_day: dt.date
    rep: User | None = None
    team: Team | None = None
    amount: Decimal
    deals: int | None = None
    sqls: int | None = None
    external_id: str = ""
    note: str = ""

    @property
    def party(self) -> Party:
        """Whose it is."""
        return self.rep or self.team


def said_by(entry: QuotaEntry) -> Said:
    """What an entry says."""
    return Said(**{one.name: getattr(entry, one.name) for one in dataclasses.fields(Said)})


def enter(
    said: Said, *, by: User, via: Via = Via.PAGE, now: dt.datetime | None = None
) -> QuotaEntry:
    """Set a quota. Raises InvalidInput naming each fault, and a quota of the same days."""
    ledger_rights.require_enters_quota(by, rep=said.rep, team=said.team)
    said = checked(said)
    with transaction.atomic():
        statements.hold(QuotaEntry)
        require_apart(said)
        return write(said, by=by, via=via, now=statements.instant(now))


def correct(
    number: int,
    said: Said,
    *,
    reason: str,
    by: User,
    seen: int | None = None,
    via: Via = Via.PAGE,
    now: dt.datetime | None = None,
) -> QuotaEntry:
    """Say otherwise what a quota says, and why. Raises InvalidInput or TooLate."""
    ledger_rights.require_enters_quota(by, rep=said.rep, team=said.team)
    said, reason = checked(said), statements.reason_of(reason)
    with transaction.atomic():
        statements.hold(QuotaEntry)
        head = _held(number, by=by, seen=seen)
        statements.require_counts(head)
        if said == said_by(head):
            raise errors.InvalidInput(_("Nothing was changed: the quota says this already."))
        require_apart(said, but=number)
        return restate(head, said, reason=reason, by=by, via=via, now=statements.instant(now))


def withdraw(
    number: int,
    *,
    reason: str,
    by: User,
    seen: int | None = None,
    via: Via = Via.PAGE,
    now: dt.datetime | None = None,
) -> QuotaEntry:
    """Have a quota no longer count, and say why."""
    reason = statements.reason_of(reason)
    with transaction.atomic():
        statements.hold(QuotaEntry)
        head = _held(number, by=by, seen=seen)
        statements.require_counts(head)
        at = statements.instant(now)
        return statements.withdraw(head, by=by, reason=reason, via=via, now=at)


def undo(
    number: int, *, by: User, seen: int | None = None, now: dt.datetime | None = None
) -> QuotaEntry:
    """Take back what this person did last to a quota. Raises TooLate."""
    with transaction.atomic():
        statements.hold(QuotaEntry)
        head = _held(number, by=by, seen=seen)
        before = statements.before(head)
        if before is not None and not before.withdrawn:
            require_apart(said_by(before), but=number)
        at = statements.instant(now)
        return statements.undo(head, by=by, via=Via.PAGE, now=at)


def checked(said: Said) -> Said:
    """The same, tidied up. Raises InvalidInput naming every fault."""
    tidy = dataclasses.replace(said, external_id=said.external_id.strip(), note=said.note.strip())
    faults = [
        *spans.faults(tidy.first_day, tidy.last_day),
        *spans.faults_of_amount("amount", tidy.amount),
        *_faults_of_counts(tidy),
        *spans.faults_of_texts(
            {"external_id": (tidy.external_id, 200), "note": (tidy.note, 2_000)}
        ),
    ]
    if tidy.rep is not None and tidy.team is not None:
        faults.append(FieldError("rep", _("A quota is of a rep, of a team or of the company.")))
    if faults:
        raise errors.InvalidInput(" ".join(one.message for one in faults), errors=faults)
    return dataclasses.replace(tidy, amount=tidy.amount.quantize(spans.CENT))


def overlapping(said: Said, *, but: int | None = None) -> QuotaEntry | None:
    """A quota of the same party that counts and has a day in common."""
    rows = quotas.entries_as_of().filter(
        quotas.of_party(said.party), costs.touching(said.first_day, said.last_day)
    )
    others = [row for row in rows.order_by("first_day") if row.number != but]
    return others[0] if others else None


def require_apart(said: Said, *, but: int | None = None) -> None:
    """Raises InvalidInput where another quota of the same party has a day in common."""
    other = overlapping(said, but=but)
    if other is not None:
        raise statements.refused(
            "first_day",
            _(
                "Quota #{number} of {party} is of {first} to {last} already ({amount}). Correct "
                "that one, or choose days apart from it."
            ).format(
                number=other.number, party=quotas.party_name(other), first=other.first_day,
                last=other.last_day, amount=f"{other.amount:,}",
            ),
        )  # fmt: skip


def write(said: Said, *, by: User, via: Via, now: dt.datetime) -> QuotaEntry:
    """The first row of a quota. What it says is checked, and the books are held."""
    entry = QuotaEntry(**_columns(said), via=via, by=by, recorded_at=now)
    entry.save(force_insert=True)
    return entry


def restate(
    head: QuotaEntry, said: Said, *, reason: str, by: User, via: Via, now: dt.datetime
) -> QuotaEntry:
    """The next row of a quota. What it says is checked, and the books are held."""
    return statements.append(
        head, Kind.CORRECTED, _columns(said), by=by, reason=reason, via=via, now=now
    )


def _held(number: int, *, by: User, seen: int | None) -> QuotaEntry:
    """The last row of a quota that this person may change, and has seen."""
    head = quotas.get(number)
    ledger_rights.require_enters_quota(by, rep=head.rep, team=head.team)
    statements.require_seen(head, seen)
    return head


def _columns(said: Said) -> dict[str, Any]:
    return {one.name: getattr(said, one.name) for one in dataclasses.fields(said)}


def _faults_of_counts(said: Said) -> list[FieldError]:
    told = _("Write a whole number from 0 to {most}.").format(most=f"{MOST_COUNTED:,}")
    return [
        FieldError(name, told)
        for name in ("deals", "sqls")
        if (count := getattr(said, name)) is not None and not 0 <= count <= MOST_COUNTED
    ]
