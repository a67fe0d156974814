"""Planted drift is found, told to its version and parts, kept once, and let go by itself."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core import errors
from governance import selectors
from leads import services
from leads.ledger import Ledger
from lifecycle import actions
from reports.drift import alarms, publications
from reports.drift.verdicts import ALL, Metric, State, Verdict
from reports.models import DriftAlarm
from tests import factories
from tests.drift_story import decide
from tests.factories import DAY, HOUR
from tests.integration.reports.conftest import LATER, PUBLISHED, Drifted

pytestmark = pytest.mark.django_db


def verdict(metric: Metric, slice: str = ALL, *, now: dt.datetime = LATER) -> Verdict:
    publication = publications.active(now=now)
    assert publication is not None
    return next(one for one in publication.verdicts if (one.metric, one.slice) == (metric, slice))


def test_the_planted_shift_is_found_with_the_figures_worked_out_by_hand(drifted: Drifted) -> None:
    acceptance, mqls = verdict(Metric.ACCEPTANCE), verdict(Metric.VOLUME, "PAID")
    assert (acceptance.state, mqls.state) == (State.BELOW, State.ABOVE)
    assert acceptance.limits is not None
    assert mqls.limits is not None
    assert (acceptance.limits.expected, acceptance.limits.observed) == (36 / 45, 9 / 45)
    assert (acceptance.limits.n, mqls.limits.n) == (45, 9)
    assert (mqls.limits.expected, mqls.limits.observed) == (5, 15)


def test_reasons_wait_until_there_are_enough(drifted: Drifted) -> None:
    found = verdict(Metric.REASONS)
    assert found.state is State.TOO_FEW
    assert found.lack is not None
    assert (found.lack.have, found.lack.need, found.lack.side) == (9, 30, "before")


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (Metric.VOLUME, [("criterion", "icp")]),
        (Metric.ACCEPTANCE, [("criterion", "icp")]),
        (Metric.REASONS, [("criterion", "icp")]),
    ],
)
def test_only_parts_that_bear_on_it_are_named(
    drifted: Drifted, metric: Metric, expected: list[tuple[str, str]]
) -> None:
    publication = publications.one(2, now=LATER)
    assert publication is not None
    assert len(publication.changes()) == 3
    assert [(one.part, one.key) for one in publication.parts(metric)] == expected


def test_nothing_is_said_before_the_first_whole_days_are_over(drifted: Drifted) -> None:
    for later in (HOUR, 20 * HOUR):
        assert {
            one.state for one in publications.recent(now=PUBLISHED + later, most=3)[0].verdicts
        } == {State.TOO_FEW}
        assert alarms.watch(PUBLISHED + later) == {"opened": 0, "seen_again": 0, "closed": 0}


def test_what_was_taken_back_does_not_count(drifted: Drifted) -> None:
    lead = factories.capture(now=LATER - DAY)
    decide(lead, accept=True, now=LATER - DAY)
    counted = verdict(Metric.ACCEPTANCE).limits
    actions.undo(lead_id=lead.pk, by=lead.owner, now=LATER - DAY)
    after = verdict(Metric.ACCEPTANCE).limits
    assert counted is not None
    assert after is not None
    assert (counted.n, after.n) == (46, 45)


def test_mqls_of_days_off_are_left_out_of_the_volume_but_not_their_decisions(
    drifted: Drifted,
) -> None:
    saturday = PUBLISHED + 4 * DAY
    assert saturday.weekday() == 5
    leads = factories.captures([factories.touch() for _ in range(30)], now=saturday)
    decide(leads[0], accept=True, now=saturday)
    volume, acceptance = verdict(Metric.VOLUME).limits, verdict(Metric.ACCEPTANCE).limits
    assert volume is not None
    assert acceptance is not None
    assert (volume.observed, acceptance.n) == (16, 46)


@pytest.mark.parametrize(
    ("because", "counted"), [({}, 145), ({"application": 1}, 144)], ids=["came in", "re-qualified"]
)
def test_leads_that_were_qualified_again_by_an_act_are_no_inflow(
    drifted: Drifted, because: dict[str, int], counted: int
) -> None:
    lead = factories.capture(now=LATER - DAY, company={"employees": "3"})
    ledger = Ledger(kit=selectors.active_kit(), now=LATER - DAY, actor="user")
    services.move(services.lock(lead.pk), "qualify", ledger=ledger, because=because)
    ledger.flush()
    limits = verdict(Metric.VOLUME).limits
    assert limits is not None
    assert limits.observed == pytest.approx(counted / 9)


def test_an_alarm_is_opened_once_and_kept_up_to_date(drifted: Drifted) -> None:
    first = alarms.watch(LATER)
    assert first["opened"] == DriftAlarm.objects.count() > 0
    row = alarms.open_alarms().get(metric="ACCEPTANCE", slice=ALL)
    assert (row.kit, row.n, row.observed) == (drifted.version, 45, 9 / 45)
    assert row.low <= row.expected <= row.high
    again = alarms.watch(LATER + HOUR)
    assert again == {"opened": 0, "seen_again": first["opened"], "closed": 0}
    row.refresh_from_db()
    assert (row.first_seen_at, row.last_seen_at) == (LATER, LATER + HOUR)


def test_an_alarm_closes_when_its_figure_is_back_and_opens_anew_if_it_leaves_again(
    drifted: Drifted,
) -> None:
    alarms.watch(LATER)
    acceptance = alarms.open_alarms().filter(metric="ACCEPTANCE", slice=ALL)
    row = acceptance.get()
    for lead in factories.captures([factories.touch() for _ in range(45)], now=LATER):
        decide(lead, accept=True, now=LATER)
    alarms.watch(LATER + DAY)
    row.refresh_from_db()
    assert (row.closed_at, row.closed_because) == (LATER + DAY, "WITHIN")
    assert not acceptance.exists()
    alarms.watch(LATER)  # as if that last day had not been
    assert acceptance.get().pk != row.pk
    assert DriftAlarm.objects.filter(pk=row.pk).exists()


def test_alarms_end_with_the_version_they_are_of(drifted: Drifted) -> None:
    opened = alarms.watch(LATER)["opened"]
    factories.next_kit(
        lambda parts: parts["criterion"][0].update(prose="Again."),
        by=drifted.company.revops,
        now=LATER + HOUR,
    )
    assert alarms.watch(LATER + 2 * HOUR)["closed"] == opened
    assert set(DriftAlarm.objects.values_list("closed_because", flat=True)) == {"REPLACED"}
    assert publications.recent(now=LATER + 2 * HOUR, most=5)[1].version == drifted.version


def test_after_eight_weeks_what_was_acknowledged_rests(drifted: Drifted) -> None:
    end = PUBLISHED + 60 * DAY
    opened = alarms.watch(end)["opened"]
    row = alarms.open_alarms().get(metric="ACCEPTANCE", slice=ALL)
    alarms.acknowledge(row.pk, by=drifted.company.revops, note="Meant so.", now=end)
    assert alarms.watch(end + HOUR) == {"opened": 0, "seen_again": opened - 1, "closed": 1}
    assert alarms.watch(end + 2 * HOUR) == {"opened": 0, "seen_again": opened - 1, "closed": 0}
    row.refresh_from_db()
    assert row.closed_because == "OVER"


def test_an_alarm_is_acknowledged_once_with_a_note(drifted: Drifted) -> None:
    alarms.watch(LATER)
    row, rita = alarms.open_alarms()[0], drifted.company.revops
    for note in ("", "  \n", "x" * 501):
        with pytest.raises(errors.InvalidInput) as refused:
            alarms.acknowledge(row.pk, by=rita, note=note, now=LATER)
        assert [one.field for one in refused.value.errors] == ["note"]
    for stranger in (drifted.company.manager, drifted.company.marketing, *drifted.company.reps):
        with pytest.raises(errors.NotAllowed):
            alarms.acknowledge(row.pk, by=stranger, note="Seen.", now=LATER)
    with pytest.raises(errors.NotFound):
        alarms.acknowledge(0, by=rita, note="Seen.", now=LATER)
    seen = alarms.acknowledge(row.pk, by=rita, note=" A campaign. ", now=LATER)
    assert (seen.acknowledged_by, seen.note) == (rita, "A campaign.")
    with pytest.raises(errors.TooLate, match="Rita"):
        alarms.acknowledge(row.pk, by=rita, note="Again.", now=LATER)
    assert alarms.open_alarms().filter(pk=row.pk).exists()


def test_the_database_keeps_alarms_and_lets_one_stand_each(drifted: Drifted) -> None:
    alarms.watch(LATER)
    row = alarms.open_alarms()[0]
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        row.delete()
    row.pk = None
    with pytest.raises(IntegrityError, match="one_open_drift_alarm_each"), transaction.atomic():
        row.save(force_insert=True)


def test_reading_costs_the_same_for_any_number_of_days_and_versions(drifted: Drifted) -> None:
    def queries(now: dt.datetime) -> int:
        with CaptureQueriesContext(connection) as seen:
            publications.recent(now=now, most=4)
        return len(seen)

    queries(LATER)
    assert queries(LATER) == queries(PUBLISHED + 5 * DAY) == 3


def test_the_stored_metrics_are_those_that_are_judged() -> None:
    assert {one.value for one in Metric} == set(DriftAlarm.Metric.values)
