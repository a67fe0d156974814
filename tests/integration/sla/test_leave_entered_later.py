"""Where past time went stays as it was: leave counts from when it was known, and while it was."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from people.models import Leave
from sla import spent
from sla.models import Clock
from sla.split import Cause
from tests import factories

pytestmark = pytest.mark.django_db

TUESDAY = dt.datetime(2026, 3, 3, 9, tzinfo=dt.UTC)
NOON = TUESDAY + dt.timedelta(hours=3)
ENDED = TUESDAY + dt.timedelta(hours=8)
OFFICE = tuple((day, "09:00", "17:00") for day in range(5))


def at(row: Any, when: dt.datetime) -> Any:
    """Changes of this row are recorded as of then."""
    row._history_date = when
    return row


def hours_off(*, entered: dt.datetime, then: str = "", changed: dt.datetime = ENDED) -> float:
    """Hours off shift of a clock of 9 to 17 whose holder has leave of 10 to 14, as asked later."""
    anna = factories.rep("anna", pools=("dach",), shifts=OFFICE)
    lead = factories.capture(now=TUESDAY)
    hour = dt.timedelta(hours=1)
    leave = Leave(user=anna, starts_at=TUESDAY + hour, ends_at=TUESDAY + 5 * hour)
    at(leave, entered).save()
    if then == "removed":
        at(leave, changed).delete()
    elif then:
        leave.ends_at = TUESDAY + 8 * hour
        at(leave, changed).save()
    clock = Clock.objects.get(lead=lead, obligation="accept", scope="STAGE")
    whole = spent.read([clock], now=ENDED + dt.timedelta(days=1))[clock.pk].split
    return whole.seconds[Cause.OFF_SHIFT] / 3600 - 16  # the night


@pytest.mark.parametrize(
    ("given", "hours"),
    [
        pytest.param({"entered": TUESDAY - dt.timedelta(days=9)}, 4, id="before"),
        pytest.param({"entered": NOON}, 2, id="while it lasted"),
        pytest.param({"entered": ENDED}, 0, id="afterwards"),
        pytest.param(
            {"entered": TUESDAY, "then": "removed", "changed": NOON}, 2, id="taken back in it"
        ),
        pytest.param({"entered": TUESDAY, "then": "removed"}, 4, id="removed afterwards"),
        pytest.param({"entered": TUESDAY, "then": "longer"}, 4, id="made longer afterwards"),
        pytest.param(
            {"entered": TUESDAY, "then": "longer", "changed": NOON}, 7, id="made longer in it"
        ),
    ],
)
def test_time_on_leave_is_what_was_known_of_it_then(given: dict[str, Any], hours: float) -> None:
    factories.company(now=TUESDAY - dt.timedelta(days=1), reps=())
    assert hours_off(**given) == hours
