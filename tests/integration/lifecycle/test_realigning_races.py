"""Two at once: nobody realigns what another does, nothing is handed over twice."""

from __future__ import annotations

import pytest

from leads.models import EventKind
from lifecycle.models import Realignment
from lifecycle.realigning import planning, working
from tests import realigning
from tests.factories import HOUR, NOW
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_realignments_of_one_territory_at_once_one_is_refused() -> None:
    company = realigning.company()
    wanted = realigning.wanted(company)
    done = together([lambda: planning.submit(wanted, by=company.revops, reason="-", now=NOW)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["Overlaps", "Realignment"]
    assert Realignment.objects.count() == 1


def test_two_workers_hand_everything_over_once() -> None:
    company = realigning.company()
    made = realigning.leads(company, to=company.reps[0], count=6)
    act = planning.submit(realigning.wanted(company), by=company.revops, reason="-", now=NOW)
    together([lambda: working.run(act.pk, now=NOW + HOUR)] * 3)
    working.run(act.pk, now=NOW + HOUR)
    for lead in made:
        told = lead.events.filter(kind=EventKind.ASSIGNED, because__why="realigned")
        assert told.count() == 1
    assert set(act.rows.values_list("state", flat=True)) == {"MOVED"}
    act.refresh_from_db()
    assert act.state == "DONE"
    assert realigning.broken() == {}
