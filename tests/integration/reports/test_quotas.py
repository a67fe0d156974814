from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from core import errors
from people.models import Team, User
from reports import ledger_rights, quota_acts, quotas, restating
from reports.models import QuotaEntry
from reports.periods import Period
from reports.quota_acts import Said
from tests import factories, threads

pytestmark = pytest.mark.django_db

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 12, 31)
IN_TIME = dt.datetime(2026, 9, 20, 9, tzinfo=dt.UTC)
LATER = dt.datetime(2027, 1, 20, 9, tzinfo=dt.UTC)
QUARTER = Period.of_days(FIRST, LAST, dt.UTC)
NOVEMBER = Period.of_days(dt.date(2026, 11, 1), dt.date(2026, 11, 30), dt.UTC)


@pytest.fixture
def rita() -> User:
    return factories.user("rita", role="REVOPS")


@pytest.fixture
def dach() -> Team:
    return factories.team("DACH", manager=factories.user("mia", role="MANAGER"))


def said(**parts: Any) -> Said:
    usual = {"first_day": FIRST, "last_day": LAST, "amount": Decimal(92_000)}
    return Said(**{**usual, **parts})


def test_a_quota_counts_evenly_per_day(rita: User, dach: Team) -> None:
    quota_acts.enter(said(team=dach, deals=9), by=rita, now=IN_TIME)
    found = quotas.of(dach, NOVEMBER)
    assert found is not None
    assert (found.amount, found.deals, found.sqls) == (Decimal(30_000), Decimal("2.94"), None)
    assert found.complete
    assert quotas.of(None, NOVEMBER) is None
    assert quotas.of(rita, NOVEMBER) is None


def test_a_quota_that_leaves_days_open_is_not_complete(rita: User) -> None:
    quota_acts.enter(said(last_day=dt.date(2026, 10, 31)), by=rita, now=IN_TIME)
    found = quotas.of(None, QUARTER)
    assert found is not None
    assert (found.amount, found.complete) == (Decimal(92_000), False)


def test_quotas_of_one_party_do_not_share_days(rita: User, dach: Team) -> None:
    first = quota_acts.enter(said(team=dach), by=rita, now=IN_TIME)
    month = {"first_day": dt.date(2026, 12, 1), "last_day": dt.date(2026, 12, 31)}
    with pytest.raises(errors.InvalidInput, match=f"#{first.number} of DACH is of 2026-10-01"):
        quota_acts.enter(said(team=dach, **month), by=rita, now=IN_TIME)
    quota_acts.enter(said(**month), by=rita, now=IN_TIME)
    quota_acts.enter(said(rep=rita, **month), by=rita, now=IN_TIME)
    following = {"first_day": dt.date(2027, 1, 1), "last_day": dt.date(2027, 1, 31)}
    other = quota_acts.enter(said(team=dach, **following), by=rita, now=IN_TIME)
    back = said(team=dach, first_day=dt.date(2026, 12, 31), last_day=dt.date(2027, 1, 31))
    with pytest.raises(errors.InvalidInput, match="choose days apart"):
        quota_acts.correct(other.number, back, reason="sooner", by=rita)


def test_the_latest_counts_and_what_was_known_stays_known(rita: User) -> None:
    entry = quota_acts.enter(said(), by=rita, now=IN_TIME)
    quota_acts.correct(
        entry.number, said(amount=Decimal(46_000)), reason="A rep left", by=rita, now=LATER
    )
    now, then = quotas.of(None, QUARTER), quotas.of(None, QUARTER, known=IN_TIME)
    assert now is not None
    assert then is not None
    assert (now.amount, then.amount) == (Decimal(46_000), Decimal(92_000))
    (told,) = restating.quotas_restated_since(IN_TIME, QUARTER)
    assert (told.delta, told.reason, told.late) == (Decimal(-46_000), "A rep left", True)


