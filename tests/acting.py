"""Short ways to act on a lead in tests, and to see what became of it."""

from __future__ import annotations

from typing import Any

from leads.models import Lead
from lifecycle import actions
from people.models import User
from sla.models import Clock, ClockState
from tests import factories
from tests.factories import HOUR, NOW

LATER = NOW + HOUR


def fresh(lead: Lead) -> Lead:
    """The lead as the database has it, its rules checked."""
    factories.check_rules()
    return Lead.objects.get(pk=lead.pk)


def owner(lead: Lead) -> User:
    """Who owns it; there must be somebody."""
    assert lead.owner is not None
    return lead.owner


def open_clocks(lead: Lead) -> set[str]:
    """The obligations that still run."""
    running = Clock.objects.filter(lead=lead, state=ClockState.RUNNING)
    return set(running.values_list("obligation", flat=True))


def accept(lead: Lead, **more: Any) -> Lead:
    """Its owner accepts it an hour after it came in, unless told otherwise."""
    given = {"by": lead.owner, "icp_confirmed": True, "reachable": True, "now": LATER, **more}
    return actions.accept(lead_id=lead.pk, **given)
