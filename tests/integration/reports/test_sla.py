"""The SLA report against a table worked out by hand."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import InvalidInput
from leads.models import Lead, LeadEvent
from lifecycle import actions, waiting
from people.models import Role, User
from reports import csv, registry, sla
from reports.periods import Period
from sla import sweeps
from sla.models import Clock
from tests import factories
from tests.factories import HOUR, MINUTE, Company

pytestmark = pytest.mark.django_db

DAY = dt.datetime(2026, 1, 12, 9, 0, tzinfo=dt.UTC)
NOW = DAY + 30 * factories.DAY
JANUARY = Period(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 2, 1, tzinfo=dt.UTC))


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def leads(company: Company) -> list[Lead]:
    """Two leads captured after January, so that only hand-made clocks lie in the period."""
    return factories.captures(
        [
            factories.touch(source={"category": "PAID"}),
            factories.touch(source={"category": "EVENT"}),
        ]
    )


def clock(
    lead: Lead,
    holder: User | None,
    obligation: str = "accept",
    *,
    due: int = 60,
    stopped: float | None = None,
    state: str = "",
    working: float | None = None,
    started: dt.datetime = DAY,
    **columns: Any,
) -> Clock:
    """A clock that began on the day; `due`, `stopped` and `working` are minutes."""
    due_at = started + due * MINUTE
    ended = None if stopped is None else started + stopped * MINUTE
    past = (ended or NOW) > due_at
    return Clock.objects.create(
        lead=lead,
        obligation=obligation,
        policy=columns.pop("policy", obligation),
        scope=columns.pop("scope", f"S{next(_scopes)}"),
        kit_id=lead.events.values_list("kit_id", flat=True).first(),
        calendar="always",
        holder=holder,
        state=state or ("RUNNING" if stopped is None else "STOPPED"),
        channel=columns.pop("channel", "FORM"),
        started_at=started,
        warn_at=started,
        due_at=due_at,
        stopped_at=ended,
        breached_at=columns.pop("breached_at", due_at if past else None),
        evidence="" if stopped is None else "ACCEPTED",
        working_seconds=None if stopped is None else (working or stopped) * 60,
        **columns,
    )


_scopes = itertools.count(1)


@pytest.fixture
def paper(company: Company, leads: list[Lead]) -> None:
    """What the table below counts.

                 met   late  open late  running  cancelled (past due)
    anna accept   3     1       1         1          2 (1)
    ben accept    1     0       0         0          0
    ben convert   0     2       0         0          0
    queue route   1     0       0         0          0
    """
    anna, ben = company.reps
    paid, event = leads
    for stopped, working in ((10, 5), (20, 10), (60, 15)):  # the last one exactly in time
        clock(paid, anna, stopped=stopped, working=working)
    clock(event, anna, stopped=90, working=40)
    clock(paid, anna, due=60)
    clock(event, anna, due=60 * 24 * 60)
    clock(paid, anna, stopped=30, state="CANCELLED")
    clock(paid, anna, stopped=61, state="CANCELLED")
    clock(event, ben, stopped=30, channel="CHAT")
    clock(event, ben, "convert", due=100, stopped=101)
    clock(event, ben, "convert", due=100, stopped=201)
    clock(paid, None, "route", stopped=4)
    # None of these counts: undone, begun before, begun after.
    clock(paid, anna, stopped=10, void=True)
    clock(paid, anna, stopped=10, started=JANUARY.start - MINUTE)
    clock(paid, anna, stopped=10, started=JANUARY.end)


def counts(row: sla.Row) -> tuple[int, ...]:
    return (row.met, row.late, row.breached, row.running, row.cancelled, row.cancelled_late)


@pytest.mark.usefixtures("paper")
def test_it_equals_the_table_made_by_hand(company: Company) -> None:
    report = sla.build(company.revops, period=JANUARY, by="obligation", now=NOW)
    assert [(row.key, counts(row)) for row in report.rows] == [
        ("route", (1, 0, 0, 0, 0, 0)),
        ("accept", (4, 1, 1, 1, 2, 1)),
        ("convert", (0, 2, 0, 0, 0, 0)),
    ]
    assert counts(report.totals) == (5, 3, 1, 1, 2, 1)
    accept = report.rows[1]
    assert (accept.n, accept.attainment) == (6, pytest.approx(4 / 6))
    assert accept.interval == pytest.approx((0.3000, 0.9032), abs=5e-4)
    # Stopped after 10, 20, 30, 60 and 90 minutes; worked 5, 10, 15, 30 and 40.
    assert accept.elapsed_median == pytest.approx(30 * 60)
    assert accept.elapsed_p90 == pytest.approx((60 + 0.6 * 30) * 60)
    assert accept.working_median == pytest.approx(15 * 60)
    assert accept.working_p90 == pytest.approx((30 + 0.6 * 10) * 60)


@pytest.mark.usefixtures("paper")
@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("rep", [("Anna", 3, 5), ("Ben", 1, 3), ("Nobody", 1, 1)]),
        ("team", [("DACH", 4, 8), ("No team", 1, 1)]),
        ("channel", [("Chat", 1, 1), ("Web form", 4, 8)]),
        ("source", [("Event", 1, 4), ("Paid", 4, 5)]),
        ("kit", [("Kit v1", 5, 9)]),
        ("day", [("2026-01-12", 5, 9)]),
        ("policy", [("Route", 1, 1), ("Accept", 4, 6), ("Convert", 0, 2)]),
    ],
)
def test_every_slice_tells_met_of_decided(
    company: Company, by: str, expected: list[tuple[str, int, int]]
) -> None:
    report = sla.build(company.revops, period=JANUARY, by=by, now=NOW)
    assert [(row.label, row.met, row.n) for row in report.rows] == expected
    assert (report.totals.met, report.totals.n) == (5, 9)


@pytest.mark.usefixtures("paper")
@pytest.mark.parametrize(
    ("only", "decided"),
    [
        ({"channel": "CHAT"}, 1),
        ({"source": "EVENT", "obligation": "accept"}, 2),
        ({"rep": ""}, 1),
        ({"rep": "no number"}, 0),
        ({"kit": "1"}, 9),
        ({"day": "2026-01-13"}, 0),
    ],
)
def test_it_can_be_kept_to_one_value_of_other_slices(
    company: Company, only: dict[str, str], decided: int
) -> None:
    report = sla.build(company.revops, period=JANUARY, by="rep", only=only, now=NOW)
    assert report.totals.n == sum(row.n for row in report.rows) == decided


@pytest.mark.parametrize("by", [one.key for one in sla.DECLARATION.slices])
def test_all_together_is_one_number_whatever_it_is_cut_by(
    company: Company, leads: tuple[Lead, Lead], by: str
) -> None:
    """A lead counts once where somebody owes the whole, as what each holder owes where nobody."""
    anna, ben = company.reps
    paid, event = leads
    clock(paid, ben, stopped=90, scope="STAGE")
    for holder in (anna, ben):
        clock(paid, holder, stopped=30, scope="OWNERSHIP", policy="accept.own")
    clock(event, anna, "call_back", stopped=30, scope="OWNERSHIP")
    report = sla.build(company.revops, period=JANUARY, by=by, now=NOW)
    assert (report.totals.met, report.totals.n) == (1, 2)


def test_the_stage_is_where_the_lead_stood_when_the_clock_began(company: Company) -> None:
    lead = factories.capture(now=factories.NOW)
    factories.work(lead, to="SQL", now=factories.NOW + HOUR)
    period = Period(factories.NOW - HOUR, factories.NOW + 2 * HOUR)
    report = sla.build(company.revops, period=period, by="stage", now=factories.NOW + HOUR)
    found = {row.key: row.n + row.running for row in report.rows}
    # Asked as an inquiry: first contact. As an MQL: route, accept. Then sales_qualify, convert.
    assert list(found.items()) == [("INQUIRY", 1), ("MQL", 2), ("SAL", 1), ("SQL", 1)]


def test_routing_late_is_nobodys_fault_who_was_not_there_yet(company: Company) -> None:
    lead = factories.capture(company={"country": "SE"})
    nils = factories.rep("nils", pools=["uk-nordics"], team=company.team)
    waiting.route(now=factories.NOW + 5 * HOUR)
    lead.refresh_from_db()
    assert lead.owner == nils
    period = Period(factories.NOW, factories.NOW + factories.DAY)
    report = sla.build(
        company.manager, period=period, by="rep", only={"obligation": "route"}, now=NOW
    )
    assert [(row.label, row.late) for row in report.rows] == [("Nobody", 1)]
    (breach,) = LeadEvent.objects.filter(kind="BREACHED", because__obligation="route")
    assert breach.because["holder"] is None


def test_a_deadline_missed_before_the_hand_over_was_missed_by_who_had_it(company: Company) -> None:
    lead = factories.capture()
    first, other = lead.owner, next(one for one in company.reps if one != lead.owner)
    assert first is not None
    late = factories.NOW + HOUR
    actions.reassign(lead_id=lead.pk, by=first, to=other.pk, reason="Leave", now=late)
    (breach,) = LeadEvent.objects.filter(kind="BREACHED")
    assert (breach.because["obligation"], breach.because["holder"]) == ("first_contact", first.pk)
    assert sweeps.warn_and_breach(now=late).breached == 0


@pytest.mark.usefixtures("paper")
def test_everybody_sees_what_is_theirs(company: Company) -> None:
    anna, ben = company.reps
    other = factories.user("olaf", role=Role.MANAGER)
    pool_manager = factories.user("paul", role=Role.MANAGER)
    company.pools["dach"].manager = pool_manager
    company.pools["dach"].save(update_fields=["manager"])
    gone = factories.user("gina", role=Role.REVOPS, is_active=False)

    def decided(user: User) -> int:
        return sla.build(user, period=JANUARY, now=NOW).totals.n

    assert [decided(one) for one in (anna, ben)] == [5, 3]
    # Mia manages the team; the clock nobody holds is of a lead her team owns.
    assert decided(company.manager) == 9
    assert decided(pool_manager) == 8
    assert decided(other) == 0
    assert [decided(one) for one in (company.revops, company.marketing)] == [9, 9]
    assert decided(gone) == 0


@pytest.mark.parametrize("by", [one.key for one in sla.DECLARATION.slices])
def test_the_number_of_queries_does_not_depend_on_the_data(
    company: Company, leads: list[Lead], by: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            sla.build(company.manager, period=JANUARY, by=by, now=NOW)
        return len(seen)

    queries()  # compiles the kit once
    empty = queries()
    for index in range(25):
        holder = company.reps[index % 2]
        clock(leads[index % 2], holder, f"duty{index}", stopped=index + 1)
    assert queries() == empty == (2 if by == "scope" else 1)


def test_an_unknown_slice_is_refused_with_those_there_are(company: Company) -> None:
    with pytest.raises(InvalidInput, match="obligation, policy, stage"):
        sla.build(company.revops, period=JANUARY, by="moon", now=NOW)
    with pytest.raises(InvalidInput, match="moon"):
        sla.build(company.revops, period=JANUARY, only={"moon": "1"}, now=NOW)


def test_without_a_kit_the_report_is_empty_not_broken() -> None:
    report = sla.build(factories.user("rita", role=Role.REVOPS), period=JANUARY, now=NOW)
    assert (report.kit_version, report.rows, report.totals.attainment) == (None, (), None)


@pytest.mark.usefixtures("paper")
def test_the_file_holds_the_same_numbers(company: Company) -> None:
    company.team.name = "=DACH"
    company.team.save(update_fields=["name"])
    report = registry.build("sla", company.revops, period=JANUARY, by="team", now=NOW)
    lines = list(csv.stream(report))
    assert lines[0].startswith("Team,key,met,late,breached,running,cancelled,")
    assert lines[1].startswith(f"'=DACH,{company.team.pk},4,3,1,1,2,1,8,0.5,")
    assert [line.split(",")[0] for line in lines[2:]] == ["No team", "All"]
    assert all(line.endswith("\r\n") for line in lines)
