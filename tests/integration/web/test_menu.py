"""What the holder of a lead is offered first, and what is said to be owed."""

from __future__ import annotations

import pytest
from django.utils import timezone

from governance import selectors as kits
from leads.models import Lead
from leads.stages import Stage
from people.models import User
from sla.models import Clock
from tests import factories
from web.console import menu, todo

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("stage", "obligation", "first"),
    [
        (Stage.MQL, "first_contact", ["accept", "reject", "activity"]),
        (Stage.SAL, "first_contact", ["activity", "sales_qualify"]),
        (Stage.SAL, "respond", ["activity", "sales_qualify"]),
        (Stage.SAL, "sales_qualify", ["sales_qualify", "activity"]),
        (Stage.SQL, "respond", ["activity", "convert"]),
        (Stage.SQL, "", ["convert", "activity"]),
        (Stage.INQUIRY, "first_contact", ["activity", "self_source"]),
        (Stage.OPPORTUNITY, "respond", ["win", "lose", "activity"]),
    ],
)
def test_contact_that_is_owed_comes_before_the_next_step(
    stage: Stage, obligation: str, first: list[str]
) -> None:
    now = timezone.now()
    factories.company(now=now, reps=("anna",))
    lead = Lead.objects.select_related("person").get(pk=factories.capture(now=now).pk)
    lead.__dict__["stage"] = stage  # which otherwise only a transition may write
    reader = User.objects.get(pk=lead.owner_id)
    offered = menu.offer(lead, reader, obligation=obligation).first
    assert [one.name for one in offered if one.name != "email"] == first
    assert [one.name for one in offered if one.primary] == first[:1]


def test_what_ends_a_clock_is_said_in_the_words_of_its_kit() -> None:
    factories.company(now=timezone.now(), reps=("anna",))
    kit = kits.active_kit()
    owed = Clock(policy="resolve", obligation="resolve", kit_id=kit.id, calendar="weekdays")
    assert todo.promise(owed).startswith("A buyer who asked for a person is qualified, taken on by")
