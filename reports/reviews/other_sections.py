"""What no report tells: drift alarms, how evenly pools shared, what earlier reviews left open."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Q

from people.models import User
from reports.declaration import Column
from reports.drift import publications, wording
from reports.drift.verdicts import Metric
from reports.models import DriftAlarm, ReviewFinding
from reports.reviews import tables
from reports.reviews.tables import Month, Table
from routing import entitlement, turn_sums
from routing.entitlement import Share
from routing.models import Pool

_FAIR = (
    "A turn is a lead that a pool gave to one of its members. Entitled: at each turn the share of "
    "the members who could take it, by weight. Difference = received − entitled; turns that were "
    "given back count for nobody."
)


def drift(month: Month) -> Table:
    """Alarms that stood at any time of the month."""
    rows = DriftAlarm.objects.filter(
        Q(closed_at__isnull=True) | Q(closed_at__gte=month.period.start),
        first_seen_at__lt=month.period.end,
    )
    found = rows.select_related("kit", "acknowledged_by").order_by("first_seen_at", "pk")
    return tables.table(
        (
            Column("kit", "Since", "text"),
            Column("alarm", "What left its limits", "lines"),
            Column("first_seen_at", "First seen", "instant"),
            Column("closed_at", "Closed", "instant"),
            Column("acknowledged", "Acknowledged", "lines"),
        ),
        [_alarm(one) for one in found],
        head="Figure",
        meaning="Figures that left their limits after a publication, open or closed in the month.",
        owner_role="RevOps",
    )


def _alarm(one: DriftAlarm) -> dict[str, Any]:
    metric = Metric(one.metric)
    label = publications.label(one.kit, metric, one.slice)
    return {
        "key": str(one.pk),
        "label": wording.subject(metric, label),
        "kit": f"Kit v{one.kit.number}",
        "alarm": wording.left_limits(
            metric, label, observed=one.observed, low=one.low, high=one.high, n=one.n
        ),
        "first_seen_at": tables.instant(one.first_seen_at),
        "closed_at": tables.instant(one.closed_at),
        "acknowledged": f"{one.acknowledged_by}: {one.note}" if one.acknowledged_by else "",
    }


def fairness(month: Month) -> Table:
    """Pools: how many turns, and how far members were from what they were entitled to."""
    rows = []
    for pool, shares in _of_pools(month):
        apart = [float(one.difference) for one in shares.values()]
        rows.append(
            {
                "key": pool.key,
                "label": pool.label,
                "members": len(shares),
                "turns": sum(one.received for one in shares.values()),
                "lowest": _figure(min(apart)),
                "highest": _figure(max(apart)),
            }
        )
    return tables.table(
        (
            Column("members", "Members with turns"),
            Column("turns", "Turns"),
            Column("lowest", "Lowest difference", "leads"),
            Column("highest", "Highest difference", "leads"),
        ),
        rows,
        head="Pool",
        meaning="How evenly pools shared the turns of the month.",
        formula=_FAIR,
        owner_role="RevOps",
    )


def fairness_of_members(month: Month) -> Table:
    """The same, of each member."""
    names = {one.pk: str(one) for one in User.objects.all()}
    rows = [
        {
            "key": f"{pool.key}/{user}",
            "label": names.get(user, "Somebody"),
            "person": str(user),
            "pool": pool.label,
            "entitled": _figure(float(share.entitled)),
            "received": share.received,
            "difference": _figure(float(share.difference)),
            "given_back": share.given_back,
        }
        for pool, shares in _of_pools(month)
        for user, share in sorted(shares.items(), key=lambda one: names.get(one[0], ""))
    ]
    return tables.table(
        (
            Column("pool", "Pool", "text"),
            Column("entitled", "Entitled to", "leads"),
            Column("received", "Received"),
            Column("difference", "Difference", "leads"),
            Column("given_back", "Given back"),
        ),
        rows,
        head="Member",
        meaning="What each member was entitled to and got, pool by pool.",
        formula=_FAIR,
        owner_role="RevOps",
    )


def earlier(month: Month) -> Table:
    """Findings of earlier reviews that were not done when this one was opened."""
    rows = ReviewFinding.objects.filter(
        done_at__isnull=True, carried_to__isnull=True, review__month__lt=month.month
    ).exclude(decision__in=ReviewFinding.SETTLED)
    found = rows.select_related("review", "owner").order_by("review__month", "number")
    return tables.table(
        (
            Column("text", "Finding", "lines"),
            Column("owner", "Owner", "text"),
            Column("due_on", "Due", "text"),
            Column("decision", "Decision", "text"),
        ),
        [
            {
                "key": f"{one.review.number}/{one.number}",
                "label": f"{one.review.number}/{one.number}",
                "text": one.text,
                "owner": str(one.owner or ""),
                "due_on": one.due_on.isoformat() if one.due_on else "",
                "decision": one.get_decision_display() if one.decision else "",
            }
            for one in found
        ],
        head="Finding",
        meaning="What earlier reviews decided and nobody has reported as done; carried over.",
        owner_role="RevOps",
    )


def _of_pools(month: Month) -> list[tuple[Pool, dict[int, Share]]]:
    """The pools that shared anything, with each member over the turns of the month."""
    found = []
    for pool in Pool.objects.order_by("label", "key"):
        turns = Counter(turn_sums.tallies(pool, since=month.period.start))
        turns.subtract(turn_sums.tallies(pool, since=month.period.end))
        counted = Counter({like: count for like, count in turns.items() if count})
        shares = entitlement.shares(counted)
        if any(one.received or one.entitled for one in shares.values()):
            found.append((pool, shares))
    return found


def _figure(amount: float) -> float:
    return round(amount, 2)
