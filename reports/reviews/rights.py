"""Who may read a review, who works on it, who signs it. Decides only.

RevOps leads a review; Sales (managers) and Marketing work on it and sign it. Auditors, Finance and
systems read it. Everybody else reads what is closed, without the figures of single colleagues.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import errors
from people.models import Role, User
from reports.models import Review, ReviewState
from reports.reviews.tables import Table

WORKING = frozenset({Role.REVOPS, Role.MANAGER, Role.MARKETING})
READING = WORKING | {Role.AUDITOR, Role.FINANCE, Role.SERVICE}


def leads(user: User) -> bool:
    """Whether this person leads reviews: asks for signatures, takes them back."""
    return user.is_active and (user.is_superuser or user.plays(Role.REVOPS))


def works(user: User) -> bool:
    """Whether this person adds findings and decides on them."""
    return user.is_active and (user.is_superuser or user.plays(*WORKING))


def reads_all(user: User) -> bool:
    """Whether this person reads reviews that are open, and the figures of single people."""
    return user.is_active and (user.is_superuser or user.plays(*READING))


def require_works(user: User) -> None:
    """Raise NotAllowed unless this person works on reviews."""
    if not works(user):
        raise errors.NotAllowed("RevOps, managers and Marketing work on reviews.")


def require_leads(user: User) -> None:
    """Raise NotAllowed unless this person leads reviews."""
    if not leads(user):
        raise errors.NotAllowed("RevOps asks for the signatures of a review.")


def may_read(user: User, review: Review) -> bool:
    """Whether this review is theirs to read."""
    return user.is_active and (reads_all(user) or review.state == ReviewState.CLOSED)


def as_seen_by(user: User, section: Table) -> Table:
    """A section as this person may see it: of tables of people one's own line, unless
    they read all; of what is confidential nothing.
    """
    if reads_all(user) or not (section["of_people"] or section.get("confidential")):
        return section
    if section.get("confidential"):
        return section | {"rows": [], "totals": None, "withheld": True}
    own = [row for row in section["rows"] if str(row.get("person", row["key"])) == str(user.pk)]
    return section | {"rows": own, "totals": None, "withheld": True}


def content_for(user: User, content: Mapping[str, Any]) -> dict[str, Any]:
    """The whole text as this person may see it; `withheld` says that it is not all of it."""
    if reads_all(user):
        return dict(content)
    sections = [as_seen_by(user, one) for one in content["sections"]]
    return {**content, "sections": sections, "withheld": True}
