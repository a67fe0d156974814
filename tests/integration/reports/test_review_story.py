"""Two months of reviews by paper: findings, decisions, two signatures, what is carried over."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from django.db import DatabaseError, connection, transaction

from core import errors
from governance import deputies
from people.models import Role, User
from reports.drift import alarms
from reports.models import Review, ReviewFinding, ReviewState, ReviewStep
from reports.reviews import closing, content, findings, opening, pack, pack_html, packs
from reports.reviews.findings import Given
from tests import factories
from tests.factories import DAY, HOUR
from tests.integration.reports.conftest import LATER, Drifted
from tests.reviewing import APRIL, MARCH, MAY, close, decide, decide_all, sign, who

pytestmark = pytest.mark.django_db

Decision = ReviewFinding.Decision


@pytest.fixture
def review(drifted: Drifted) -> Review:
    alarms.watch(LATER)
    assert opening.open_due(APRIL) == 1
    return Review.objects.get()


def test_nobody_asks_for_signatures_while_a_finding_lacks_anything(review: Review) -> None:
    with pytest.raises(
        closing.Lacking, match="Finding 1 lacks a decision, an owner and a due date"
    ):
        closing.submit(MARCH, by=who("rita"), now=APRIL)
    decide_all(review)
    assert closing.submit(MARCH, by=who("rita"), now=APRIL + HOUR).state == ReviewState.SIGNING


def test_what_is_accepted_as_it_is_needs_no_day_and_is_of_who_said_so(review: Review) -> None:
    text = review.findings.get(number=1).text
    given = Given(text, None, None, Decision.ACCEPT, "It was a fair.")
    made = findings.change(MARCH, 1, given, by=who("mark"), now=APRIL)
    assert (made.owner, made.due_on) == (who("mark"), None)
    assert content.lacks([made]) == []


def test_both_sign_and_it_closes_for_ever(review: Review) -> None:
    closed = close(review)
    assert (closed.state, closed.closed_at) == (ReviewState.CLOSED, APRIL + 3 * HOUR)
    assert closed.checksum == content.of(closed).checksum == closed.content["checksum"]
    assert [one["by"] for one in closed.content["signatures"]] == ["Mia", "Mark"]
    for act in (
        lambda: decide(1),
        lambda: findings.add(MARCH, Given("Late."), by=who("rita"), now=APRIL + DAY),
        lambda: closing.take_back(MARCH, by=who("rita"), now=APRIL + DAY),
        lambda: sign("mia", "SALES"),
    ):
        with pytest.raises(errors.TooLate, match="closed and signed"):
            act()
    for rows, change in (
        (Review.objects.filter(pk=closed.pk), {"checksum": "0"}),
        (Review.objects.filter(pk=closed.pk), {"state": "OPEN"}),
        (closed.findings.filter(number=1), {"text": "Nothing."}),
        (closed.signatures, {"party": "SALES"}),
        (closed.log, {"at": APRIL}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)  # type: ignore[attr-defined]


def test_without_both_signatures_the_database_closes_nothing(review: Review) -> None:
    with transaction.atomic():
        Review.objects.filter(pk=review.pk).update(
            state="CLOSED", closed_at=APRIL, content={}, checksum="a", pack_checksum="b"
        )
        with pytest.raises(DatabaseError, match="both signatures"), transaction.atomic():
            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def test_a_change_after_a_signature_voids_it_visibly(review: Review) -> None:
    decide_all(review)
    closing.submit(MARCH, by=who("rita"), now=APRIL + HOUR)
    sign("mia", "SALES")
    decide(1, Decision.LOOK)
    review.refresh_from_db()
    assert review.state == ReviewState.SIGNING
    stand = closing.standing(review, content.of(review).checksum)
    assert ([one.party for one in stand.void], stand.missing) == (["SALES"], ("SALES", "MARKETING"))
    assert review.log.get(kind=ReviewStep.Kind.VOIDED).before["parties"] == ["SALES"]
    sign("mark", "MARKETING")
    review.refresh_from_db()
    assert review.state == ReviewState.SIGNING
    sign("mia", "SALES")
    review.refresh_from_db()
    assert review.state == ReviewState.CLOSED


def test_an_unfinished_finding_takes_it_back_to_work(review: Review) -> None:
    decide_all(review)
    closing.submit(MARCH, by=who("rita"), now=APRIL + HOUR)
    findings.add(MARCH, Given("Forms lose leads."), by=who("mark"), now=APRIL + HOUR)
    review.refresh_from_db()
    assert review.state == ReviewState.OPEN


def test_who_signs_sees_the_text_that_is_signed(review: Review) -> None:
    decide_all(review)
    closing.submit(MARCH, by=who("rita"), now=APRIL + HOUR)
    seen = content.of(review).checksum
    decide(1, Decision.LOOK)
    with pytest.raises(errors.TooLate, match="changed since you opened it"):
        closing.sign(MARCH, "SALES", by=who("mia"), seen=seen, now=APRIL + HOUR)


@pytest.mark.parametrize(
    ("name", "party", "said"),
    [
        ("rita", "SALES", "cannot sign for Sales"),
        ("anna", "SALES", "cannot sign for Sales"),
        ("mia", "MARKETING", "cannot sign for Marketing"),
        ("mark", "APPROVER", "signs no reviews"),
    ],
)
def test_only_managers_and_marketing_sign(review: Review, name: str, party: str, said: str) -> None:
    decide_all(review)
    closing.submit(MARCH, by=who("rita"), now=APRIL + HOUR)
    with pytest.raises(errors.DomainError, match=said):
        sign(name, party)


def test_two_people_sign_deputies_allowed(review: Review) -> None:
    decide_all(review)
    closing.submit(MARCH, by=who("rita"), now=APRIL + HOUR)
    mia, mark, anna = who("mia"), who("mark"), who("anna")
    for signer in (mia, mark):
        deputies.name(
            signer=signer, deputy=anna, by=signer, starts_at=APRIL, ends_at=APRIL + 30 * DAY,
            now=APRIL,
        )  # fmt: skip
    assert sign("anna", "SALES").deputy_of == mia
    with pytest.raises(errors.NotAllowed, match="another person"):
        sign("anna", "MARKETING")
    sign("mark", "MARKETING")
    review.refresh_from_db()
    assert review.content["signatures"][0]["deputy_of"] == "Mia"


def test_what_is_not_done_comes_along_and_what_is_late_is_decided_anew(review: Review) -> None:
    closed = close(review)
    first, second, *_ = closed.findings.order_by("number")
    findings.done(MARCH, first.number, by=who("mia"), note="Coached.", now=APRIL + 5 * DAY)
    with pytest.raises(errors.TooLate, match="reported it as done"):
        findings.done(MARCH, first.number, by=who("mia"), note="Again.", now=APRIL + 6 * DAY)
    assert opening.open_due(MAY) == 1
    april = Review.objects.get(month=dt.date(2026, 4, 1))
    carried = {one.carried_from_id: one for one in april.findings.exclude(carried_from=None)}
    assert first.pk not in carried
    late = carried[second.pk]
    assert (late.decision, late.due_on, late.owner) == ("", None, who("mia"))
    assert "It was due on 2026-04-11: decide it anew." in late.evidence
    rows = next(one for one in april.snapshot["sections"] if one["key"] == "findings.earlier")
    assert len(rows["rows"]) == len(carried) == closed.findings.count() - 1
    with pytest.raises(errors.TooLate, match="2026-04/"):
        findings.done(MARCH, second.number, by=who("mia"), note="Done.", now=MAY)
    assert close(april, now=MAY + HOUR).number == "2026-04"


def test_what_is_not_late_keeps_its_decision(review: Review) -> None:
    closed = close(review)
    day = (MAY + 9 * DAY).date()
    assert closed.findings.count() > 1
    Review.objects.filter(month=dt.date(2026, 4, 1)).exists()
    assert opening.open_due(MAY) == 1
    april = Review.objects.get(month=dt.date(2026, 4, 1))
    decide_all(april, now=MAY, due=day)
    close(april, now=MAY + HOUR)
    june = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    assert opening.open_due(june) == 1
    late = Review.objects.get(month=dt.date(2026, 5, 1)).findings.exclude(carried_from=None)
    assert {one.decision for one in late} == {""}
    assert day < june.date()


def test_a_form_opened_before_a_change_overwrites_nothing(review: Review) -> None:
    old = review.findings.get(number=1)
    seen = findings.state_of(old)
    decide(1)
    with pytest.raises(errors.TooLate, match="changed since you opened it"):
        findings.change(MARCH, 1, Given("Mine."), by=who("mark"), now=APRIL, seen=seen)
    assert review.findings.get(number=1).text == old.text


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Given("  "), "text"),
        (Given("x" * 1001), "text"),
        (Given("A", decision="FIRE", reason="-"), "decision"),
        (Given("A", decision=Decision.COACH), "reason"),
        (Given("A", due_on=dt.date(2026, 3, 31)), "due_on"),
    ],
)
def test_bad_input_is_named(review: Review, given: Given, field: str) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        findings.add(MARCH, given, by=who("rita"), now=APRIL)
    assert [one.field for one in refused.value.errors] == [field]


def test_reps_and_auditors_add_nothing(review: Review) -> None:
    for user in (who("anna"), factories.user("aud", role=Role.AUDITOR)):
        with pytest.raises(errors.NotAllowed):
            findings.add(MARCH, Given("A"), by=user, now=APRIL)
    with pytest.raises(errors.NotAllowed):
        closing.submit(MARCH, by=who("mark"), now=APRIL)


def test_every_change_is_logged_with_what_was_before(review: Review) -> None:
    decide(1)
    step = review.log.get(kind=ReviewStep.Kind.CHANGED)
    assert (step.by, step.before["decision"], step.after["decision"]) == (who("rita"), "", "COACH")
    findings.change(MARCH, 1, Given(**{**_given(1)}), by=who("rita"), now=APRIL)
    assert review.log.filter(kind=ReviewStep.Kind.CHANGED).count() == 1


def _given(place: int) -> dict[str, object]:
    one = ReviewFinding.objects.get(number=place)
    return {"text": one.text, "owner": one.owner, "due_on": one.due_on, "decision": one.decision,
            "reason": one.reason}  # fmt: skip


def test_the_pack_made_anew_is_the_one_that_was_signed(review: Review) -> None:
    closed = close(review)
    first = packs.html_for(closed, who("rita")).content
    assert hashlib.sha256(first).hexdigest() == closed.pack_checksum
    assert packs.html_for(Review.objects.get(pk=closed.pk), who("mark")).content == first
    assert packs.faults(closed) == []
    User.objects.filter(username="mia").update(first_name="Maria")
    again = Review.objects.get(pk=closed.pk)
    assert packs.html_for(again, who("rita")).content == first
    text = first.decode()
    for said in ("Governance review 2026-03", closed.checksum, "Glossary of formulas", "Mia",
                 "Signed for Sales", "Fairness of pools", "Kit changes and approvers"):  # fmt: skip
        assert said in text


def test_a_rep_reads_it_without_the_figures_of_colleagues(review: Review) -> None:
    closed = close(review)
    mine = packs.html_for(closed, who("anna")).content.decode()
    whole = packs.html_for(closed, who("rita")).content.decode()
    assert ">Ben<" in whole
    assert ">Ben<" not in mine
    assert ">Anna<" in mine
    assert pack.WITHHELD in mine
    assert ">Content syndication<" in whole.split('id="costs"')[1]
    assert ">Content syndication<" not in mine.split('id="costs"')[1].split("</section>")[0]
    assert closed.checksum in mine


def test_what_was_tampered_with_is_found(review: Review) -> None:
    closed = close(review)
    closed.content["text"]["findings"][0]["text"] = "All is well."
    assert "its text is not that of the checksum that was signed" in packs.faults(closed)
    assert any("made anew" in one for one in packs.faults(closed))
    assert pack_html.checksum(closed.content) != closed.pack_checksum
