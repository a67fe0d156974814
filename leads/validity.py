"""Whether an address or a number looks like one that reaches somebody at their company. Pure.

Nothing is asked of the outside. `facts` says the same in SQL, so only ASCII letters are folded and
only ASCII digits counted.
"""

from __future__ import annotations

import string

FEWEST_DIGITS, MOST_DIGITS = 7, 15
"""Of a telephone number that can be called from abroad: E.164 has 15 at most."""

_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def email_host(email: str) -> str:
    """What stands behind the last @, in small letters; empty where there is none."""
    return email.rpartition("@")[2].translate(_FOLD) if "@" in email else ""


def is_at(host: str, domain: str | None) -> bool:
    """Whether a mailbox at this host is one of the company of this registrable domain.

    Free and throw-away mail never names a company, so none of those ever is.
    """
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


def can_be_called(phone: str) -> bool:
    """Whether a number has as many digits as a telephone number has."""
    digits = sum(one in "0123456789" for one in phone)
    return FEWEST_DIGITS <= digits <= MOST_DIGITS
