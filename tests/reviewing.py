"""Deciding, signing and closing reviews of the company that `factories.company` makes."""

from __future__ import annotations

import datetime as dt

from people.models import User
from reports.models import Review, ReviewFinding, ReviewSignature
from reports.reviews import closing, content, findings
from reports.reviews.findings import Given
from tests.factories import DAY, HOUR

APRIL = dt.datetime(2026, 4, 1, 0, 5, tzinfo=dt.UTC)
MAY = dt.datetime(2026, 5, 1, 0, 5, tzinfo=dt.UTC)
MARCH = "2026-03"
Decision = ReviewFinding.Decision


def who(name: str) -> User:
    return User.objects.get(username=name)


def decide(
    place: int,
    decision: str = Decision.COACH,
    *,
    number: str = MARCH,
    now: dt.datetime = APRIL + HOUR,
    due: dt.date | None = None,
) -> ReviewFinding:
    old = ReviewFinding.objects.get(
        number=place, review__month=dt.date.fromisoformat(f"{number}-01")
    )
    given = Given(old.text, who("mia"), due or (now + 10 * DAY).date(), decision, "As agreed.")
    return findings.change(number, place, given, by=who("rita"), now=now)


def decide_all(review: Review, **more: object) -> None:
    for one in review.findings.filter(decision="").order_by("number"):
        decide(one.number, number=review.number, **more)  # type: ignore[arg-type]


def sign(
    name: str, party: str, *, number: str = MARCH, now: dt.datetime = APRIL + 2 * HOUR
) -> ReviewSignature:
    review = Review.objects.get(month=dt.date.fromisoformat(f"{number}-01"))
    seen = content.of(review).checksum
    return closing.sign(number, party, by=who(name), seen=seen, now=now)


def close(review: Review, *, now: dt.datetime = APRIL + HOUR) -> Review:
    decide_all(review, now=now)
    closing.submit(review.number, by=who("rita"), now=now)
    sign("mia", "SALES", number=review.number, now=now + HOUR)
    sign("mark", "MARKETING", number=review.number, now=now + 2 * HOUR)
    review.refresh_from_db()
    return review
