"""Which fields of an opportunity people here changed: those stay as they left them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q

from leads import exchange
from leads.models import Opportunity, OpportunityLine
from people.models import Role

STATUS, PRODUCTS = "status", "products"
OPEN = Opportunity.Status.OPEN
MONEY = frozenset({"amount", "currency"})
WITH_THE_END = MONEY | {"reason", "competitor"}
"""What somebody who wins or loses it says along with that."""
FIELDS = ("name", "competitor", "expected_close", "owner_id", "amount", "currency", "sales_stage",
          "reason")  # fmt: skip
COLUMNS = (*FIELDS, STATUS)


def of(deals: Collection[int], *, told_by: str) -> dict[int, frozenset[str]]:
    """By opportunity the columns that are people's, `products` among them. Two queries; or none.

    `told_by` is the reason that the sender's own changes are kept with, whoever ran the import.
    """
    if not deals:
        return {}
    by_person = Q(history_user__isnull=False) & ~Q(history_user__role=Role.SERVICE)
    ours = Q(history_change_reason__in=(told_by, exchange.FILLED))
    hands = by_person & (~ours | Q(history_change_reason__isnull=True))
    touched = Opportunity.history.filter(hands, id__in=deals).values("id")
    rows = Opportunity.history.filter(id__in=touched).annotate(
        by_hand=ExpressionWrapper(hands, output_field=BooleanField())
    )
    past: dict[int, list[tuple[bool, dict[str, Any]]]] = {}
    for row in rows.order_by("history_id").values("id", "by_hand", *COLUMNS):
        past.setdefault(row["id"], []).append((bool(row["by_hand"]), row))
    found = {pk: changed(versions) for pk, versions in past.items()}
    lines = OpportunityLine.history.filter(hands, opportunity__in=deals).order_by()
    for pk in lines.values_list("opportunity_id", flat=True).distinct():
        found[pk] = found.get(pk, frozenset()) | {PRODUCTS}
    return found


def changed(versions: Sequence[tuple[bool, Mapping[str, Any]]]) -> frozenset[str]:
    """The columns that are people's, by all versions of one deal: whether by hand, and the values.

    Of a deal that people made those that they filled in. A value that is again what the sender
    said last is not theirs, so a step taken back counts no more; an end or a reopening does.
    """
    (by_hand, first), *later = versions
    theirs = {name for name in FIELDS if by_hand and first[name] not in (None, "")}
    said = {name: None if by_hand else first[name] for name in FIELDS}
    before = first
    for by_hand, row in later:
        moved = [name for name in COLUMNS if row[name] != before[name]]
        for name in moved:
            if not by_hand:
                said[name] = row[name]
            if by_hand and (name == STATUS or row[name] != said[name]):
                theirs.add(name)
            elif name != STATUS:
                theirs.discard(name)
        before = row
    if theirs & MONEY:
        theirs |= MONEY
    if STATUS in theirs and before[STATUS] != OPEN:
        theirs |= WITH_THE_END
    return frozenset(theirs)
