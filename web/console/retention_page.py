"""How long customers stay, as a page: cohorts by the month in which they were won."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import dateformat

from core.errors import NotAllowed
from core.texts import _
from leads import selectors as leads
from lifecycle import retention
from people.models import User
from web.console.charts import cohorts
from web.console.charts.cohorts import Cohorts

MONTHS = 12


@dataclass(frozen=True, slots=True)
class RetentionPage:
    """The page."""

    chart: Cohorts


def may_read(reader: User) -> bool:
    """Whether this person may: the cohorts count every customer there is."""
    return leads.counts_all(reader)


def build(reader: User, *, now: datetime) -> RetentionPage:
    """The cohorts of the last twelve months. Raises NotAllowed to who may not count all."""
    if not may_read(reader):
        raise NotAllowed(_("Retention counts all customers; you see those of your accounts."))
    found = retention.cohorts(now, months=MONTHS)
    return RetentionPage(
        cohorts.draw(
            "retention",
            _("Customers who stayed"),
            [_cohort(one) for one in found],
            heads=[f"+{place}" for place in range(MONTHS)],
            label=_("Won in"),
        )
    )


def _cohort(one: retention.Cohort) -> cohorts.Cohort:
    """Its months, and the one that runs: who stays to its end cannot be told yet."""
    over = tuple(cohorts.Step(count) for count in one.staying[:MONTHS])
    runs = (cohorts.Step(None, over=False),) if len(over) < MONTHS else ()
    return cohorts.Cohort(dateformat.format(one.month, "M Y"), one.customers, (*over, *runs))
