"""A registration is extended before it runs out, taken back, and warned of when its end is near."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from core.errors import InvalidInput, NotAllowed, NotFound, TooLate
from leads.models import Account, PartnerConflict, PartnerExtension, PartnerRegistration
from lifecycle import jobs, mails, partner_expiry, partner_extending, partnering
from lifecycle.invariants import run
from lifecycle.models import Notice
from people.models import User
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW, Company

pytestmark = pytest.mark.django_db

END = NOW + 90 * DAY
LATER = NOW + 60 * DAY
"""When it is extended, in these tests."""


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


@pytest.fixture
def karl(company: Company) -> User:
    return factories.rep("karl", pools=[], role="AE")


@pytest.fixture
def row(company: Company, karl: User) -> PartnerRegistration:
    nord, acme = account("nord", status="PARTNER", owner=karl), account("acme")
    made = partnering.register(account_id=acme.pk, partner_id=nord.pk, by=karl, now=NOW)
    assert made.registration is not None
    return made.registration


def account(name: str, **columns: Any) -> Account:
    return Account.objects.create(
        domain=f"{name}.example", name=name.title(), name_key=name, created_at=NOW, **columns
    )


def extend(row: PartnerRegistration, by: User, **given: Any) -> PartnerExtension:
    given = {"until": END + 30 * DAY, "reason": "the pilot goes on", "now": LATER, **given}
    return partner_extending.extend(registration_id=row.pk, by=by, **given)


def undo(made: PartnerExtension, by: User, now: dt.datetime = LATER + MINUTE) -> PartnerExtension:
    return partner_extending.undo(extension_id=made.pk, by=by, now=now)


def ends(row: PartnerRegistration) -> dt.datetime:
    row.refresh_from_db()
    return row.until_at


def broken(now: dt.datetime) -> list[str]:
    found = (one.invariant.key for one in run.check(now=now) if one.found.count)
    return [key for key in found if key.startswith("partner")]


def test_who_looks_after_the_partner_extends_it_with_a_reason_that_its_history_keeps(
    row: PartnerRegistration, karl: User
) -> None:
    made = extend(row, karl, reason="  the pilot \n goes on ")
    assert ends(row) == END + 30 * DAY
    assert (made.until_before, made.reason, made.extended_by) == (END, "the pilot goes on", karl)
    last = row.history.latest()
    assert (last.until_at, last.history_change_reason, last.history_user) == (
        row.until_at, "the pilot goes on", karl,
    )  # fmt: skip
    assert partnering.in_force(row.account_id, END + DAY) == row
    assert not broken(END)


def test_it_is_taken_back_and_has_its_old_end(
    row: PartnerRegistration, karl: User, company: Company
) -> None:
    undo(extend(row, karl), karl)
    assert ends(row) == END
    undo(extend(row, karl), company.manager)
    assert ends(row) == END
    assert PartnerExtension.objects.filter(undone_by__isnull=False).count() == 2
    assert not broken(LATER)


def test_only_who_extended_it_and_who_decides_takes_it_back(
    row: PartnerRegistration, karl: User, company: Company
) -> None:
    made = extend(row, company.revops)
    with pytest.raises(NotAllowed):
        undo(made, karl)
    with pytest.raises(NotAllowed):
        undo(made, company.reps[0])


def test_others_may_not_extend_it(row: PartnerRegistration, company: Company) -> None:
    for by in (*company.reps, company.marketing):
        with pytest.raises(NotAllowed):
            extend(row, by)


@pytest.mark.parametrize(
    ("days", "manager", "words"),
    [
        (0, True, "runs until"),
        (-1, False, "runs until"),
        (62, True, "RevOps and managers may go further"),
        (1_070, False, "You may extend it up to"),
        (3_000_000, False, "You may extend it up to"),
    ],
)
def test_its_new_end_is_later_and_not_too_far(
    days: int, manager: bool, words: str, row: PartnerRegistration, karl: User, company: Company
) -> None:
    until = dt.datetime.max.replace(tzinfo=dt.UTC) if days > 9999 else END + days * DAY
    with pytest.raises(InvalidInput, match=words) as refused:
        extend(row, karl if manager else company.revops, until=until)
    assert [fault.field for fault in refused.value.errors] == ["until"]
    assert ends(row) == END


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_it_asks_why(reason: str, row: PartnerRegistration, karl: User) -> None:
    with pytest.raises(InvalidInput, match="Say why"):
        extend(row, karl, reason=reason)


def test_what_has_run_out_or_ended_says_so(
    row: PartnerRegistration, karl: User, company: Company
) -> None:
    with pytest.raises(TooLate, match=r"It ran out on .*: register the company anew"):
        extend(row, company.revops, now=END)
    extend(row, karl, now=END - MINUTE, until=END + DAY)
    partnering.withdraw(registration_id=row.pk, by=karl, reason="lost", now=END)
    with pytest.raises(TooLate, match="over already"):
        extend(row, company.revops, now=END + MINUTE, until=END + 9 * DAY)
    with pytest.raises(NotFound):
        partner_extending.extend(registration_id=0, until=END, by=karl, reason="x", now=NOW)
    with pytest.raises(NotFound):
        partner_extending.undo(extension_id=0, by=karl, now=NOW)


def test_while_another_claims_the_company_only_who_decides_extends_it(
    row: PartnerRegistration, karl: User, company: Company
) -> None:
    sued = account("sued", status="PARTNER")
    partnering.register(account_id=row.account_id, partner_id=sued.pk, by=company.revops, now=LATER)
    with pytest.raises(TooLate, match="decides first") as late:
        extend(row, karl)
    assert late.value.state == {"conflict": str(PartnerConflict.objects.get().pk)}
    extend(row, company.manager)
    assert ends(row) > END


def test_a_conflict_given_away_is_not_taken_back_once_the_new_registration_was_extended(
    row: PartnerRegistration, company: Company
) -> None:
    by, sued = company.revops, account("sued", status="PARTNER")
    made = partnering.register(account_id=row.account_id, partner_id=sued.pk, by=by, now=LATER)
    assert made.conflict is not None
    told = {"conflict_id": made.conflict.pk, "by": by, "now": LATER}
    given = partnering.decide(verdict="GIVEN_TO_SECOND", reason="proof", **told).made
    assert given is not None
    longer = extend(given, by, until=LATER + 120 * DAY)
    with pytest.raises(TooLate, match="extended meanwhile"):
        partnering.undo(**told)
    undo(longer, by, now=LATER)
    assert partnering.undo(**told).state == "OPEN"


@pytest.mark.parametrize(
    ("then", "words"),
    [
        (LATER + DAY, "minutes only"),
        (END, "old end has passed"),
    ],
)
def test_it_is_not_taken_back_too_late(
    then: dt.datetime, words: str, row: PartnerRegistration, karl: User
) -> None:
    made = extend(row, karl, now=then - (DAY if then == LATER + DAY else MINUTE))
    with pytest.raises(TooLate, match=words):
        undo(made, karl, now=then)


def test_only_the_last_extension_is_taken_back_and_once(
    row: PartnerRegistration, karl: User
) -> None:
    first = extend(row, karl, until=END + DAY)
    second = extend(row, karl, until=END + 9 * DAY)
    with pytest.raises(TooLate, match="extended further meanwhile"):
        undo(first, karl)
    undo(second, karl)
    undo(first, karl)
    with pytest.raises(TooLate, match="taken back already"):
        undo(first, karl)
    assert ends(row) == END


def test_the_database_keeps_one_extension_from_each_end_and_none_of_what_ran_out(
    row: PartnerRegistration, karl: User
) -> None:
    made = extend(row, karl)
    twin: dict[str, Any] = {"registration": row, "reason": "x", "extended_by": karl}
    end = made.until_after
    for before, after, at in (
        (END, END + DAY, LATER), (end, END, LATER), (end, end + DAY, end),
    ):  # fmt: skip
        told = {"until_before": before, "until_after": after, "extended_at": at}
        with pytest.raises(IntegrityError), transaction.atomic():
            PartnerExtension.objects.create(**twin, **told)


def test_who_looks_after_the_partner_is_told_once_for_each_end(
    row: PartnerRegistration, karl: User
) -> None:
    assert partner_expiry.warn(now=END - 15 * DAY) == 0
    assert jobs.sweep(END - 14 * DAY)["registrations_warned"] == 1
    assert partner_expiry.warn(now=END - 13 * DAY) == 0
    notice = Notice.objects.get(kind="EXPIRING")
    assert (notice.to, notice.registration) == (karl, row)
    mails.send_due(now=END - 13 * DAY)
    (sent,) = [one for one in mail.outbox if one.to == [karl.email]]
    assert sent.subject == "Runs out soon: Acme"
    assert "Nord has registered Acme until" in sent.body
    assert f"/partners/registrations/{row.pk}/extend/" in sent.body
    extend(row, karl, now=END - DAY)
    assert partner_expiry.warn(now=END) == 0
    assert partner_expiry.warn(now=END + 17 * DAY) == 1
    assert Notice.objects.filter(kind="EXPIRING").count() == 2


def test_nobody_is_told_of_what_is_over_or_was_short_from_the_start(
    row: PartnerRegistration, karl: User, company: Company
) -> None:
    brief = partnering.register(
        account_id=account("brief").pk, partner_id=row.partner_id, by=karl, days=14, now=NOW
    )
    assert brief.registration is not None
    assert partner_expiry.warn(now=NOW + HOUR) == 0
    partnering.withdraw(registration_id=row.pk, by=karl, reason="lost", now=NOW)
    assert partner_expiry.warn(now=END - DAY) == 0
    assert not Notice.objects.filter(kind="EXPIRING").exists()


def test_where_nobody_looks_after_the_partner_revops_is_told(
    row: PartnerRegistration, karl: User, company: Company
) -> None:
    User.objects.filter(pk=karl.pk).update(is_active=False)
    assert partner_expiry.warn(now=END - DAY) == 1
    assert Notice.objects.get(kind="EXPIRING").to == company.revops
