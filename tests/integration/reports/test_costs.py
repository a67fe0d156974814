from __future__ import annotations

import dataclasses
import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError

from core import errors
from leads import exchange
from leads.models import ExchangeRate
from people.models import User
from reports import cost_acts, costs, restating, statements
from reports.cost_acts import Said
from reports.models import CostEntry
from reports.models.statement import Kind
from reports.periods import Period
from tests import factories, threads

pytestmark = pytest.mark.django_db

OCTOBER = dt.date(2026, 10, 1), dt.date(2026, 10, 31)
IN_TIME = dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
MONTH = Period.of_days(*OCTOBER, dt.UTC)


@pytest.fixture
def fiona() -> User:
    return factories.user("fiona", role="FINANCE")


def said(**parts: Any) -> Said:
    usual = {"first_day": OCTOBER[0], "last_day": OCTOBER[1], "source": "PAID",
             "amount": Decimal("3100"), "currency": "EUR", "label": "Google Ads"}  # fmt: skip
    return Said(**{**usual, **parts})


def rate(currency: str, day: dt.date, worth: str) -> None:
    ExchangeRate.objects.create(currency=currency, day=day, rate=Decimal(worth), source="test")


def test_a_cost_is_worth_what_the_rate_of_its_last_day_says(fiona: User) -> None:
    rate("USD", dt.date(2026, 10, 30), "0.9")
    rate("USD", dt.date(2026, 11, 2), "0.5")
    entry = cost_acts.enter(said(currency="usd", amount=Decimal(1000)), by=fiona, now=IN_TIME)
    assert (entry.amount_base, entry.rate_date) == (Decimal("900.00"), dt.date(2026, 10, 30))


def test_without_a_rate_the_worth_is_not_known_and_said_so(fiona: User) -> None:
    entry = cost_acts.enter(said(currency="USD"), by=fiona, now=IN_TIME)
    assert entry.amount_base is None
    assert costs.share_of(entry, MONTH) is None
    found = costs.spent(MONTH)["PAID"]
    assert (found.amount, found.unvalued) == (Decimal(0), (entry.number,))
    rate("USD", dt.date(2026, 10, 31), "0.9")
    (valued,) = cost_acts.value_unvalued(by=fiona, now=LATER)
    assert (valued.kind, valued.amount_base) == (Kind.VALUED, Decimal("2790.00"))
    assert cost_acts.value_unvalued(by=fiona, now=LATER) == []
    assert costs.spent(MONTH, known=IN_TIME)["PAID"].unvalued == (entry.number,)


def test_entering_a_rate_values_what_lacked_it(fiona: User) -> None:
    entry = cost_acts.enter(said(currency="USD"), by=fiona, now=IN_TIME)
    other = cost_acts.enter(said(currency="CHF", label="Bing"), by=fiona, now=IN_TIME)
    rate("USD", dt.date(2026, 10, 31), "0.9")
    exchange.fill("USD", by_id=fiona.pk, now=LATER)
    head = statements.head(CostEntry, entry.number)
    assert (head.kind, head.amount_base, head.by) == (Kind.VALUED, Decimal("2790.00"), fiona)
    assert statements.head(CostEntry, other.number).version == 1


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_done_restatements_explain_the_difference(fiona: User, seed: int) -> None:
    rng = random.Random(seed)
    at, then, before = IN_TIME, IN_TIME, Decimal(0)
    for step in range(24):
        at += dt.timedelta(hours=1)
        if step == 12:
            then, before = at - factories.MINUTE, costs.spent(MONTH)["PAID"].amount
        first = OCTOBER[0] + dt.timedelta(days=rng.randrange(-20, 20))
        one = said(
            first_day=first, last_day=first + dt.timedelta(days=rng.randrange(60)),
            amount=Decimal(rng.randrange(10**6)) / 100, label=f"Vendor {step}",
        )  # fmt: skip
        heads = [head.number for head in costs.entries_as_of()]
        deed = rng.choice(["enter", "correct", "withdraw"]) if len(heads) > 3 else "enter"
        if deed == "enter":
            cost_acts.enter(one, by=fiona, now=at)
        elif deed == "correct":
            cost_acts.correct(rng.choice(heads), one, reason="x", by=fiona, now=at)
        else:
            number = rng.choice(heads)
            cost_acts.withdraw(number, reason="x", by=fiona, now=at)
            if rng.random() < 0.5:
                cost_acts.undo(number, by=fiona, now=at)
    told = restating.restated_since(then, MONTH)
    assert costs.spent(MONTH, known=then)["PAID"].amount == before
    assert costs.spent(MONTH)["PAID"].amount - before == sum(one.delta or 0 for one in told)


def test_a_restatement_is_told_in_a_sentence(fiona: User) -> None:
    entry = cost_acts.enter(said(), by=fiona, now=IN_TIME)
    cost_acts.correct(
        entry.number, said(amount=Decimal(4300)), reason="the invoice came", by=fiona, now=LATER
    )
    (told,) = restating.restated_since(IN_TIME, MONTH)
    assert restating.in_words(told) == (
        "Corrected on 20 Nov by Fiona: +1,200 EUR for Paid, because the invoice came"
    )


