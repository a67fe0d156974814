"""Who may register companies for partners, see what is registered, and decide conflicts."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from core import errors
from leads import selectors
from leads.models import Account, AccountStatus, PartnerConflict, PartnerRegistration
from lifecycle import accounts, permissions
from people.models import Role, User


def may_decide(by: User) -> bool:
    """RevOps, managers, partner managers and integrations; see `may_decide_between`, too."""
    return accounts.may_edit(by) or (by.is_active and by.plays(Role.PARTNER_MANAGER))


def may_decide_between(by: User, conflict: PartnerConflict) -> bool:
    """As `may_decide`, but no partner manager for a partner that they look after themselves.

    The partners of the conflict should be loaded.
    """
    partners = (conflict.claimant, conflict.registration.partner)
    involved = any(one is not None and one.owner_id == by.pk for one in partners)
    return accounts.may_edit(by) or (may_decide(by) and not involved)


def manages(by: User, partner: Account) -> bool:
    """Whether this person looks after the partner: they own its account."""
    return by.is_active and partner.owner_id == by.pk


def may_register(by: User, partner: Account) -> bool:
    """Who decides, and who looks after the partner."""
    return may_decide(by) or manages(by, partner)


def may_review(by: User) -> bool:
    """Whether conflicts are their business: who decides, audits, or looks after any partner."""
    return may_decide(by) or permissions.audits(by) or partners_of(by).exists()


def partners_of(by: User) -> QuerySet[Account]:
    """The partners this person may register companies for, by name."""
    rows = Account.objects.filter(status=AccountStatus.PARTNER).order_by("name", "pk")
    if may_decide(by):
        return rows
    return rows.filter(owner=by) if by.is_active else rows.none()


def registrations_visible_to(by: User) -> QuerySet[PartnerRegistration]:
    """All, for who sees all accounts; else those by partners of theirs and of companies seen."""
    rows = PartnerRegistration.objects.all()
    if may_decide(by) or selectors.counts_all(by):
        return rows if by.is_active else rows.none()
    seen = selectors.accounts_visible_to(by).values("pk")
    return rows.filter(Q(partner__owner=by) | Q(account__in=seen)) if by.is_active else rows.none()


def conflicts_visible_to(by: User) -> QuerySet[PartnerConflict]:
    """All, for who decides and auditors; else those that a partner of theirs is in."""
    rows = PartnerConflict.objects.all()
    if may_decide(by) or permissions.audits(by):
        return rows
    if not by.is_active:
        return rows.none()
    return rows.filter(Q(claimant__owner=by) | Q(registration__partner__owner=by))


def require_decider(by: User) -> None:
    """Raises NotAllowed for all but RevOps, managers, partner managers and integrations."""
    if not may_decide(by):
        raise errors.NotAllowed("Only RevOps, managers and partner managers decide this.")


def require_decider_between(by: User, conflict: PartnerConflict) -> None:
    """As `may_decide_between`. Raises NotAllowed."""
    require_decider(by)
    if not may_decide_between(by, conflict):
        raise errors.NotAllowed(
            "You look after one of these partners: RevOps, a manager or another partner manager "
            "decides."
        )


def require_registrar(by: User, partner: Account) -> None:
    """Raises NotAllowed for who neither decides nor looks after the partner."""
    if not may_register(by, partner):
        raise errors.NotAllowed(
            "Only who owns the partner's account, partner managers, RevOps and managers register "
            "for a partner."
        )
