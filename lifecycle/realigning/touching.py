"""What a realignment touches: accounts, open opportunities and open leads that a former holder has.

Held by territory is what lies in it and is the holder's own: an account or lead they own, a lead
of the pool that holds it. Whatever somebody else has there is theirs for another reason and stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from leads.models import Account, Lead, Opportunity
from leads.stages import CLOSED
from lifecycle.models import RealignedRow
from lifecycle.realigning.terms import Terms
from people.models import User
from routing import territories
from routing.models import Assignment
from routing.realignment import NOBODY, Changes, Chart, Holder, changed
from routing.territories import Atlas, Place

Kind = RealignedRow.Kind
TOGETHER = 2_000
NOBODY_THEN = "nobody holds the territory from then on"
NO_POOL = "a pool cannot own it"


@dataclass(frozen=True, slots=True)
class Touched:
    """One account, opportunity or lead: who has it, to whom it would go, or why it stays."""

    kind: Kind
    number: int
    stage: str
    from_user: int | None
    from_queue: str
    to: Holder
    why: str

    @property
    def moves(self) -> bool:
        """Whether it goes along."""
        return not self.why


class Look:
    """Before and after of a realignment, asked for one thing after the other."""

    def __init__(self, before: Chart, changes: Changes, terms: Terms) -> None:
        """`before` is how it is on the day without the changes."""
        after = changed(before, changes)
        self._before, self._after, self.terms = before.atlas(), after.atlas(), terms
        keys = changes.territories
        self.lands = sorted(
            {
                spot[0]
                for chart in (before, after)
                for spot, key in chart.areas.items()
                if key in keys
            }
        )
        held = _in(before, self.lands)
        self.users = sorted(one.user for one in held if one.user is not None)
        self.pools = sorted(one.pool for one in held if one.pool)
        then = {one.user for one in _in(after, self.lands) if one.user is not None}
        self._gone = set(
            User.objects.filter(pk__in=then, is_active=False).values_list("pk", flat=True)
        )

    def hands(self, place: Place) -> tuple[Holder, Holder] | None:
        """Who holds a place before and after; None where that is the same."""
        was, will = _holder(self._before, place), _holder(self._after, place)
        return None if was == will else (was, will)

    def account(self, place: Place, owner: int) -> tuple[Holder, str] | None:
        """To whom an account goes, and why not; None where it is not touched."""
        return self._owned(place, owner, moves=self.terms.accounts, word="accounts")

    def opportunity(self, place: Place, owner: int) -> tuple[Holder, str] | None:
        """The same of an open opportunity."""
        return self._owned(place, owner, moves=self.terms.opportunities, word="open opportunities")

    def lead(
        self, place: Place, stage: str, owner: int | None, pool: str
    ) -> tuple[Holder, str] | None:
        """The same of an open lead; `pool` is where it waits or by which its owner got it."""
        hands = self.hands(place)
        if hands is None:
            return None
        was, will = hands
        if was.is_nobody or (owner != was.user if was.user is not None else pool != was.pool):
            return None
        if owner is not None and owner == will.user:
            return None
        if not self.terms.of_stage(stage):
            return will, self.terms.why_not(stage)
        return will, self._hindrance(will)

    def _owned(
        self, place: Place, owner: int, *, moves: bool, word: str
    ) -> tuple[Holder, str] | None:
        hands = self.hands(place)
        if hands is None or hands[0].user != owner:
            return None
        will = hands[1]
        if not moves:
            return will, f"{word} stay, as chosen"
        return will, NO_POOL if will.pool else self._hindrance(will)

    def _hindrance(self, will: Holder) -> str:
        if will.is_nobody:
            return NOBODY_THEN
        return "the new holder is not active" if will.user in self._gone else ""


def all_of(look: Look) -> Iterator[Touched]:
    """Everything touched: accounts, then opportunities, then leads. Three queries, streamed."""
    if look.users:
        yield from _accounts(look)
        yield from _opportunities(look)
    if look.users or look.pools:
        yield from _leads(look)


WHERE = ("country", "region", "postal_code")


def _accounts(look: Look) -> Iterator[Touched]:
    rows = Account.objects.filter(owner__in=look.users, country__in=look.lands).order_by("pk")
    for pk, owner, *where in rows.values_list("pk", "owner_id", *WHERE).iterator(TOGETHER):
        found = look.account(Place(*where), owner)
        if found is not None:
            yield Touched(Kind.ACCOUNT, pk, "", owner, "", *found)


def _opportunities(look: Look) -> Iterator[Touched]:
    rows = Opportunity.objects.filter(
        status=Opportunity.Status.OPEN, owner__in=look.users, account__country__in=look.lands
    ).order_by("pk")
    columns = ("pk", "owner_id", *(f"account__{one}" for one in WHERE))
    for pk, owner, *where in rows.values_list(*columns).iterator(TOGETHER):
        found = look.opportunity(Place(*where), owner)
        if found is not None:
            yield Touched(Kind.OPPORTUNITY, pk, "", owner, "", *found)


LEAD = (
    "pk", "stage", "owner_id", "queue", "held_pool", "person__country",
    *(f"account__{one}" for one in WHERE),
)  # fmt: skip


def _leads(look: Look) -> Iterator[Touched]:
    columns = with_pool(Lead.objects.filter(_held(look)).order_by("pk")).values_list(*LEAD)
    for pk, stage, owner, queue, pool, of_person, *where in columns.iterator(TOGETHER):
        place = territories.where(Place(*(one or "" for one in where)), of_person)
        found = look.lead(place, stage, owner, queue or pool or "")
        if found is not None:
            yield Touched(Kind.LEAD, pk, stage, owner, queue, *found)


def with_pool(rows: QuerySet[Lead]) -> QuerySet[Lead]:
    """With the pool by which the owner got it, as `held_pool`."""
    held = Assignment.objects.filter(lead=OuterRef("pk"), ended_at__isnull=True)
    return rows.annotate(held_pool=Subquery(held.values("pool")[:1]))


def _held(look: Look) -> Q:
    mine = Q(owner__in=look.users) | Q(queue__in=look.pools)
    if look.pools:
        held = Assignment.objects.filter(
            lead=OuterRef("pk"), ended_at__isnull=True, pool__in=look.pools
        )
        mine |= Q(Exists(held))
    there = Q(account__country__in=look.lands) | Q(
        Q(account__isnull=True) | Q(account__country=""), person__country__in=look.lands
    )
    return mine & there & ~Q(stage__in=[one.value for one in CLOSED])


def _in(chart: Chart, lands: Collection[str]) -> set[Holder]:
    """Who holds anything in these countries."""
    keys = {key for spot, key in chart.areas.items() if spot[0] in lands}
    return {chart.holders.get(key, NOBODY) for key in keys}


def _holder(atlas: Atlas, place: Place) -> Holder:
    area = atlas.of(place)
    return Holder(area.user, "" if area.user else area.pool) if area is not None else NOBODY