def test_a_correction_replaces_and_what_was_known_before_stays_known(fiona: User) -> None:
    first = cost_acts.enter(said(), by=fiona, now=IN_TIME)
    more = said(amount=Decimal(4300))
    cost_acts.correct(first.number, more, reason="The invoice came", by=fiona, seen=1, now=LATER)
    assert costs.spent(MONTH)["PAID"].amount == Decimal("4300.00")
    assert costs.spent(MONTH, known=IN_TIME)["PAID"].amount == Decimal("3100.00")
    assert costs.spent(MONTH, known=IN_TIME - dt.timedelta(seconds=1)) == {}
    (told,) = restating.restated_since(IN_TIME, MONTH)
    assert (told.delta, told.by, told.reason, told.late) == (
        Decimal("1200.00"), fiona, "The invoice came", True,
    )  # fmt: skip


def test_a_withdrawn_cost_counts_no_longer_and_can_be_taken_back(fiona: User) -> None:
    entry = cost_acts.enter(said(), by=fiona, now=IN_TIME)
    cost_acts.withdraw(entry.number, reason="Entered twice", by=fiona, now=LATER)
    assert costs.spent(MONTH) == {}
    with pytest.raises(errors.TooLate, match="was withdrawn"):
        cost_acts.correct(entry.number, said(note="x"), reason="why", by=fiona)
    again = cost_acts.undo(entry.number, by=fiona, now=LATER + factories.MINUTE)
    assert (again.kind, again.withdrawn, again.version) == (Kind.UNDONE, False, 3)
    assert costs.spent(MONTH)["PAID"].amount == Decimal("3100.00")
    with pytest.raises(errors.TooLate, match="no longer"):
        cost_acts.undo(entry.number, by=fiona, now=LATER + factories.MINUTE)


def test_undoing_what_was_entered_withdraws_it(fiona: User) -> None:
    entry = cost_acts.enter(said(), by=fiona, now=IN_TIME)
    cost_acts.undo(entry.number, by=fiona, now=IN_TIME + factories.MINUTE)
    assert costs.spent(MONTH) == {}
    cost_acts.enter(said(), by=fiona, now=LATER)


def test_undo_is_for_who_did_it_and_not_for_long(fiona: User) -> None:
    entry = cost_acts.enter(said(), by=fiona, now=IN_TIME)
    rita = factories.user("rita", role="REVOPS")
    with pytest.raises(errors.TooLate):
        cost_acts.undo(entry.number, by=rita, now=IN_TIME)
    with pytest.raises(errors.TooLate):
        cost_acts.undo(entry.number, by=fiona, now=IN_TIME + dt.timedelta(minutes=11))


def test_a_withdrawal_is_not_taken_back_when_the_cost_was_entered_anew(fiona: User) -> None:
    entry = cost_acts.enter(said(), by=fiona, now=IN_TIME)
    cost_acts.withdraw(entry.number, reason="Wrong", by=fiona, now=LATER)
    anew = cost_acts.enter(said(), by=fiona, now=LATER)
    with pytest.raises(errors.InvalidInput, match=f"#{anew.number}"):
        cost_acts.undo(entry.number, by=fiona, now=LATER)


def test_the_same_cost_is_refused_with_the_entry_that_speaks_of_it(fiona: User) -> None:
    first = cost_acts.enter(said(), by=fiona, now=IN_TIME)
    with pytest.raises(errors.InvalidInput, match=f"#{first.number} speaks of the same") as refused:
        cost_acts.enter(said(amount=Decimal(5), label="GOOGLE  ads"), by=fiona, now=IN_TIME)
    assert refused.value.errors[0].field == "label"
    cost_acts.enter(said(label="Bing"), by=fiona, now=IN_TIME)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": Decimal("-1")}, "amount"),
        ({"amount": Decimal("1.234")}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
        ({"amount": Decimal(10) ** 15}, "amount"),
        ({"last_day": dt.date(2026, 9, 30)}, "last_day"),
        ({"last_day": dt.date(2027, 10, 31)}, "last_day"),
        ({"first_day": dt.date(1026, 10, 1)}, "first_day"),
        ({"source": "ADS"}, "source"),
        ({"channel": "FAX"}, "channel"),
        ({"currency": "EURO"}, "currency"),
        ({"label": "x" * 201}, "label"),
        ({"note": "a\0b"}, "note"),
    ],
)
def test_what_cannot_be_is_refused_by_field(fiona: User, wrong: Any, field: str) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        cost_acts.enter(said(**wrong), by=fiona, now=IN_TIME)
    assert [one.field for one in refused.value.errors] == [field]
    assert not CostEntry.objects.exists()


def test_nought_is_a_cost_that_is_known(fiona: User) -> None:
    cost_acts.enter(said(source="ORGANIC", amount=Decimal(0)), by=fiona, now=IN_TIME)
    assert costs.spent(MONTH)["ORGANIC"].amount == 0
    assert "EVENT" not in costs.spent(MONTH)


