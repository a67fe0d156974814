"""Partners of the demo: what they registered, one end that is near, one conflict to decide."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import datetime, timedelta

from leads.models import Account, AccountStatus, PartnerConflict, PartnerRegistration
from lifecycle import partner_expiry, partner_extending, partnering
from lifecycle.demo.agenda import Deed
from people.models import User

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

MANAGERS = {
    "Ostwind Beratung": "david",
    "Bridgehead Advisory": "harry",
    "Canopy Integrators": "david",
}
"""Who looks after which partner; Halvard Consulting nobody, as yet."""
FIRST, SECOND = "Ostwind Beratung", "Bridgehead Advisory"


def planned(*, now: datetime) -> Iterator[tuple[datetime, Deed]]:
    """What partners and their managers do, and when."""
    yield now - 40 * DAY, functools.partial(_register, FIRST, 3, 50, "A pilot is agreed.")
    yield now - 30 * DAY, functools.partial(_register, SECOND, 1, 90, "They bought from us before.")
    yield now - 22 * DAY, functools.partial(_claim, 0, "We met them at the fair.")
    yield now - 21 * DAY, _decide
    yield now - 2 * DAY, functools.partial(_claim, 1, "Our offer has been there since spring.")
    yield now - 30 * HOUR, _extend
    yield now - 26 * HOUR, _warn


def _register(partner: str, count: int, days: int, note: str, at: datetime) -> None:
    """The first companies that are nobody's yet."""
    free = Account.objects.filter(
        status=AccountStatus.PROSPECT, owner__isnull=True, registrations__isnull=True,
        domain__isnull=False, leads__isnull=False,
    )  # fmt: skip
    for account in free.order_by("pk").distinct()[:count]:
        partnering.register(
            account_id=account.pk, partner_id=_partner(partner).pk, by=_manager(partner),
            note=note, days=days, now=at,
        )  # fmt: skip


def _claim(number: int, note: str, at: datetime) -> None:
    """The second partner claims what the first one has."""
    for row in _registered()[number : number + 1]:
        partnering.register(
            account_id=row.account_id, partner_id=_partner(SECOND).pk, by=_manager(SECOND),
            note=note, now=at,
        )  # fmt: skip


def _decide(at: datetime) -> None:
    for conflict in PartnerConflict.objects.filter(state=PartnerConflict.State.OPEN):
        partnering.decide(
            conflict_id=conflict.pk, by=_user("rita"), verdict="KEPT_FIRST",
            reason="The pilot was agreed before the fair.", now=at,
        )  # fmt: skip


def _extend(at: datetime) -> None:
    # Of a company that another partner claims, RevOps would have to extend it.
    free = [row for row in _registered() if not row.conflicts.filter(state="OPEN").exists()]
    for row in free[-1:]:
        partner_extending.extend(
            registration_id=row.pk, until=row.until_at + 60 * DAY, by=_manager(FIRST),
            reason="The pilot goes on.", now=at,
        )  # fmt: skip


def _warn(at: datetime) -> None:
    partner_expiry.warn(now=at)


def _registered() -> list[PartnerRegistration]:
    rows = PartnerRegistration.objects.filter(partner__name=FIRST, state="ACTIVE")
    return list(rows.order_by("pk"))


def _partner(name: str) -> Account:
    return Account.objects.get(name=name, status=AccountStatus.PARTNER)


def _manager(partner: str) -> User:
    return _user(MANAGERS[partner])


def _user(login: str) -> User:
    return User.objects.get(username=login)
