"""Partners register companies; who comes second makes a conflict, which people decide.

Under the locks of every act: kit, then the company's account, so that of two who register at once
one is first. That a registration runs out needs no act.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from core import errors
from leads import cleansing
from leads.ledger import Ledger
from leads.models import Account, AccountStatus, PartnerConflict, PartnerRegistration
from lifecycle import partner_books, partner_conflicts, partner_rights, turns
from lifecycle.models import PartnerNews
from people.models import User
from routing.models import Decision

MOST_DAYS = 1_095
LONGEST_NOTE = 500

State = PartnerRegistration.State
Verdict = PartnerConflict.State
VERDICT_CHOICES = tuple(one for one in Verdict.choices if one[0] != Verdict.OPEN)
VERDICTS = tuple(key for key, _ in VERDICT_CHOICES)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What came of a registration: itself, or the conflict with the one that was there first."""

    registration: PartnerRegistration | None = None
    conflict: PartnerConflict | None = None


@transaction.atomic
def register(
    *,
    account_id: int,
    partner_id: int,
    by: User,
    note: str = "",
    days: int | None = None,
    now: dt.datetime | None = None,
) -> Claimed:
    """Register a company for a partner, for so many days; a conflict where another was first.

    Raises NotFound, NotAllowed, InvalidInput that names each field, and TooLate where the partner
    has it, or claims it, already.
    """
    partner = _partner(partner_id, by)
    length = _length(days)
    note = cleansing.clean_text(note, LONGEST_NOTE, field="note") if note.strip() else ""
    account, ledger = partner_books.begin(account_id, by, now)
    _require_company(account, partner)
    first = in_force(account.pk, ledger.now)
    if first is None:
        made = _new(account, partner, length, note, ledger, by)
        ledger.flush()
        return Claimed(registration=made)
    if first.partner_id == partner.pk:
        until = f"{first.until_at:%d %b %Y}"
        text = f"{partner.called} has registered it already, until {until}."
        raise errors.TooLate(text, state={"registration": str(first.pk)})
    conflict = PartnerConflict(
        registration=first,
        claimant=partner,
        claimant_name=partner.called[:200],
        claimant_key=partner_conflicts.key_of(partner, ""),
        claim=note,
        claimed_by=by,
        opened_at=ledger.now,
    )
    if not partner_conflicts.open_new([conflict], ledger):
        raise errors.TooLate("This partner claims it already: the conflict is to be decided.")
    ledger.flush()
    return Claimed(conflict=conflict)


@transaction.atomic
def withdraw(
    *, registration_id: int, by: User, reason: str, now: dt.datetime | None = None
) -> PartnerRegistration:
    """End a registration before its time. Raises NotFound, NotAllowed, InvalidInput, TooLate."""
    seen = PartnerRegistration.objects.filter(pk=registration_id).select_related("partner").first()
    if seen is None:
        raise errors.NotFound(f"There is no registration {registration_id}.")
    partner_rights.require_registrar(by, seen.partner)
    reason = partner_books.reason_of(reason)
    _, ledger = partner_books.begin(seen.account_id, by, now, reason)
    row = PartnerRegistration.objects.select_for_update(of=("self",)).get(pk=seen.pk)
    if row.state != State.ACTIVE or row.until_at <= ledger.now:
        raise errors.TooLate("It is over already.", state={"state": row.state})
    _end(row, State.WITHDRAWN, reason, ledger)
    ledger.flush()
    return row


@transaction.atomic
def decide(
    *,
    conflict_id: int,
    by: User,
    verdict: str,
    reason: str,
    days: int | None = None,
    now: dt.datetime | None = None,
) -> PartnerConflict:
    """Say whose the company is. Given to the second, theirs begins now and runs its own days.

    Raises NotFound, NotAllowed, InvalidInput that names each field, and TooLate.
    """
    partner_rights.require_decider(by)
    if verdict not in VERDICTS:
        raise partner_books.invalid("verdict", f"Use one of {', '.join(VERDICTS)}.")
    reason, length = partner_books.reason_of(reason), _length(days)
    conflict, account, ledger = _open_conflict(conflict_id, by, now, reason)
    partner_rights.require_decider_between(by, conflict)
    partner_conflicts.require_open(conflict)
    if verdict == Verdict.GIVEN_TO_SECOND:
        conflict.made = _give(conflict, account, length, ledger, by)
    conflict.state, conflict.reason = verdict, reason
    conflict.decided_by, conflict.decided_at = by, ledger.now
    ledger.change(conflict, "state", "reason", "decided_by", "decided_at", "made")
    ledger.flush()
    partner_conflicts.tell([conflict], PartnerNews.SETTLED, ledger)
    return conflict


@transaction.atomic
def undo(*, conflict_id: int, by: User, now: dt.datetime | None = None) -> PartnerConflict:
    """Open a decided conflict again: within the kit's undo window, while nothing followed.

    Raises NotFound, NotAllowed, and TooLate saying what stands in the way.
    """
    partner_rights.require_decider(by)
    conflict, account, ledger = _open_conflict(conflict_id, by, now, "Decision taken back")
    partner_rights.require_decider_between(by, conflict)
    _require_undoable(conflict, account, ledger)
    if conflict.made is not None:
        _end(conflict.made, State.UNDONE, "Decision taken back", ledger)
        ledger.flush()  # before the first one is in force again: only one of them may be
        first = conflict.registration
        if first.state == State.GIVEN_AWAY:
            first.state, first.end_reason = State.ACTIVE, ""
            first.ended_at = first.ended_by = None
            ledger.change(first, "state", "ended_at", "ended_by", "end_reason")
    conflict.state, conflict.reason, conflict.made = Verdict.OPEN, "", None
    conflict.decided_by = conflict.decided_at = None
    ledger.change(conflict, "state", "reason", "decided_by", "decided_at", "made")
    ledger.flush()
    partner_conflicts.untell(conflict)
    return conflict