def test_a_correction_needs_a_reason_and_a_change(fiona: User) -> None:
    entry = cost_acts.enter(said(), by=fiona, now=IN_TIME)
    with pytest.raises(errors.InvalidInput, match="Say why"):
        cost_acts.correct(entry.number, said(amount=Decimal(1)), reason="  ", by=fiona)
    with pytest.raises(errors.InvalidInput, match="Nothing was changed"):
        cost_acts.correct(entry.number, said(), reason="why", by=fiona)


def test_who_has_not_seen_the_last_row_is_told_who_was_first(fiona: User) -> None:
    entry = cost_acts.enter(said(), by=fiona, now=IN_TIME)
    more = said(amount=Decimal(4300))
    cost_acts.correct(entry.number, more, reason="invoice", by=fiona, seen=1, now=LATER)
    with pytest.raises(errors.TooLate, match=str(fiona)):
        cost_acts.correct(
            entry.number, said(amount=Decimal(5)), reason="other", by=fiona, seen=1, now=LATER
        )


def test_the_rate_stays_when_only_the_amount_is_corrected(fiona: User) -> None:
    rate("USD", dt.date(2026, 10, 31), "0.9")
    entry = cost_acts.enter(said(currency="USD"), by=fiona, now=IN_TIME)
    ExchangeRate.objects.update(rate=Decimal(2))
    more = dataclasses.replace(cost_acts.said_by(entry), amount=Decimal(1000))
    found = cost_acts.correct(entry.number, more, reason="invoice", by=fiona, now=LATER)
    assert found.amount_base == Decimal("900.00")


@pytest.mark.parametrize("role", ["SDR", "AE", "MANAGER", "AUDITOR", "ADMIN", "PARTNER_MANAGER"])
def test_others_do_not_enter_costs(role: str) -> None:
    with pytest.raises(errors.NotAllowed):
        cost_acts.enter(said(), by=factories.user("otto", role=role), now=IN_TIME)


def test_rows_are_neither_changed_nor_deleted(fiona: User) -> None:
    entry = cost_acts.enter(said(), by=fiona, now=IN_TIME)
    with pytest.raises(DatabaseError), transaction.atomic():
        CostEntry.objects.filter(pk=entry.pk).update(amount=1)
    with pytest.raises((DatabaseError, ProtectedError)), transaction.atomic():
        CostEntry.objects.filter(pk=entry.pk).delete()


def test_restatements_add_up_to_the_difference(fiona: User) -> None:
    one = cost_acts.enter(said(), by=fiona, now=IN_TIME)
    quarter = said(label="Fair", last_day=dt.date(2026, 12, 31), amount=Decimal("920.01"))
    two = cost_acts.enter(quarter, by=fiona, now=IN_TIME)
    then = costs.spent(MONTH)["PAID"].amount
    cost_acts.correct(one.number, said(amount=Decimal(7)), reason="a", by=fiona, now=LATER)
    moved = dataclasses.replace(quarter, first_day=dt.date(2026, 11, 1))
    cost_acts.correct(two.number, moved, reason="b", by=fiona, now=LATER)
    cost_acts.enter(said(label="New"), by=fiona, now=LATER)
    told = restating.restated_since(IN_TIME, MONTH)
    deltas = [one.delta for one in told if one.delta is not None]
    assert [one.kind for one in told] == [Kind.CORRECTED, Kind.CORRECTED, Kind.ENTERED]
    assert costs.spent(MONTH)["PAID"].amount - then == sum(deltas)
    assert [one.late for one in told] == [True, True, True]


def test_of_one_source_a_move_to_another_is_a_loss(fiona: User) -> None:
    one = cost_acts.enter(said(), by=fiona, now=IN_TIME)
    cost_acts.correct(one.number, said(source="EVENT"), reason="a fair", by=fiona, now=LATER)
    (paid,) = restating.restated_since(IN_TIME, MONTH, source="PAID")
    (event,) = restating.restated_since(IN_TIME, MONTH, source="EVENT")
    assert (paid.delta, event.delta) == (Decimal(-3100), Decimal(3100))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_restate_at_once_one_is_told_who_was_first() -> None:
    fiona, rita = factories.user("fiona", role="FINANCE"), factories.user("rita", role="REVOPS")
    entry = cost_acts.enter(said(), by=fiona)
    results = threads.together([
        lambda who=who, amount=amount: cost_acts.correct(  # type: ignore[misc]
            entry.number, said(amount=Decimal(amount)), reason="mine", by=who, seen=1
        )
        for who, amount in ((fiona, 1), (rita, 2))
    ])  # fmt: skip
    assert sorted(type(one).__name__ for one in results) == ["CostEntry", "TooLate"]
    assert statements.heads(CostEntry).count() == 1
    assert statements.chain(CostEntry, entry.number).count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_enter_the_same_at_once_one_is_refused() -> None:
    fiona, rita = factories.user("fiona", role="FINANCE"), factories.user("rita", role="REVOPS")
    results = threads.together([lambda who=who: cost_acts.enter(said(), by=who)  # type: ignore[misc]
                                for who in (fiona, rita)])  # fmt: skip
    assert sorted(type(one).__name__ for one in results) == ["CostEntry", "InvalidInput"]
