"""The facts of opportunities, and of the touchpoints that their revenue is put down to.

They are few beside leads and change by several ways, so nothing is told of a change: every pass
holds what they are derived from against what they were derived from, and makes those anew that
differ.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import models, transaction

from core import bulk, database, reading
from leads import bands
from reports import attribution
from reports.facts import keeping
from reports.facts.reading import Teams, teams
from reports.models import CreditFact, DealFact

RULES = 1
"""Raise it with any change of what is derived."""

CHUNK = 1_000

# All that a fact of an opportunity and its credits are derived from, as one digest.
_SOURCES = f"""
    SELECT o.id AS id, md5(concat_ws('|', o.status, o.created_at, o.closed_at, o.amount_base,
             o.account_id, o.owner_id, o.reason, o.partner_id, o.partner_role, l.told, {RULES}))
           AS digest
      FROM leads_opportunity o
      LEFT JOIN (SELECT opportunity_id, string_agg(concat_ws(',', id, category, channel, campaign,
                        (SELECT concat_ws(';', count(*), max(t.id)) FROM leads_touch t
                          WHERE t.lead_id = x.id AND t.status <> 'WITHDRAWN')), '/' ORDER BY id)
                        AS told
                   FROM leads_lead x WHERE opportunity_id IS NOT NULL GROUP BY 1) l
        ON l.opportunity_id = o.id
"""  # noqa: S608 - our own words
_CHANGED = f"""
    SELECT s.id FROM ({_SOURCES}) s LEFT JOIN reports_dealfact f ON f.opportunity_id = s.id
     WHERE f.digest IS DISTINCT FROM s.digest ORDER BY s.id LIMIT %s
"""  # noqa: S608 - our own words
_DIGESTS = f"SELECT s.id, s.digest FROM ({_SOURCES}) s WHERE s.id = ANY(%s)"  # noqa: S608
_DEALS = """
    SELECT o.id, o.status, o.created_at, o.closed_at, o.amount_base, o.account_id, o.owner_id,
           o.reason, o.partner_id, o.partner_role, a.employees,
           (SELECT s.kit_id FROM leads_opportunitystep s WHERE s.opportunity_id = o.id
             ORDER BY s.sequence DESC LIMIT 1)
      FROM leads_opportunity o LEFT JOIN leads_account a ON a.id = o.account_id
     WHERE o.id = ANY(%s)
"""
_LEADS = """
    SELECT opportunity_id, id, created_at, category, channel, campaign FROM leads_lead
     WHERE opportunity_id = ANY(%s) ORDER BY created_at, id
"""
# Those of leads that were merged into one of the opportunity belong to its way as well.
_TOUCHES = """
    SELECT l.opportunity_id, t.id, l.id, t.occurred_at, t.category, t.medium, t.channel, t.campaign
      FROM leads_lead l
      JOIN leads_lead own ON own.id = l.id OR own.merged_into_id = l.id
      JOIN leads_touch t ON t.lead_id = own.id AND t.status <> 'WITHDRAWN'
     WHERE l.opportunity_id = ANY(%s)
     ORDER BY t.occurred_at, t.id
"""


class _Touch(NamedTuple):
    pk: int
    lead: int
    at: dt.datetime
    category: str
    medium: str
    channel: str
    campaign: str


def follow(*, now: dt.datetime | None = None, limit: int = CHUNK) -> int:
    """Make the facts of opportunities that have changed; returns of how many."""
    with transaction.atomic():
        keeping.alone()
        ids = changed(limit=limit)
        if ids:
            make(ids, now=now or database.now())
        return len(ids)


def changed(*, limit: int) -> list[int]:
    """Opportunities that are not as their facts say."""
    asked = reading.plain(_CHANGED, limit)
    reading.ask(asked)
    return [pk for (pk,) in asked.found]


def make(ids: Collection[int], *, now: dt.datetime) -> None:
    """Make the facts of these opportunities and of their touchpoints."""
    some = sorted(ids)
    deals, leads = reading.plain(_DEALS, some), reading.plain(_LEADS, some)
    touches, people = reading.plain(_TOUCHES, some), teams()
    digests = reading.plain(_DIGESTS, some)
    reading.ask(deals, leads, touches, digests, *people)
    firsts: dict[int, tuple[Any, ...]] = {}
    for deal, *told in leads.found:
        firsts.setdefault(deal, tuple(told))
    ways: dict[int, list[_Touch]] = defaultdict(list)
    for deal, *told in touches.found:
        ways[deal].append(_Touch(*told))
    known = Teams.of_answers(people, now)
    digest = dict(digests.found)
    facts = [
        _fact(row, digest[row[0]], firsts.get(row[0]), ways[row[0]], known) for row in deals.found
    ]
    credits = [one for fact in facts for one in _credits(fact, ways[fact.opportunity_id])]
    _replace(some, facts, credits)


def _fact(
    row: Sequence[Any],
    digest: str,
    first: Sequence[Any] | None,
    way: Sequence[_Touch],
    known: Teams,
) -> DealFact:
    pk, status, opened, closed, value, account, owner, reason, partner, role, size, kit = row
    lead, came, category, channel, campaign = first or (None, None, "", "", "")
    return DealFact(
        opportunity_id=pk,
        digest=digest,
        status=status,
        opened_at=opened,
        closed_at=closed,
        first_touch_at=way[0].at if way else came,
        value=value,
        account_id=account,
        lead_id=lead,
        category=category,
        medium=way[0].medium if way else "",
        channel=channel,
        campaign=campaign,
        segment=bands.band(size),
        reason=reason,
        partner_id=partner,
        partner_role=role,
        rep_id=owner,
        team_id=known.of(owner, closed or opened),
        kit_id=kit,
    )


def _credits(fact: DealFact, way: Iterable[_Touch]) -> list[CreditFact]:
    """Of a won one, what each touchpoint before the win has in it by each model."""
    if fact.status != "WON" or fact.closed_at is None:
        return []
    before = [one for one in way if one.at <= fact.closed_at]
    shares = attribution.of([one.at for one in before]) if before else {}
    return [
        CreditFact(
            opportunity_id=fact.opportunity_id,
            touch_id=one.pk,
            lead_id=one.lead,
            closed_at=fact.closed_at,
            touched_at=one.at,
            value=fact.value,
            category=one.category,
            medium=one.medium,
            channel=one.channel,
            campaign=one.campaign,
            **{model: parts[place] for model, parts in shares.items()},
        )
        for place, one in enumerate(before)
    ]


def _replace(ids: Sequence[int], facts: list[DealFact], credits: list[CreditFact]) -> None:
    made: Mapping[type[models.Model], Sequence[models.Model]] = {
        DealFact: facts, CreditFact: credits,
    }  # fmt: skip
    for model, rows in made.items():
        bulk.delete(model._default_manager.filter(opportunity_id__in=ids))
        bulk.copy(rows)
