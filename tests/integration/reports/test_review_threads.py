"""Workers and signers who come at once: one review, closed once."""

from __future__ import annotations

import pytest

from core import errors
from people.models import Role
from reports.models import Review, ReviewStep
from reports.reviews import closing, opening
from tests import factories
from tests.factories import DAY, HOUR
from tests.reviewing import APRIL, decide_all, sign, who
from tests.threads import together


def signed(name: str, party: str) -> str:
    return sign(name, party, now=APRIL + 2 * HOUR).party


@pytest.mark.django_db(transaction=True)
def test_two_workers_open_one_review_and_two_signers_close_it_once() -> None:
    factories.company(now=APRIL - 20 * DAY)
    factories.user("moritz", role=Role.MANAGER)
    made = together([lambda: opening.open_due(APRIL)] * 2)
    assert sorted(made) == [0, 1]
    decide_all(Review.objects.get())
    closing.submit("2026-03", by=who("rita"), now=APRIL + HOUR)
    signed("mark", "MARKETING")

    def last(name: str) -> str:
        try:
            return signed(name, "SALES")
        except errors.TooLate as late:
            return late.message

    told = sorted(together([lambda: last("mia"), lambda: last("moritz")]))
    assert told[1] == "SALES"
    assert "closed and signed" in told[0]
    assert Review.objects.get().log.filter(kind=ReviewStep.Kind.CLOSED).count() == 1
