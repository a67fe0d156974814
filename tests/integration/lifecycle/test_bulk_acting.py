"""The same step on many leads: who is left out and why, each its own step, killed and undone."""

from __future__ import annotations

import datetime as dt

import pytest

from core import errors
from leads.models import Lead, LeadEvent
from lifecycle import actions, bulk_acting, permissions
from lifecycle.bulk_acting import State, Verb
from lifecycle.models import BulkAct
from people.models import User
from tests import factories

NOW = factories.NOW
MINUTE = factories.MINUTE


@pytest.fixture
def company(db: None) -> factories.Company:
    return factories.company()


def stages(leads: list[Lead]) -> list[str]:
    rows = dict(Lead.objects.values_list("pk", "stage"))
    return [rows[lead.pk] for lead in leads]


def told(act: BulkAct) -> dict[int, str]:
    return dict(act.lines.values_list("lead", "left"))


def test_each_lead_takes_the_step_or_says_why_not(company: factories.Company) -> None:
    anna, ben = company.reps
    leads = factories.captures([factories.touch() for _ in range(4)], now=NOW)
    own = [lead for lead in leads if lead.owner == anna]
    bens = next(lead for lead in leads if lead.owner == ben)
    actions.accept(lead_id=own[1].pk, by=anna, icp_confirmed=True, reachable=True, now=NOW)
    meant = [own[0].pk, own[1].pk, bens.pk]

    found = bulk_acting.preview(meant, Verb.REJECT, by=anna, cause="timing")
    assert (found.total, found.going) == (3, 1)
    assert dict(found.stays) == {"is at SAL": 1, "is somebody else’s to work": 1}
    assert stages(own) == ["MQL", "SAL"], "a preview changes nothing"

    act = bulk_acting.submit(
        meant, Verb.REJECT, by=anna, cause="timing", note="After the fair", now=NOW + MINUTE
    )
    assert (act.state, act.done) == (State.DONE, 3)
    lines = told(act)
    assert lines[own[0].pk] == ""
    assert lines[own[1].pk] != ""
    assert str(ben) in lines[bens.pk]
    assert stages([*own, bens]) == ["NURTURE", "SAL", "MQL"]
    assert bulk_acting.result(act).going == 1
    step = LeadEvent.objects.filter(lead=own[0], transition="reject").get()
    assert (step.by, step.because["reason"]) == (anna, "timing")

    back = bulk_acting.undo(act.pk, by=anna, now=NOW + MINUTE)
    assert told(back) == {own[0].pk: ""}
    assert stages(own) == ["MQL", "SAL"]
    with pytest.raises(errors.TooLate):
        bulk_acting.undo(act.pk, by=anna, now=NOW + MINUTE)


def test_what_somebody_worked_on_since_is_not_taken_back(company: factories.Company) -> None:
    anna = company.reps[0]
    leads = factories.captures([factories.touch() for _ in range(4)], now=NOW)
    own = [lead for lead in leads if lead.owner == anna]
    act = bulk_acting.submit([one.pk for one in own], Verb.ACCEPT, by=anna, now=NOW + MINUTE)
    assert stages(own) == ["SAL", "SAL"]
    later = NOW + 2 * MINUTE
    actions.log_activity(lead_id=own[0].pk, by=anna, kind="CALL", now=later)
    back = bulk_acting.undo(act.pk, by=anna, now=later)
    assert [bool(why) for _, why in sorted(told(back).items())] == [True, False]
    with pytest.raises(errors.NotFound):
        bulk_acting.undo(act.pk, by=company.reps[1], now=later)
    with pytest.raises(errors.NotAllowed):
        bulk_acting.undo(act.pk, by=company.manager, now=later)


def test_much_is_left_to_the_worker_which_goes_on_where_it_was_killed(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_acting, "AT_ONCE", 1)
    leads = factories.captures([factories.touch() for _ in range(3)], now=NOW)
    by, at = company.revops, NOW + MINUTE
    act = bulk_acting.submit(
        [one.pk for one in leads], Verb.DISQUALIFY, by=by, cause=_reason(company), note="x", now=at
    )
    assert (act.state, act.done) == (State.WAITING, 0)
    calls: list[int] = []

    def falls(lead: Lead, user: User) -> bool:
        calls.append(lead.pk)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return True

    with monkeypatch.context() as broken:
        broken.setattr(permissions, "require_owner_or_keeper", falls)
        with pytest.raises(KeyboardInterrupt):
            bulk_acting.resume(act.pk, now=at)
    act.refresh_from_db()
    assert act.done == 1
    assert bulk_acting.take_up_stalled(now=at + dt.timedelta(minutes=10)) == 1
    bulk_acting.resume(act.pk, now=at + dt.timedelta(minutes=10))
    act.refresh_from_db()
    assert (act.state, set(told(act).values())) == (State.DONE, {""})
    assert stages(leads) == ["DISQUALIFIED"] * 3


def _reason(company: factories.Company) -> str:
    reasons = company.kit.reasons.values()
    return next(one.key for one in reasons if "disqualify" in one.used_for)


def test_a_step_without_what_it_needs_is_refused_whole(company: factories.Company) -> None:
    lead = factories.capture(now=NOW)
    for verb, cause in ((Verb.REJECT, ""), (Verb.REJECT, "nonsense"), ("WIN", ""), (Verb.UNDO, "")):
        with pytest.raises(errors.InvalidInput):
            bulk_acting.submit([lead.pk], verb, by=company.revops, cause=cause, now=NOW)
    with pytest.raises(errors.InvalidInput):
        bulk_acting.submit([], Verb.ACCEPT, by=company.revops, now=NOW)
    assert not BulkAct.objects.exists()
