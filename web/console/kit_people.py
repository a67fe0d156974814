"""Who signs for whom, by name: for sentences about whose signature is awaited."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from core import steps
from core.texts import _
from governance import deputies, signing
from governance.models import Deputy, Signature
from governance.signing import Consent
from people.models import User
from people.roles import playing

NAMED = 3
"""More names than these are counted instead."""

Party = Signature.Party


@dataclass(frozen=True, slots=True)
class Signers:
    """Everybody who may sign at an instant, read once for a page."""

    people: tuple[User, ...]
    deputies: tuple[Deputy, ...]
    now: datetime

    def names(self, party: str, *, without: Collection[int] = ()) -> str:
        """“Nina Bergström or deputy Tom Berg”; who wrote the draft may not approve it."""
        found = [
            self._with_deputy(user)
            for user in self.people
            if user.plays(*signing.SIGNERS[party]) and user.pk not in without
        ]
        more = len(found) - NAMED
        shown = [*found[:NAMED], *([_("{more} more").format(more=more)] if more > 0 else [])]
        if not shown:
            return _("nobody has the role to sign")
        *others, last = shown
        return (
            _("{others} or {last}").format(others=", ".join(others), last=last) if others else last
        )

    def _with_deputy(self, signer: User) -> str:
        now = self.now
        standing = [
            str(one.deputy)
            for one in self.deputies
            if one.signer_id == signer.pk and one.starts_at <= now < one.ends_at
        ]
        return (
            _("{signer} (or deputy {standing})").format(signer=signer, standing=", ".join(standing))
            if standing
            else str(signer)
        )


def signers(*, now: datetime) -> Signers:
    """Everybody who may sign now, with their deputies. One message."""
    return asked(now=now).read()


@steps.in_steps
def asked(*, now: datetime) -> steps.Story[Signers]:
    """As `signers`, asked with others."""
    signers = {role for roles in signing.SIGNERS.values() for role in roles}
    people = User.objects.filter(playing(*signers), is_active=True)
    people = people.order_by("first_name", "pk")
    named = deputies.current(at=now)
    yield people, named
    return Signers(tuple(people), tuple(named), now)


def awaited(consent: Consent, who: Signers) -> tuple[str, ...]:
    """One sentence for each signature that is missing: “Marketing: Nina or deputy Tom”."""
    sole = consent.question.authors if len(consent.question.authors) == 1 else frozenset()
    return tuple(
        f"{Party(party).label}: {who.names(party, without=_barred(party, consent, sole))}"
        for party in consent.missing
    )


def _barred(party: str, consent: Consent, sole: frozenset[int]) -> frozenset[int]:
    """Whose signature for this party could not count."""
    if consent.question.first:
        return frozenset()
    approves = party == Party.APPROVER
    others = {one.by_id for one in consent.valid if one.party != party}
    return consent.question.authors if approves else sole | others