def test_withdrawn_and_taken_back(rita: User) -> None:
    entry = quota_acts.enter(said(), by=rita, now=IN_TIME)
    quota_acts.withdraw(entry.number, reason="Not agreed", by=rita, now=LATER)
    assert quotas.of(None, QUARTER) is None
    quota_acts.undo(entry.number, by=rita, now=LATER)
    assert quotas.of(None, QUARTER) is not None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": Decimal("-1")}, "amount"),
        ({"deals": -1}, "deals"),
        ({"sqls": 10**7}, "sqls"),
        ({"last_day": dt.date(2026, 9, 1)}, "last_day"),
        ({"note": "x" * 3_000}, "note"),
    ],
)
def test_what_cannot_be_is_refused_by_field(rita: User, wrong: Any, field: str) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        quota_acts.enter(said(**wrong), by=rita, now=IN_TIME)
    assert [one.field for one in refused.value.errors] == [field]


def test_managers_set_those_of_their_own_teams(dach: Team, rita: User) -> None:
    mia = User.objects.get(username="mia")
    anna = factories.user("anna", team=dach)
    alien = factories.user("alien", team=factories.team("UK"))
    quota_acts.enter(said(team=dach), by=mia, now=IN_TIME)
    quota_acts.enter(said(rep=anna), by=mia, now=IN_TIME)
    of_alien = quota_acts.enter(said(rep=alien), by=rita, now=IN_TIME)
    for other in ({"rep": alien}, {"team": alien.team}, {}):
        with pytest.raises(errors.NotAllowed):
            quota_acts.enter(said(**other), by=mia, now=IN_TIME)
    with pytest.raises(errors.NotAllowed):
        quota_acts.withdraw(of_alien.number, reason="mine", by=mia)
    moved = dataclasses.replace(quota_acts.said_by(of_alien), rep=anna)
    with pytest.raises(errors.NotAllowed):
        quota_acts.correct(of_alien.number, moved, reason="mine", by=mia)


@pytest.mark.parametrize("role", ["SDR", "AE", "MARKETING", "AUDITOR", "ADMIN"])
def test_others_set_none(role: str) -> None:
    with pytest.raises(errors.NotAllowed):
        quota_acts.enter(said(), by=factories.user("otto", role=role), now=IN_TIME)


def test_who_sees_which(dach: Team, rita: User) -> None:
    uk = factories.team("UK")
    anna, ben = factories.user("anna", team=dach), factories.user("ben", team=dach)
    alien = factories.user("alien", team=uk)
    numbers = {
        name: quota_acts.enter(said(**party), by=rita, now=IN_TIME).number
        for name, party in {
            "company": {}, "dach": {"team": dach}, "uk": {"team": uk},
            "anna": {"rep": anna}, "ben": {"rep": ben}, "alien": {"rep": alien},
        }.items()
    }  # fmt: skip
    every = set(numbers)
    expected = {
        rita: every,
        factories.user("fiona", role="FINANCE"): every,
        factories.user("otto", role="AUDITOR"): every,
        User.objects.get(username="mia"): {"company", "dach", "anna", "ben"},
        anna: {"company", "dach", "anna"},
        alien: {"company", "uk", "alien"},
        factories.user("mark", role="MARKETING"): {"company", "dach", "uk"},
        factories.user("paul", role="PARTNER_MANAGER"): set(),
    }
    for who, names in expected.items():
        seen = ledger_rights.visible_quotas(who, QuotaEntry.objects.all())
        assert {row.number for row in seen} == {numbers[name] for name in names}, who


def test_parties_are_found_by_their_names(dach: Team) -> None:
    anna = factories.user("anna", last_name="van Dyk")
    for text in ("anna", anna.email.upper(), "anna van dyk"):
        assert quotas.party_named(text) == anna
    assert quotas.party_named(" dach ") == dach
    assert quotas.party_named("Company") is None
    for wrong in ("nobody", "%", "Anna Dyk"):
        with pytest.raises(errors.InvalidInput, match="neither a rep nor a team"):
            quotas.party_named(wrong)
    factories.team("Anna")
    with pytest.raises(errors.InvalidInput, match="may be"):
        quotas.party_named("anna")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_the_same_at_once_one_is_refused() -> None:
    rita, rolf = factories.user("rita", role="REVOPS"), factories.user("rolf", role="REVOPS")
    results = threads.together([lambda who=who: quota_acts.enter(said(), by=who)  # type: ignore[misc]
                                for who in (rita, rolf)])  # fmt: skip
    assert sorted(type(one).__name__ for one in results) == ["InvalidInput", "QuotaEntry"]
