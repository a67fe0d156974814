"""What waiting costs: the report on paper, and what it leaves out."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise, product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import Activity, Lead
from lifecycle import actions
from reports import registry, uncontacted
from reports.periods import Period
from reports.uncontacted import Report, Row
from tests import factories
from tests.acting import owner
from tests.factories import DAY, HOUR, MINUTE, NOW, Company
from web.console import decay_curve

pytestmark = pytest.mark.django_db
PERIOD = Period(NOW - HOUR, NOW + DAY)
LATER = NOW + 3 * DAY


@pytest.fixture
def company() -> Company:
    return factories.company()


def call(lead: Lead, after: dt.timedelta, **more: str) -> None:
    actions.log_activity(lead_id=lead.pk, by=owner(lead), kind="CALL", now=NOW + after, **more)


@pytest.fixture
def paper(company: Company) -> dict[str, Lead]:
    """Worked out on paper; all came in at NOW.

    lead      first contact   what became of it        source
    quick     3 min           the buyer wrote back     PAID
    again     4 min           came back by form        EVENT
    silent    10 min          nothing                  PAID
    bought    2 h             an opportunity           PAID
    waits     never           waits for 3 days         PAID
    mistaken  taken back      waits for 3 days         EVENT
    gone      never           disqualified after 6 h   EVENT
    """
    names = ("quick", "again", "silent", "bought", "waits", "mistaken", "gone")
    sources = {"again": "EVENT", "mistaken": "EVENT", "gone": "EVENT"}
    bodies = [factories.touch(source={"category": sources.get(one, "PAID")}) for one in names]
    leads = dict(zip(names, factories.captures(bodies), strict=True))
    call(leads["quick"], 3 * MINUTE, outcome="NO_ANSWER")
    mail = {"kind": "EMAIL", "direction": "INBOUND"}
    actions.log_activity(
        lead_id=leads["quick"].pk, by=owner(leads["quick"]), now=NOW + 5 * MINUTE, **mail
    )
    call(leads["again"], 4 * MINUTE)
    again = leads["again"].person
    factories.captures_attached(now=NOW + DAY, person={"email": again.email})
    call(leads["silent"], 10 * MINUTE)
    call(leads["bought"], 2 * HOUR)
    factories.work(leads["bought"], to="OPPORTUNITY", now=NOW + 3 * HOUR)
    call(leads["mistaken"], 3 * MINUTE)
    who = owner(leads["mistaken"])
    actions.undo(lead_id=leads["mistaken"].pk, by=who, now=NOW + 4 * MINUTE)
    actions.disqualify(
        lead_id=leads["gone"].pk, by=owner(leads["gone"]), reason="spam", now=NOW + 6 * HOUR
    )
    return leads


def made(company: Company, **asked: object) -> Report:
    given = {"period": PERIOD, "now": LATER, **asked}
    return uncontacted.build(company.revops, **given)  # type: ignore[arg-type]


def counts(row: Row) -> tuple[int, ...]:
    told = row.figures()
    names = ("still", "contacted", "replied", "converted", "never")
    return tuple(int(told[name] or 0) for name in names)


@pytest.mark.usefixtures("paper")
def test_it_equals_the_table_made_by_hand(company: Company) -> None:
    report = made(company)
    assert {row.key: counts(row) for row in report.rows} == {
        "0": (7, 2, 2, 0, 0),
        "5": (5, 1, 0, 0, 0),
        "15": (4, 0, 0, 0, 0),
        "60": (4, 1, 0, 1, 0),
        "240": (3, 0, 0, 0, 1),
        "480": (2, 0, 0, 0, 0),
        "1440": (2, 0, 0, 0, 0),
        "2880": (2, 0, 0, 0, 2),
        "5760": (0, 0, 0, 0, 0),
        "10080": (0, 0, 0, 0, 0),
    }
    curve = [row.figures()["still_rate"] for row in report.rows]
    assert curve == [3 / 7, 1 / 5, 1 / 4, 1 / 4, 0, 0, 0, 0, None, None]
    assert counts(report.totals) == (7, 4, 2, 1, 3)
    assert report.totals.figures()["rate"] == 3 / 4


@pytest.mark.usefixtures("paper")
@pytest.mark.parametrize(("source", "still", "contacted"), [("PAID", 4, 3), ("EVENT", 3, 1)])
def test_each_source_has_its_own(company: Company, source: str, still: int, contacted: int) -> None:
    [row] = [one for one in made(company, by="source").rows if one.key == source]
    assert counts(row)[:2] == (still, contacted)
    alone = made(company, only={"source": source})
    assert counts(alone.totals) == counts(row)
    assert alone.rows[0].figures()["still"] == still


@pytest.mark.usefixtures("paper")
def test_a_span_can_be_asked_for(company: Company) -> None:
    report = made(company, by="source", only={"waited": "0"})
    assert {row.key: counts(row)[1] for row in report.rows} == {"PAID": 1, "EVENT": 1}


def test_every_lead_lies_in_one_span_and_whoever_waits_longer_waited_so_long(
    company: Company, paper: dict[str, Lead]
) -> None:
    rows = made(company).rows
    assert sum(row.here.leads for row in rows) == len(paper)
    for one, other in pairwise(rows):
        assert one.still.leads == one.here.leads + other.still.leads


def test_whom_nobody_was_to_contact_does_not_wait(company: Company) -> None:
    factories.capture(company={"employees": "3"}, signals=[{"kind": "pricing_page_view"}])
    assert made(company).rows == ()


def test_who_rests_waits_no_longer(company: Company) -> None:
    lead = factories.capture()
    actions.reject(lead_id=lead.pk, by=owner(lead), reason="timing", now=NOW + 6 * HOUR)
    [row] = [one for one in made(company).rows if one.here.leads]
    assert (row.key, row.here.never) == ("240", 1)


def test_without_leads_it_is_empty(company: Company) -> None:
    report = made(company)
    assert (report.rows, report.totals.figures()["rate"]) == ((), None)


@pytest.mark.usefixtures("paper")
def test_nobody_counts_leads_they_may_not_see(company: Company) -> None:
    stranger = factories.rep("nils", pools=["uk-nordics"])
    assert uncontacted.build(stranger, period=PERIOD, now=LATER).rows == ()


@pytest.mark.usefixtures("paper")
def test_it_costs_the_same_for_any_number_of_leads(company: Company) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            registry.build("uncontacted", company.revops, period=PERIOD, now=LATER)
        return len(queries)

    before = asked()
    factories.captures([factories.touch() for _ in range(20)])
    assert asked() == before


def test_contacts_in_the_database_are_those_of_the_model(company: Company) -> None:
    lead = factories.capture()
    common = {"lead": lead, "by": owner(lead), "at": NOW, "recorded_at": NOW}
    kinds, ways, ends = Activity.Kind, Activity.Direction, Activity.Outcome
    for kind, way, end, automatic in product(kinds, ways, ends, (False, True)):
        Activity.objects.create(
            kind=kind, direction=way, outcome=end, automatic=automatic, **common
        )
    found = set(Activity.objects.contacts())
    assert found == {one for one in Activity.objects.all() if one.is_contact}


def test_the_curve_is_drawn_from_the_same_figures_but_not_of_few(
    company: Company, paper: dict[str, Lead], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = made(company)
    few = decay_curve.of_report(report)
    assert few is None or not few.marks
    monkeypatch.setattr(decay_curve, "FEW", 1)
    drawn = decay_curve.of_report(report)
    assert drawn is not None
    contacted = [row for row in report.rows if row.here.contacted]
    assert [one.text.split(":")[0] for one in drawn.marks] == [one.label for one in contacted]
    assert drawn.line.count(",") == sum(row.still.leads > 0 for row in report.rows)
    assert all(one.high <= one.y <= one.low for one in drawn.marks)
    by_share = sorted(drawn.marks, key=lambda one: one.y)
    assert by_share[0].text.startswith(max(contacted, key=lambda row: row.figures()["rate"]).label)
    assert decay_curve.of_report(made(company, by="source")) is None
    empty = Period(NOW - 9 * DAY, NOW - 8 * DAY)
    assert decay_curve.of_report(made(company, period=empty)) is None
