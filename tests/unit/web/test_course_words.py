"""What stands still or moves is called as its kit calls it."""

from __future__ import annotations

import pytest

from leads.models import LeadEvent
from tests.kit_findings import compiled
from web.console import course_words
from web.console.sentence import Known

KNOWN = Known(names={1: "Anna Keller"}, kits={4: compiled()}, moment=lambda at: f"{at:%H:%M}")


@pytest.mark.parametrize(
    ("kit", "obligations", "said"),
    [
        (4, ["sales_qualify"], "“Mark as SQL or return”"),
        (4, ["first_contact", "next_step"], "“First contact” and “Keep the promised next step”"),
        (3, ["sales_qualify"], "“Sales qualify”"),
        (4, [], "its clocks"),
    ],
)
def test_clocks_that_wait_have_the_names_of_their_kit(
    kit: int, obligations: list[str], said: str
) -> None:
    event = LeadEvent(
        kind="PAUSED", actor="user", by_id=1, kit_id=kit, because={"clocks": obligations}
    )
    text = "".join(piece.text for piece in course_words.paused(event, KNOWN).pieces)
    assert text == f"Anna Keller waits for the customer: {said}."
