"""By which means a buyer can be reached, as far as is known. Pure; nothing is asked outside.

An address works while it is well formed, is no throw-away one, did not bounce since somebody last
wrote from it, and no list and no word of the buyer forbids it. A number works while it has as many
digits as one has, and nothing forbids it.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import DomainError
from governance.moments import Shown
from leads import domains, identity, validity
from leads.contact import Way


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the ways to one buyer; `shut` are those that must not be used."""

    email: str
    phone: str
    shut: frozenset[Way] = frozenset()
    bounced: bool = False
    answered: bool = False


def means(known: Known) -> tuple[Shown, ...]:
    """What shows that somebody can be reached, the surest last; empty where nothing does."""
    found = []
    if Way.EMAIL not in known.shut and not known.bounced and _is_address(known.email):
        shared = identity.is_role_mailbox(known.email)
        found.append(Shown.ROLE_MAILBOX if shared else Shown.EMAIL)
    if Way.PHONE not in known.shut and validity.can_be_called(known.phone):
        found.append(Shown.PHONE)
    if known.answered:
        found.append(Shown.ANSWER)
    return tuple(found)


def _is_address(email: str) -> bool:
    """Whether it is an address at which somebody can be written to for long."""
    try:
        written = identity.normalise_email(email) if email else ""
    except DomainError:
        return False
    host = validity.email_host(written)
    return bool(host) and not domains.is_disposable(host) and not identity.is_made_up(written)
