"""A registration gets a later end before it runs out, and gets its old one back.

Under the locks of every act about partners: kit, then the company's account. Whoever registers the
company at the instant at which it runs out waits for that lock, so that one of both is first.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from core import errors
from governance import selectors as kits
from leads.ledger import Ledger
from leads.models import PartnerConflict, PartnerExtension, PartnerRegistration
from lifecycle import partner_books, partner_rights
from lifecycle.partnering import MOST_DAYS
from people.models import User

State = PartnerRegistration.State
DAY = dt.timedelta(days=1)
TAKEN_BACK = "Extension taken back"


@transaction.atomic
def extend(
    *,
    registration_id: int,
    until: dt.datetime,
    by: User,
    reason: str,
    now: dt.datetime | None = None,
) -> PartnerExtension:
    """Give a registration in force a later end: `until` is the first instant at which it is over.

    Who looks after the partner may do so up to the days a registration runs by itself, counted
    from now, and while nobody else claims the company; who decides up to `MOST_DAYS`. Raises
    NotFound, NotAllowed, InvalidInput that names each field, TooLate.
    """
    seen = _seen(registration_id, by)
    reason = partner_books.reason_of(reason)
    _, ledger = partner_books.begin(seen.account_id, by, now, reason)
    row = _locked(seen)
    _require_in_force(row, ledger.now)
    _require_free(row)
    _require_later(row, until, by, ledger.now)
    made = PartnerExtension(
        registration=row,
        until_before=row.until_at,
        until_after=until,
        reason=reason,
        extended_by=by,
        extended_at=ledger.now,
    )
    ledger.add(made)
    row.until_at = until
    ledger.change(row, "until_at")
    ledger.flush()
    return made


@transaction.atomic
def undo(*, extension_id: int, by: User, now: dt.datetime | None = None) -> PartnerExtension:
    """Take an extension back: who made it or decides, within the kit's undo window.

    Raises NotFound, NotAllowed, and TooLate saying what stands in the way.
    """
    found = PartnerExtension.objects.filter(pk=extension_id).select_related("registration").first()
    if found is None:
        raise errors.NotFound(f"There is no extension {extension_id}.")
    seen = _seen(found.registration_id, by)
    if found.extended_by_id != by.pk and not partner_rights.may_decide(by):
        raise errors.NotAllowed("Only who extended it, RevOps and managers take it back.")
    _, ledger = partner_books.begin(seen.account_id, by, now, TAKEN_BACK)
    row = _locked(seen)
    made = PartnerExtension.objects.select_for_update().get(pk=found.pk)
    _require_undoable(made, row, ledger)
    row.until_at = made.until_before
    ledger.change(row, "until_at")
    made.undone_by, made.undone_at = by, ledger.now
    ledger.change(made, "undone_by", "undone_at")
    ledger.flush()
    return made


def latest_end(by: User, now: dt.datetime) -> dt.datetime:
    """The latest end this person may give a registration."""
    days = MOST_DAYS if partner_rights.may_decide(by) else settings.PARTNER_REGISTRATION_DAYS
    return now + (days + 1) * DAY  # the whole of the last day


def undoable_until(made: PartnerExtension, undo: dt.timedelta) -> dt.datetime:
    """Until when an extension may be taken back; never once its old end has passed."""
    return min(made.extended_at + undo, made.until_before)


def _seen(registration_id: int, by: User) -> PartnerRegistration:
    found = PartnerRegistration.objects.filter(pk=registration_id).select_related("partner").first()
    if found is None:
        raise errors.NotFound(f"There is no registration {registration_id}.")
    partner_rights.require_registrar(by, found.partner)
    return found


def _locked(seen: PartnerRegistration) -> PartnerRegistration:
    """Read anew under the company's lock: others may have extended or ended it meanwhile."""
    rows = PartnerRegistration.objects.select_related("partner")
    return rows.select_for_update(of=("self",)).get(pk=seen.pk)


def _require_in_force(row: PartnerRegistration, now: dt.datetime) -> None:
    if row.state != State.ACTIVE:
        raise errors.TooLate("It is over already.", state={"state": row.state})
    if row.until_at <= now:
        told = f"It ran out on {row.until_at:%d %b %Y}: register the company anew."
        raise errors.TooLate(told, state={"until_at": row.until_at.isoformat()})


def _require_free(row: PartnerRegistration) -> None:
    """Nobody registered the company from its end on: the database would refuse both."""
    others = PartnerRegistration.objects.filter(account=row.account_id, from_at__gte=row.until_at)
    next_one = others.exclude(state__in=PartnerRegistration.NEVER_HELD).order_by("from_at").first()
    if next_one is not None:
        told = f"{next_one.partner.called} has registered it from {next_one.from_at:%d %b %Y} on."
        raise errors.TooLate(told, state={"registration": str(next_one.pk)})


def _require_later(
    row: PartnerRegistration, until: dt.datetime, by: User, now: dt.datetime
) -> None:
    if until <= row.until_at:
        text = f"It runs until {row.until_at:%d %b %Y} already: name a later day."
        raise partner_books.invalid("until", text)
    if until > latest_end(by, now):
        last = f"{latest_end(by, now) - DAY:%d %b %Y}"
        text = f"You may extend it up to {last}."
        if not partner_rights.may_decide(by):
            text += " RevOps and managers may go further."
        raise partner_books.invalid("until", text)
    claims = row.conflicts.filter(state=PartnerConflict.State.OPEN)
    if not partner_rights.may_decide(by) and claims.exists():
        text = "Another partner claims the company: RevOps or a manager decides first."
        raise errors.TooLate(text, state={"conflict": str(claims.values_list("pk", flat=True)[0])})


def _require_undoable(made: PartnerExtension, row: PartnerRegistration, ledger: Ledger) -> None:
    if made.undone_at is not None:
        raise errors.TooLate("It is taken back already.")
    if row.state != State.ACTIVE:
        raise errors.TooLate("The registration is over already.", state={"state": row.state})
    if row.until_at != made.until_after:
        told = f"It was extended further meanwhile, until {row.until_at:%d %b %Y}."
        raise errors.TooLate(told, state={"until_at": row.until_at.isoformat()})
    undo = kits.active_kit().general.undo
    if ledger.now > made.extended_at + undo:
        minutes = int(undo.total_seconds() // 60)
        raise errors.TooLate(f"An extension can be taken back for {minutes} minutes only.")
    if ledger.now >= made.until_before:
        raise errors.TooLate("Its old end has passed meanwhile: withdraw the registration.")
