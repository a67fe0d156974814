"""Who decides whether two people are one. Guards only; they raise, they never change anything."""

from __future__ import annotations

from collections.abc import Collection

from core import errors
from leads import selectors
from leads.models import Lead, PersonMerge
from lifecycle import permissions
from people import holders, roles
from people.models import Role, User

REVIEWERS = frozenset({Role.REVOPS, Role.MANAGER, Role.MARKETING, Role.SERVICE})
"""Who decides whether two people are one."""


def may_review(by: User) -> bool:
    """Whether this person decides on suggested duplicates."""
    return by.is_active and (by.is_superuser or by.plays(*REVIEWERS))


def may_look(by: User) -> bool:
    """Whether this person sees all suggested duplicates: who decides, and auditors."""
    return may_review(by) or permissions.audits(by)


def require_reviewer(by: User) -> None:
    """Raises NotAllowed for all but RevOps, managers, Marketing and integrations."""
    if not may_review(by):
        raise errors.NotAllowed("Only RevOps, managers and Marketing decide on duplicates.")


def require_looker(by: User) -> None:
    """Raises NotAllowed for all but who decides on duplicates, and auditors."""
    if not may_look(by):
        raise errors.NotAllowed("Only RevOps, managers, Marketing and auditors see duplicates.")


def sees(by: User, leads: Collection[Lead]) -> bool:
    """Whether this person may see all of these leads. One query, none for who decides."""
    if may_look(by):
        return True
    ids = {lead.pk for lead in leads}
    return selectors.visible_to(by).filter(pk__in=ids).count() == len(ids)


def may_merge(by: User, leads: Collection[Lead]) -> bool:
    """Whether this person may make the people of these leads one.

    Reps may where they see all of them, and each is theirs or nobody's.
    """
    theirs = all(lead.owner_id in (None, by.pk) for lead in leads)
    working = by.is_active and by.plays(*holders.REPS)
    return may_review(by) or (working and theirs and sees(by, leads))


def require_merger(by: User, leads: Collection[Lead]) -> None:
    """Raises NotAllowed where a rep would merge a colleague's lead, or one they do not see."""
    if not may_merge(by, leads):
        raise errors.NotAllowed(
            "You may merge people whose leads are yours, or nobody's in your queues; "
            "suggest this one to RevOps."
        )


def may_unmerge(by: User, merge: PersonMerge) -> bool:
    """Whether this person may take a merge back: who decides on duplicates, or who made it."""
    return may_review(by) or (by.is_active and merge.by_id == by.pk)


def require_unmerger(by: User, merge: PersonMerge) -> None:
    """Raises NotAllowed for all but who made the merge and who decides on duplicates."""
    if not may_unmerge(by, merge):
        raise errors.NotAllowed("Only who merged them, RevOps, managers and Marketing may do this.")


def require_suggester(by: User) -> None:
    """Everybody who changes anything here may say that two people are one."""
    if not by.is_active or not (by.is_superuser or by.plays(*roles.WORKS)):
        raise errors.NotAllowed("Only people who work leads suggest this, and nobody who has left.")
