"""Taking hold of a review before anything of it changes."""

from __future__ import annotations

from core import errors
from reports.models import Review, ReviewFinding, ReviewState
from reports.reviews import months


def locked(number: str) -> Review:
    """The review, held for the rest of the transaction. Raises NotFound."""
    rows = Review.objects.select_for_update(of=("self",))
    found = rows.filter(month=months.read(number)).first()
    if found is None:
        raise errors.NotFound("There is no such review.")
    return found


def require_unfinished(review: Review) -> None:
    """Raise TooLate where it is closed: nothing of it changes any more."""
    if review.state == ReviewState.CLOSED:
        raise errors.TooLate(
            f"Review {review.number} is closed and signed. What is to be put right is a finding of "
            "the next one.",
            state={"state": review.state, "checksum": review.checksum},
        )


def finding_of(review: Review, place: int) -> ReviewFinding:
    """One finding by its number within the review. Raises NotFound."""
    found = review.findings.select_related("owner").filter(number=place).first()
    if found is None:
        raise errors.NotFound(f"Review {review.number} has no finding {place}.")
    return found
