"""What all acts about partners begin with: the company locked, the books open, a reason given."""

from __future__ import annotations

import datetime as dt

from core import database, errors
from core.errors import FieldError, InvalidInput
from governance import selectors as kits
from leads import cleansing
from leads.ledger import Ledger
from leads.models import Account
from people.models import User

LONGEST_REASON = 200


def begin(
    account_id: int, by: User, now: dt.datetime | None, reason: str = ""
) -> tuple[Account, Ledger]:
    """The company, locked, and the books of the act. Raises NotFound."""
    kit = kits.active_kit()
    account = Account.objects.filter(pk=account_id).select_for_update(no_key=True).first()
    if account is None:
        raise errors.NotFound(f"There is no account {account_id}.")
    at = now or database.now()
    ledger = Ledger(kit=kit, now=at, actor="user", by_id=by.pk, reason=reason[:100] or None)
    return account, ledger


def reason_of(reason: str) -> str:
    """A reason in few words. Raises InvalidInput where there is none."""
    reason = " ".join(reason.split())
    if not reason:
        raise invalid("reason", "Say why, in a few words: both partners' managers will ask.")
    return cleansing.clean_text(reason, LONGEST_REASON, field="reason")


def invalid(field: str, text: str) -> InvalidInput:
    """The refusal of one field."""
    return InvalidInput(text, errors=[FieldError(field, text)])
