"""Who may register companies for partners, see what is registered, and decide conflicts."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from core import errors
from leads import selectors
from leads.models import Account, AccountStatus, PartnerConflict, PartnerRegistration
from lifecycle import accounts
from people.models import User


def may_decide(by: User) -> bool:
    """RevOps, managers and integrations: nobody who sells for one of the partners."""
    return accounts.may_edit(by)


def manages(by: User, partner: Account) -> bool:
    """Whether this person looks after the partner: they own its account."""
    return by.is_active and partner.owner_id == by.pk


def may_register(by: User, partner: Account) -> bool:
    """Who decides, and who looks after the partner."""
    return may_decide(by) or manages(by, partner)


def may_review(by: User) -> bool:
    """Whether conflicts are their business: who decides, and who looks after any partner."""
    return may_decide(by) or partners_of(by).exists()


def partners_of(by: User) -> QuerySet[Account]:
    """The partners this person may register companies for, by name."""
    rows = Account.objects.filter(status=AccountStatus.PARTNER).order_by("name", "pk")
    if may_decide(by):
        return rows
    return rows.filter(owner=by) if by.is_active else rows.none()


def registrations_visible_to(by: User) -> QuerySet[PartnerRegistration]:
    """All, for who sees all accounts; else those by partners of theirs and of companies seen."""
    rows = PartnerRegistration.objects.all()
    if may_decide(by) or by.role in selectors.SEES_ALL:
        return rows if by.is_active else rows.none()
    seen = selectors.accounts_visible_to(by).values("pk")
    return rows.filter(Q(partner__owner=by) | Q(account__in=seen)) if by.is_active else rows.none()


def conflicts_visible_to(by: User) -> QuerySet[PartnerConflict]:
    """All, for who decides; else those that a partner of theirs is in."""
    rows = PartnerConflict.objects.all()
    if may_decide(by):
        return rows
    if not by.is_active:
        return rows.none()
    return rows.filter(Q(claimant__owner=by) | Q(registration__partner__owner=by))


def require_decider(by: User) -> None:
    """Raises NotAllowed for all but RevOps, managers and integrations."""
    if not may_decide(by):
        raise errors.NotAllowed("Only RevOps and managers decide between partners.")


def require_registrar(by: User, partner: Account) -> None:
    """Raises NotAllowed for who neither decides nor looks after the partner."""
    if not may_register(by, partner):
        raise errors.NotAllowed(
            "Only who owns the partner's account, RevOps and managers register for a partner."
        )
