"""Who hears of a review: opened, a finding given or overdue, to sign, closed; nobody twice."""

from __future__ import annotations

import pytest

from governance import deputies
from lifecycle import jobs, telling
from lifecycle.models import Notice, ReviewNews
from people.models import User
from reports.models import Review, ReviewFinding
from reports.reviews import closing, findings, opening
from reports.reviews.findings import Given
from tests.factories import DAY, HOUR
from tests.integration.reports.conftest import Drifted
from tests.reviewing import APRIL, MARCH, close, decide_all, sign, who

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(drifted: Drifted) -> Review:
    opening.open_due(APRIL)
    return Review.objects.get()


def told(kind: ReviewNews) -> set[str]:
    rows = Notice.objects.filter(kind=kind, read_at=None)
    return set(rows.values_list("to__username", flat=True))


def words(user: User, kind: ReviewNews) -> tuple[str, str, str]:
    rows = list(telling.readable(Notice.objects.filter(to=user, kind=kind)))
    (said,) = telling.of(rows, reader=user).values()
    return said.headline, said.sentence, said.page


def give(owner: str, *, by: str = "rita") -> ReviewFinding:
    due = (APRIL + 9 * DAY).date()
    given = Given("Forms lose leads.", who(owner), due, "REPAIR", "They do.")
    return findings.add(MARCH, given, by=who(by), now=APRIL)


def test_all_who_work_on_it_hear_that_it_is_open(review: Review) -> None:
    assert {"rita", "mia", "mark"} <= told(ReviewNews.OPENED)
    assert not {"anna", "ben"} & told(ReviewNews.OPENED)
    headline, _, page = words(who("mia"), ReviewNews.OPENED)
    assert (headline, page) == ("Governance review 2026-03 is open", "/reviews/2026-03/")


def test_a_finding_is_told_to_its_owner_alone(review: Review) -> None:
    one = give("anna")
    assert told(ReviewNews.GIVEN) == {"anna"}
    assert words(who("anna"), ReviewNews.GIVEN) == (
        f"Finding 2026-03/{one.number} is yours",
        "Forms lose leads. It is due on 2026-04-10.",
        f"/reviews/2026-03/findings/{one.number}/",
    )
    give("rita")
    assert told(ReviewNews.GIVEN) == {"anna"}


def test_an_overdue_finding_is_told_once(review: Review) -> None:
    one = give("anna")
    step = jobs.BESIDE["reviews"]
    assert step(APRIL + 9 * DAY, 0.0)["findings_overdue"] == 0
    assert step(APRIL + 10 * DAY, 0.0)["findings_overdue"] == 1
    assert step(APRIL + 11 * DAY, 0.0)["findings_overdue"] == 0
    assert words(who("anna"), ReviewNews.LATE)[0] == f"Finding 2026-03/{one.number} is overdue"


def test_what_is_done_is_not_overdue(review: Review) -> None:
    one = give("anna")
    findings.done(MARCH, one.number, by=who("anna"), note="Mended.", now=APRIL + DAY)
    assert jobs.BESIDE["reviews"](APRIL + 10 * DAY, 0.0)["findings_overdue"] == 0


def test_signers_and_deputies_are_asked_and_asked_no_more(review: Review) -> None:
    mark, ben = who("mark"), who("ben")
    deputies.name(
        signer=mark, deputy=ben, by=mark, starts_at=APRIL, ends_at=APRIL + 9 * DAY, now=APRIL
    )
    decide_all(review)
    closing.submit(MARCH, by=who("rita"), now=APRIL + HOUR)
    assert {"mia", "mark", "ben"} <= told(ReviewNews.TO_SIGN)
    sign("mia", "SALES")
    assert "mia" not in told(ReviewNews.TO_SIGN)
    assert "mark" in told(ReviewNews.TO_SIGN)
    sign("mark", "MARKETING")
    assert told(ReviewNews.TO_SIGN) == set()
    assert {"rita", "mia", "mark"} <= told(ReviewNews.CLOSED)


def test_a_text_that_was_changed_is_asked_for_anew(review: Review) -> None:
    decide_all(review)
    closing.submit(MARCH, by=who("rita"), now=APRIL + HOUR)
    sign("mia", "SALES")
    give("anna", by="mark")
    assert {"mia", "mark"} <= told(ReviewNews.TO_SIGN)


def test_closing_tells_nobody_twice(review: Review) -> None:
    close(review)
    rows = Notice.objects.filter(kind__in=ReviewNews.values).values_list("to", "kind", "matter")
    assert len(rows) == len(set(rows))
