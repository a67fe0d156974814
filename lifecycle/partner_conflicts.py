"""A second partner claims a company that is registered: kept once, and told to whom it concerns."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db.models import Q

from core import bulk, errors
from leads.ledger import Ledger
from leads.models import Account, PartnerConflict
from lifecycle.models import Notice, PartnerNews
from people.models import Role, User
from people.roles import playing

State = PartnerConflict.State
DECIDERS = (Role.REVOPS, Role.PARTNER_MANAGER)
"""Who is told of every new conflict, whosever partners are in it."""


def key_of(claimant: Account | None, name: str) -> str:
    """By what claimants of one registration are told apart; of a name it keeps a digest only."""
    if claimant is not None:
        return f"account:{claimant.pk}"
    return f"name:{hashlib.sha256(name.casefold().encode()).hexdigest()}"


def open_new(rows: Sequence[PartnerConflict], ledger: Ledger) -> list[PartnerConflict]:
    """Keep those of which none is open yet, and tell people; returns the ones that are new.

    Whoever claims it at the same time waits, and finds this one. Four statements at most.
    """
    wanted = sorted(rows, key=lambda one: (one.registration_id, one.claimant_key))
    ids = bulk.reserve({PartnerConflict: len(wanted)})[PartnerConflict] if wanted else []
    for row, pk in zip(wanted, ids, strict=True):
        row.pk = pk
    inserted = {pk for (pk,) in bulk.insert_new(wanted, on=["id"])}
    fresh = [row for row in wanted if row.pk in inserted]
    for row in fresh:
        ledger.add(row, written=True)
    tell(fresh, PartnerNews.CLAIMED, ledger)
    return fresh


def tell(conflicts: Sequence[PartnerConflict], kind: str, ledger: Ledger) -> None:
    """A new one to who decides and looks after the second; a decision to who looks after either."""
    if not conflicts:
        return
    looked_after = {one.pk: _managers(one, kind) for one in conflicts}
    everybody = {pk for some in looked_after.values() for pk in some}
    of_all = playing(*DECIDERS) if kind == PartnerNews.CLAIMED else Q()
    wanted = Q(pk__in=everybody) | of_all if of_all else Q(pk__in=everybody)
    people = User.objects.filter(wanted, is_active=True).order_by("pk")
    rows = [
        Notice(
            to=who,
            kind=kind,
            conflict=one,
            words={"state": one.state},
            created_at=ledger.now,
            mail_due_at=ledger.now,
        )
        for one in conflicts
        for who in people
        if who.pk in looked_after[one.pk] or (of_all and who.plays(*DECIDERS))
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def untell(conflict: PartnerConflict) -> None:
    """The decision is taken back: its notices go, so that the next one is told anew."""
    Notice.objects.filter(conflict=conflict, kind=PartnerNews.SETTLED).delete()


def _managers(conflict: PartnerConflict, kind: str) -> set[int]:
    partners = [conflict.claimant]
    if kind != PartnerNews.CLAIMED:
        partners.append(conflict.registration.partner)
    return {one.owner_id for one in partners if one is not None and one.owner_id is not None}


def require_open(conflict: PartnerConflict) -> None:
    """Raises TooLate telling who decided it how."""
    if conflict.state != State.OPEN:
        told = f"{conflict.decided_by} decided it already: {conflict.get_state_display().lower()}."
        raise errors.TooLate(told, state={"state": conflict.state})
