"""Who works a buyer whom the reader may not see: said to who names the buyer exactly, no more.

So nobody writes to a buyer whom a colleague works, and nobody lists what is not theirs: a whole
e-mail address or phone number, or the name or domain of a company, and never the beginning of one.
"""

from __future__ import annotations

import re

from leads import selectors
from leads.stages import CLOSED
from lifecycle import already_here
from lifecycle.already_here import COMPANY, EMAIL, PHONE, Said
from people import holders
from people.models import User

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+\Z")
_DOMAIN = re.compile(r"(https?://)?([\w-]+\.)+[^\W\d_]{2,}/?\Z")
_NUMBER = re.compile(r"[+(]?[\d\s()./-]{6,}\Z")


def tell(text: str, *, reader: User) -> tuple[str, ...]:
    """“Worked by X, team Y” for each who works such a buyer unseen; nothing but that of them.

    Only for people who work leads themselves. Eight queries at most, none for who sees all.
    """
    asked = _asked(text.strip())
    if asked is None or selectors.sees_all(reader) or not holders.works_leads(reader):
        return ()
    said, by = asked
    told = {}
    for found in already_here.find(said, reader=reader):
        owner = found.lead.owner
        shown = found.seen or found.by != by or found.lead.stage in CLOSED
        if owner is not None and not shown:
            team = f", team {owner.team}" if owner.team else ""
            told[owner.pk] = f"Worked by {owner}{team}."
    return tuple(told.values())


def _asked(text: str) -> tuple[Said, str] | None:
    """What was typed and what it names, one buyer or company; None for a part of an address."""
    if _ADDRESS.match(text):
        return Said(email=text), EMAIL
    if _NUMBER.match(text):
        return Said(phone=text), PHONE
    if _DOMAIN.match(text):
        return Said(domain=text), COMPANY
    return (Said(company=text), COMPANY) if text and "@" not in text else None
