"""Who decides whether two people are one. Guards only; they raise, they never change anything."""

from __future__ import annotations

from collections.abc import Iterable

from core import errors
from leads.models import Lead, PersonMerge
from people.models import Role, User

REVIEWERS = frozenset({Role.REVOPS, Role.MANAGER, Role.MARKETING, Role.SERVICE})
"""Who decides whether two people are one."""


def may_review(by: User) -> bool:
    """Whether this person decides on suggested duplicates."""
    return by.is_active and (by.is_superuser or by.role in REVIEWERS)


def require_reviewer(by: User) -> None:
    """Raises NotAllowed for all but RevOps, managers, Marketing and integrations."""
    if not may_review(by):
        raise errors.NotAllowed("Only RevOps, managers and Marketing decide on duplicates.")


def may_merge(by: User, leads: Iterable[Lead]) -> bool:
    """Whether this person may make the people of these leads one: reps where all are theirs."""
    theirs = all(lead.owner_id in (None, by.pk) for lead in leads)
    working = by.is_active and by.role in (Role.SDR, Role.AE)
    return may_review(by) or (working and theirs)


def require_merger(by: User, leads: Iterable[Lead]) -> None:
    """Raises NotAllowed where a rep would merge a colleague's lead."""
    if not may_merge(by, leads):
        raise errors.NotAllowed(
            "You may merge people whose leads are yours or nobody's; suggest this one to RevOps."
        )


def may_unmerge(by: User, merge: PersonMerge) -> bool:
    """Whether this person may take a merge back: who decides on duplicates, or who made it."""
    return may_review(by) or (by.is_active and merge.by_id == by.pk)


def require_unmerger(by: User, merge: PersonMerge) -> None:
    """Raises NotAllowed for all but who made the merge and who decides on duplicates."""
    if not may_unmerge(by, merge):
        raise errors.NotAllowed("Only who merged them, RevOps, managers and Marketing may do this.")


def require_suggester(by: User) -> None:
    """Everybody who works here may say that two people are one."""
    if not by.is_active or not (by.is_superuser or by.role in Role.values):
        raise errors.NotAllowed("This account is not active any more.")