def in_force(account_id: int, now: dt.datetime) -> PartnerRegistration | None:
    """The registration of a company that holds at this instant, with its partner."""
    rows = PartnerRegistration.objects.filter(
        account=account_id, state=State.ACTIVE, from_at__lte=now, until_at__gt=now
    )
    return rows.select_related("partner").first()


def undoable_until(conflict: PartnerConflict, undo: dt.timedelta) -> dt.datetime | None:
    """Until when a decision may be taken back; None where there is none."""
    return conflict.decided_at + undo if conflict.decided_at is not None else None


def _open_conflict(
    conflict_id: int, by: User, now: dt.datetime | None, reason: str
) -> tuple[PartnerConflict, Account, Ledger]:
    seen = PartnerConflict.objects.filter(pk=conflict_id).select_related("registration").first()
    if seen is None:
        raise errors.NotFound(f"There is no conflict {conflict_id}.")
    account, ledger = partner_books.begin(seen.registration.account_id, by, now, reason)
    rows = PartnerConflict.objects.select_related(
        "registration__partner", "claimant", "decided_by", "made"
    )
    return rows.select_for_update(of=("self",)).get(pk=seen.pk), account, ledger


def _give(
    conflict: PartnerConflict, account: Account, length: dt.timedelta, ledger: Ledger, by: User
) -> PartnerRegistration:
    """The first one's ends where it has not ended, the second one's begins."""
    claimant = conflict.claimant
    if claimant is None:
        who = f"“{conflict.claimant_name}”"
        text = f"{who} is no partner we know: register for the right partner instead."
        raise partner_books.invalid("verdict", text)
    _require_company(account, claimant)
    holds = in_force(account.pk, ledger.now)
    if holds is not None and holds.pk != conflict.registration_id:
        text = f"{holds.partner.called} has registered it meanwhile."
        raise errors.TooLate(text, state={"registration": str(holds.pk)})
    if holds is not None:
        conflict.registration = holds
        _end(holds, State.GIVEN_AWAY, "Given to another partner", ledger)
    return _new(account, claimant, length, conflict.claim, ledger, by)


def _new(
    account: Account,
    partner: Account,
    length: dt.timedelta,
    note: str,
    ledger: Ledger,
    by: User,
) -> PartnerRegistration:
    made = PartnerRegistration(
        account=account,
        partner=partner,
        note=note,
        from_at=ledger.now,
        until_at=ledger.now + length,
        registered_by=by,
        registered_at=ledger.now,
    )
    if length <= dt.timedelta(days=settings.PARTNER_WARNING_DAYS):
        made.warned_until = made.until_at  # so short that everybody knows
    ledger.add(made)
    return made


def _end(row: PartnerRegistration, state: str, reason: str, ledger: Ledger) -> None:
    row.state, row.end_reason = state, reason
    row.ended_at, row.ended_by_id = max(ledger.now, row.from_at), ledger.by_id
    ledger.change(row, "state", "ended_at", "ended_by", "end_reason")


def _require_undoable(conflict: PartnerConflict, account: Account, ledger: Ledger) -> None:
    until = undoable_until(conflict, ledger.kit.general.undo)
    if until is None:
        raise errors.TooLate("It is not decided yet.", state={"state": conflict.state})
    if ledger.now > until:
        minutes = int(ledger.kit.general.undo.total_seconds() // 60)
        raise errors.TooLate(f"A decision can be taken back for {minutes} minutes only.")
    made = conflict.made
    if made is not None and (made.state != State.ACTIVE or made.conflicts.exists()):
        raise errors.TooLate("The new registration was withdrawn or claimed meanwhile.")
    if made is not None and made.extensions.filter(undone_at__isnull=True).exists():
        raise errors.TooLate("The new registration was extended meanwhile.")
    routed = Decision.objects.filter(lead__account=account, at__gt=conflict.decided_at)
    if made is not None and routed.exists():
        raise errors.TooLate("A lead of the company was routed by the decision meanwhile.")


def _partner(partner_id: int, by: User) -> Account:
    partner = Account.objects.filter(pk=partner_id).first()
    if partner is None:
        raise partner_books.invalid("partner", f"There is no account {partner_id}.")
    partner_rights.require_registrar(by, partner)
    if partner.status != AccountStatus.PARTNER:
        text = f"{partner.called} is no partner: give its account that status first."
        raise partner_books.invalid("partner", text)
    return partner


def _require_company(account: Account, partner: Account) -> None:
    if account.pk == partner.pk:
        raise partner_books.invalid("account", "A partner registers other companies, not itself.")
    if account.status in turns.UNWANTED:
        told = account.get_status_display().lower()
        raise partner_books.invalid("account", f"Its status is “{told}”: nobody sells to it.")


def _length(days: int | None) -> dt.timedelta:
    wanted = settings.PARTNER_REGISTRATION_DAYS if days is None else days
    if not 1 <= wanted <= MOST_DAYS:
        raise partner_books.invalid("days", f"Use from 1 to {MOST_DAYS:,} days.")
    return dt.timedelta(days=wanted)
