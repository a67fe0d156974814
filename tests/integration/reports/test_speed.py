"""Speed to lead against a week worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Lead
from lifecycle import actions
from lifecycle.proofs import Reported
from people import working_time
from people.models import Shift, User
from reports import csv, speed
from reports.periods import Period
from sla import spent
from sla.models import Clock
from sla.split import Cause
from tests import factories
from tests.factories import HOUR, MINUTE

pytestmark = pytest.mark.django_db

TUESDAY = dt.datetime(2026, 3, 3, 9, tzinfo=dt.UTC)
WEEK = Period(TUESDAY - 24 * HOUR, TUESDAY + 72 * HOUR)
LATER = TUESDAY + 80 * HOUR
OFFICE = tuple((day, "09:00", "17:00") for day in range(5))


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=TUESDAY - 24 * HOUR, reps=())


@pytest.fixture
def anna(company: factories.Company) -> User:
    return factories.rep("anna", pools=("dach",), team=company.team, shifts=OFFICE)


def contact(lead: Lead, now: dt.datetime, **more: Any) -> None:
    actions.log_activity(lead_id=lead.pk, by=lead.owner, kind="CALL", now=now, **more)


def build(reader: User, by: str = "", **only: str) -> speed.Report:
    return speed.build(reader, period=WEEK, by=by, only=only or None, now=LATER)


def figures(reader: User, by: str = "", **only: str) -> dict[str, dict[str, Any]]:
    return {row.label: dict(row.figures()) for row in build(reader, by, **only).rows}


@pytest.fixture
def three(anna: User) -> list[Lead]:
    """One called after ten minutes, one in the morning after, one of whom nobody heard yet."""
    quick = factories.capture(now=TUESDAY)
    contact(quick, TUESDAY + 10 * MINUTE, reported=Reported("phone", "c-1", verified=True))
    evening = factories.capture(
        now=TUESDAY + 7 * HOUR, occurred_at=(TUESDAY + 6.5 * HOUR).isoformat()
    )
    contact(evening, TUESDAY + 25 * HOUR)
    return [quick, evening, factories.capture(now=TUESDAY + HOUR, channel="CHAT")]


def test_times_go_from_what_the_buyer_did_to_the_contact(
    company: factories.Company, three: list[Lead]
) -> None:
    rows = figures(company.revops)
    form, chat = rows["Web form"], rows["Chat"]
    assert (form["answered"], form["waiting"], form["verified"]) == (2, 0, 0.5)
    # 10 min and 18.5 h
    assert form["elapsed_median"] == (600 + 18.5 * 3600) / 2
    assert form["elapsed_p90"] == pytest.approx(600 + 0.9 * (18.5 * 3600 - 600))
    assert (chat["answered"], chat["waiting"], chat["elapsed_median"]) == (0, 1, None)


def test_where_the_time_went_adds_up(company: factories.Company, three: list[Lead]) -> None:
    form = figures(company.revops)["Web form"]
    assert form["intake"] == 1800
    assert form["off_shift"] == 16 * 3600
    assert form["rep"] == 600 + 2 * 3600
    assert form["total"] == 600 + 18.5 * 3600
    causes = ("intake", "routing", "promised", "queue", "off_shift", "rep", "customer")
    assert sum(form[one] for one in causes) == form["total"]


def test_earlier_evidence_that_comes_later_makes_it_quicker(
    company: factories.Company, three: list[Lead]
) -> None:
    synced = Reported("phone", "c-2", verified=True)
    contact(three[1], TUESDAY + 26 * HOUR, at=TUESDAY + 7.25 * HOUR, reported=synced)
    form = figures(company.revops)["Web form"]
    assert form["verified"] == 1.0
    assert form["total"] == 600 + 45 * 60
    assert form["off_shift"] == 0


def test_answers_to_who_comes_back_stand_by_obligation_only(
    company: factories.Company, three: list[Lead]
) -> None:
    quick = three[0]
    later = TUESDAY + 2 * HOUR
    actions.log_activity(
        lead_id=quick.pk, by=quick.owner, kind="EMAIL", direction="INBOUND", now=later
    )
    contact(quick, later + 20 * MINUTE)
    assert figures(company.revops)["Web form"]["answered"] == 2
    rows = build(company.revops, "obligation").rows
    told = {row.key: row.figures()["elapsed_median"] for row in rows}
    assert told["respond"] == 1200
    again = figures(company.revops, "rep", obligation="respond")
    assert [row["answered"] for row in again.values()] == [1]


def test_reps_see_their_own_and_strangers_nothing(
    company: factories.Company, anna: User, three: list[Lead]
) -> None:
    stranger = factories.rep("stranger", team=factories.team("Elsewhere"))
    assert build(anna).totals.answered == 2
    assert build(stranger).rows == ()
    assert build(stranger).totals.figures()["total"] == 0


@pytest.mark.parametrize("by", [one.key for one in speed.DECLARATION.slices])
def test_every_slice_counts_every_leg_once_in_so_many_queries(
    company: factories.Company, three: list[Lead], by: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            build(company.revops, by)
        return len(asked)

    queries()
    few = queries()
    report = build(company.revops, by)
    assert sum(row.answered for row in report.rows) == report.totals.answered == 2
    for hour in range(3):
        contact(factories.capture(now=TUESDAY + hour * HOUR), TUESDAY + (hour + 0.2) * HOUR)
    assert queries() == few <= 9


def test_the_page_leads_from_figures_to_leads_and_their_clocks(
    company: factories.Company, three: list[Lead]
) -> None:
    browser = Client()
    browser.force_login(company.revops)
    asked = {"from": "2026-03-02", "to": "2026-03-05", "by": "channel"}
    page = browser.get("/reports/speed/", asked)
    html = page.content.decode()
    assert "Where the time went" in html
    [form] = [row for row in page.context["report"].rows if row.label == "Web form"]
    behind = browser.get(form.cells[0].url.partition("#")[0])
    named = behind.context["report"].behind
    assert [one.lead for one in named.rows] == [three[1].pk, three[0].pk]
    clock = Clock.objects.get(lead=three[0], obligation="first_contact")
    assert f"/leads/{three[0].pk}/clocks/{clock.pk}/" in behind.content.decode()
    none = browser.get("/reports/speed/", {**asked, "obligation": "respond"})
    assert none.context["report"].rows == () == none.context["report"].behind.rows
    waiting = browser.get("/reports/speed/", {**asked, "row": "CHAT", "of": "waiting"})
    assert [one.lead for one in waiting.context["report"].behind.rows] == [three[2].pk]


@pytest.mark.parametrize(
    "query",
    [{"by": "day", "row": "moon"}, {"by": "rep", "row": "x"}, {"row": "a\0"}, {"of": "moon"},
     {"obligation": "a\0"}, {"by": "obligation", "row": "respond", "of": "unanswered"}],
)  # fmt: skip
def test_an_odd_address_is_no_fault_of_ours(
    company: factories.Company, three: list[Lead], query: dict[str, str]
) -> None:
    browser = Client()
    browser.force_login(company.revops)
    assert browser.get("/reports/speed/", query).status_code < 500


def test_an_empty_period_says_so_and_the_file_has_every_column(
    company: factories.Company,
) -> None:
    browser = Client()
    browser.force_login(company.revops)
    page = browser.get("/reports/speed/", {"from": "2026-01-01", "to": "2026-01-02"})
    assert "Nothing to count in this period." in page.content.decode()
    [head, total] = csv.stream(build(company.revops))
    assert head.startswith("Channel,key,answered,waiting,unanswered,verified,elapsed_median")
    assert total.startswith("All,,0,0,0,,")


def test_hours_of_today_never_move_where_past_time_went(
    company: factories.Company, anna: User, three: list[Lead]
) -> None:
    """New hours and another zone, for good; a clock that still runs is cut where they change."""
    User.history.update(history_date=TUESDAY - 24 * HOUR)
    before, at = figures(company.revops, "rep"), TUESDAY + 26 * HOUR
    working_time.set_hours(
        anna, [[(0, 1440)]] * 7, zone="Asia/Tokyo", country="JP", subdivision="", by=anna
    )
    Shift.history.update(history_date=at)
    User.history.filter(pk=User.history.filter(id=anna.pk).latest("pk").pk).update(history_date=at)
    assert figures(company.revops, "rep") == before
    (running,) = Clock.objects.filter(
        lead=three[2], obligation="first_contact", scope="STAGE", void=False
    )
    went = spent.read([running], now=TUESDAY + 36 * HOUR)[running.pk].split.seconds
    # Tuesday from ten to five and Wednesday from nine to eleven, all ten hours from then on.
    assert went[Cause.REP] == (7 + 2 + 10) * 3600
