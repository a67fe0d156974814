"""Whom the targets of rules mean for the leads of a batch: one message, whatever they are.

None at all where no rule that fits means anybody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core import reading
from people import availability, roles
from routing import passing, rules, selectors, targets
from routing.desk import Desk
from routing.rules import Rule
from routing.targets import Named, Standing
from routing.territories import Area, Atlas, Place

LATELY = dt.timedelta(days=365)
"""Who held a lead of the same buyer or account longer ago is not asked again."""

UNHELD = ("undo", "misrouted")
"""Ends of assignments that never should have been."""

NOBODY = Named()
NOWHERE = Place()
NO_AREAS = Atlas(())


@dataclass(frozen=True, slots=True)
class Asking:
    """One lead that is routed, and the rules that fit it."""

    lead: int
    person: int
    moment: str
    rules: tuple[Rule, ...]
    account: int | None = None
    account_owner: int | None = None
    is_partner: bool = False
    partner: Named = NOBODY
    """Who looks after the partner who has registered the company, or whom the lead names."""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class _Holder:
    """Who holds, or held last, leads of one buyer or account."""

    user: int
    is_ae: bool


class Meant:
    """The answers for a batch; `note` tells it who was given a lead meanwhile."""

    def __init__(
        self,
        users: dict[str, int],
        holders: dict[tuple[str, int], list[_Holder]],
        areas: Atlas = NO_AREAS,
    ) -> None:
        """By user name, and by buyer or account; and the areas there are."""
        self._atlas = areas
        self._users = users
        self._holders = holders

    def of(self, asking: Asking, rule: Rule) -> Named:
        """Whom a rule means for a lead."""
        if rule.target == targets.ACCOUNT_OWNER:
            return Named(asking.account_owner)
        if rule.target == targets.REP:
            return Named(self._users.get(rule.rep), rule.rep)
        if rule.target == targets.CURRENT_OWNER:
            return self._holder(asking)
        if rule.target == targets.PARTNER_MANAGER:
            return _partner_manager(asking)
        if rule.target == targets.TERRITORY:
            return self._territory(asking.place)
        return NOBODY

    def all_of(self, asked: Iterable[Asking]) -> list[Named]:
        """Everybody who is meant by any of these."""
        return [
            self.of(asking, rule) for asking in asked for rule in asking.rules if rule.means_people
        ]

    def note(self, asking: Asking, user: int) -> None:
        """They hold the lead from now on: the next lead of the same account may be theirs."""
        for slot in _slots(asking):
            if slot in self._holders:
                self._holders[slot].insert(0, _Holder(user, asking.moment == rules.HANDOFF))

    def _territory(self, place: Place) -> Named:
        area = self._atlas.of(place)
        if area is None:
            return NOBODY
        return Named(area.user, area.territory, "" if area.user else area.pool)

    def _holder(self, asking: Asking) -> Named:
        """The buyer's before the account's; of a hand-off only who takes those."""
        for slot in _slots(asking):
            for one in self._holders.get(slot, ()):
                if one.is_ae or asking.moment != rules.HANDOFF:
                    return Named(one.user, slot[0])
        return NOBODY


NOTHING = Meant({}, {})


def read(asked: Sequence[Asking], *, now: dt.datetime, without: int | None = None) -> Meant:
    """Ask for everybody whom the rules of these leads may mean; `without` is not asked again."""
    names = sorted({rule.rep for rule in _meaning(asked, targets.REP)})
    sticky = [one for one in asked if any(r.target == targets.CURRENT_OWNER for r in one.rules)]
    questions: list[reading.Question[Any]] = []
    users = reading.plain("SELECT username, id FROM people_user WHERE username = ANY(%s)", names)
    if names:
        questions.append(users)
    people = sorted({one.person for one in sticky})
    accounts = sorted({one.account for one in sticky if one.account is not None})
    held = reading.plain(_HOLDERS, *_told(people, now, without), *_told(accounts, now, without))
    if sticky:
        questions.append(held)
    lands = sorted({
        one.place.country for one in asked if any(r.target == targets.TERRITORY for r in one.rules)
    })  # fmt: skip
    areas = selectors.areas_on(now.astimezone(dt.UTC).date(), lands)
    if lands:
        questions.append(areas)
    reading.ask(*questions)
    holders: dict[tuple[str, int], list[_Holder]] = {
        slot: [] for one in sticky for slot in _slots(one)
    }
    for kind, of, user, is_ae in held.found:
        holders[kind, of].append(_Holder(user, is_ae))
    return Meant(dict(users.found), holders, Atlas(Area(*row) for row in areas.found))


def stand(
    named: Named, counter: Desk, *, now: dt.datetime, without: Collection[int] = ()
) -> Standing:
    """How whoever is meant stands now, under the tightest of their caps.

    It is for nobody of `without` (users, or by user why).
    """
    if named.user is None:
        return Standing(None, named.by, named.pool, named.how)
    passed = passing.reasons(without).get(named.user)
    seen, hours = counter.standing(named.user), counter.hours[named.user]
    why = availability.reason(hours, now)
    back = availability.next_available(hours, now) if why else None
    return Standing(
        named.user,
        named.by,
        how=named.how,
        held_before=passed == passing.HELD,
        declined=passed == passing.DECLINED,
        away=why.kind.value if why else "",
        until=why.until.isoformat() if why and why.until else None,
        back=back.isoformat() if back else None,
        open_leads=seen.open_leads,
        open_cap=seen.open_cap,
        full=next((said for one in seen.limits if (said := one.reached)), ""),
    )


def _partner_manager(asking: Asking) -> Named:
    """Of who has registered the company or is named, else of the company where that is a partner.

    Where a name is no partner's that we know, that is kept: nobody is meant by it.
    """
    if asking.is_partner and not asking.partner.by:
        return Named(asking.account_owner)
    return asking.partner


def _meaning(asked: Iterable[Asking], target: str) -> Iterable[Rule]:
    return (rule for asking in asked for rule in asking.rules if rule.target == target)


def _slots(asking: Asking) -> list[tuple[str, int]]:
    found = [(targets.BUYER, asking.person)]
    return found if asking.account is None else [*found, (targets.ACCOUNT, asking.account)]


def _told(ids: list[int], now: dt.datetime, without: int | None) -> tuple[Any, ...]:
    return ids, now - LATELY, list(UNHELD), without or 0


def _held_by(kind: str, column: str) -> str:
    # The last of everybody and of the AEs, whoever holds one now before who held one.
    is_ae = roles.sql("u", "'{AE}'")
    return f"""
        (SELECT '{kind}', of, user_id, is_ae FROM (
            SELECT DISTINCT ON (l.{column}, {is_ae})
                   l.{column} AS of, a.user_id, {is_ae} AS is_ae,
                   a.ended_at, a.started_at, a.id
              FROM leads_lead l JOIN routing_assignment a ON a.lead_id = l.id
              JOIN people_user u ON u.id = a.user_id
             WHERE l.{column} = ANY(%s) AND (a.ended_at IS NULL OR a.ended_at > %s)
               AND NOT a.end_reason = ANY(%s) AND a.user_id <> %s
             ORDER BY l.{column}, {is_ae}, a.ended_at DESC NULLS FIRST, a.id DESC
         ) AS last
          ORDER BY of, ended_at DESC NULLS FIRST, id DESC)
    """  # noqa: S608 - names of ours


_HOLDERS = f"""
    {_held_by(targets.BUYER, "person_id")} UNION ALL {_held_by(targets.ACCOUNT, "account_id")}
"""
