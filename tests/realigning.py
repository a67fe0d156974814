"""A company with two territories, and realigning them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from leads.models import Account, Lead
from lifecycle import actions
from lifecycle.invariants import run as invariants
from lifecycle.models import Realignment
from lifecycle.realigning import planning, working
from lifecycle.realigning.charting import Asked
from lifecycle.realigning.terms import Terms
from people.models import User
from routing import selectors as routing_selectors
from routing.models import Territory, TerritoryArea, TerritoryHolder
from routing.realignment import Holder
from routing.territories import Atlas, Place
from tests import factories
from tests.factories import HOUR, NOW, Company

TODAY = NOW.date()
TOMORROW = TODAY + dt.timedelta(days=1)


def company() -> Company:
    """Anna holds the south, Ben the rest of Germany."""
    made = factories.company(reps=("anna", "ben"))
    territory("south", ("DE", "Bayern", ""), ("DE", "", "7"), user=made.reps[0])
    territory("north", ("DE", "", ""), user=made.reps[1])
    return made


def territory(key: str, *areas: tuple[str, str, str], **holder: Any) -> Territory:
    """A territory of these areas, held since 2020."""
    made = Territory.objects.create(key=key, label=key.title())
    for country, region, prefix in areas:
        TerritoryArea.objects.create(
            territory=made, country=country, region=region, postal_prefix=prefix
        )
    TerritoryHolder.objects.create(territory=made, starts_on=dt.date(2020, 1, 1), **holder)
    return made


def leads(company: Company, *, to: User, count: int = 1, code: str = "70173") -> list[Lead]:
    """Leads of companies in the south, whoever routing gave them to, held by `to`."""
    first = Account.objects.count()
    bodies = [
        factories.touch(company={"country": "DE", "postal_code": code, "name": f"Company {n}",
                                 "domain": f"company-{n}.example"})
        for n in range(first, first + count)
    ]  # fmt: skip
    made = factories.captures(bodies, now=NOW)
    for lead in made:
        lead.refresh_from_db()
        if lead.owner_id != to.pk:
            actions.reassign(lead_id=lead.pk, by=company.revops, to=to.pk, reason="-", now=NOW)
    return made


def wanted(company: Company, *, day: dt.date = TODAY, **terms: bool) -> planning.Wanted:
    """The south goes from Anna to Ben."""
    asked = Asked(holders={"south": Holder(company.reps[1].pk)})
    return planning.want(asked, day, Terms(**terms))


def applied(company: Company, now: dt.datetime = NOW + HOUR, **terms: bool) -> Realignment:
    """The same, confirmed and worked on."""
    act = planning.submit(wanted(company, **terms), by=company.revops, reason="New year", now=now)
    working.run(act.pk, now=now)
    act.refresh_from_db()
    return act


def owner(lead: Lead) -> User | None:
    """Who has it now."""
    lead.refresh_from_db()
    return lead.owner


def fates(act: Realignment) -> Counter[tuple[str, str]]:
    """How many of what came to what."""
    return Counter(act.rows.values_list("kind", "state"))


def broken() -> dict[str, object]:
    """Invariants that do not hold."""
    results = invariants.check(now=NOW)
    return {one.invariant.key: one.found.offences for one in results if one.broken}


def holder_on(day: dt.date, *place: str) -> tuple[int | None, str]:
    """Who holds a place on a day, as routing asks."""
    area = Atlas(routing_selectors.areas(day)).of(Place(*place))
    return (area.user, area.pool) if area else (None, "")
