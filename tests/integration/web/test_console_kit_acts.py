"""Recalculate and re-qualify as pages: what is shown, who may, what a confirmation does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Lead
from lifecycle.models import KitApplication
from sla.models import Clock
from tests import factories, kit_edits
from tests.acting import fresh
from tests.factories import Company
from tests.kit_edits import Parts

pytestmark = pytest.mark.django_db

RECALCULATE, REQUALIFY = "/kit/recalculate/", "/kit/requalify/"


@pytest.fixture
def now() -> dt.datetime:
    return timezone.now()


@pytest.fixture
def company(now: dt.datetime) -> Company:
    return factories.company(now=now)


@pytest.fixture
def leads(company: Company, now: dt.datetime) -> list[Lead]:
    """Two MQLs, an inquiry too small, and an MQL of 60 people that nobody owns."""
    views = [{"kind": "pricing_page_view"}] * 3
    return factories.captures(
        [
            factories.touch(),
            factories.touch(),
            factories.touch(company={"employees": "20"}, signals=views),
            factories.touch(company={"employees": "60", "country": "US"}, signals=views),
        ],
        now=now,
    )


def next_kit(company: Company, now: dt.datetime, *, icp: list[int] | None = None) -> None:
    """Twice the time to accept; another range of sizes."""

    def edit(parts: Parts) -> None:
        for policy in parts["clock_policy"]:
            policy["minutes"] *= 2 if policy["key"] == "accept" else 1
        for criterion in parts["criterion"]:
            if criterion["key"] == "icp" and icp:
                test = {"fact": "company.employees", "op": "between", "value": icp}
                criterion["condition"] = {"any": [test, {**test, "value": [400, 500]}]}

    kit_edits.publish(edit, by=company.revops, now=now)


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_when_nothing_would_change_the_pages_say_so(company: Company, leads: list[Lead]) -> None:
    for address in (RECALCULATE, REQUALIFY):
        answer = browser(company.revops).get(address)
        assert answer.status_code == 200
        assert "Nothing would change" in text(answer)
        assert 'name="reason"' not in text(answer)


def test_clocks_are_recalculated_as_confirmed(
    company: Company, leads: list[Lead], now: dt.datetime
) -> None:
    next_kit(company, now)
    client = browser(company.revops)
    page = client.get(RECALCULATE)
    shown = page.context["clocks"]
    assert [figure.value for figure in shown.figures] == ["2", "0", "0", "0", "0"]
    assert {row.lead for row in shown.rows} == {leads[0].pk, leads[1].pk}
    sent = {"scope": "all", "reason": "More time for <b>all</b>", "seen": shown.ask.seen}
    answer = client.post(RECALCULATE, sent)
    done = KitApplication.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/kit/applied/{done.pk}/")
    assert (done.state, done.changed, done.by) == ("DONE", 2, company.revops)
    result = client.get(answer["Location"])
    assert "2 clocks changed under kit v2, of 2 chosen." in text(result)
    assert "More time for &lt;b&gt;all" in text(result)
    assert "More time for &lt;b&gt;all" in text(client.get(f"/leads/{leads[0].pk}/"))
    assert "Nothing would change" in text(client.get(RECALCULATE))


def test_only_ticked_rows_are_done(company: Company, leads: list[Lead], now: dt.datetime) -> None:
    next_kit(company, now)
    client = browser(company.revops)
    shown = client.get(RECALCULATE).context["clocks"]
    ticked = shown.rows[0]
    sent = {"scope": "ticked", "row": [ticked.clock], "reason": "One", "seen": shown.ask.seen}
    client.post(RECALCULATE, sent)
    renewed = Clock.objects.filter(obligation="accept", state="RUNNING", kit__number=2)
    assert [clock.lead_id for clock in renewed] == [ticked.lead]
    again = client.post(RECALCULATE, {**sent, "row": []})
    assert again.status_code == 422
    assert "No clock that would change was chosen" in text(again)


def test_a_refusal_keeps_what_was_typed(
    company: Company, leads: list[Lead], now: dt.datetime
) -> None:
    next_kit(company, now)
    client = browser(company.revops)
    shown = client.get(RECALCULATE).context["clocks"]
    row = shown.rows[0].clock
    sent: dict[str, Any] = {"scope": "ticked", "row": [row], "reason": " ", "seen": shown.ask.seen}
    answer = client.post(RECALCULATE, sent)
    assert answer.status_code == 422
    assert "Say why, in a few words" in text(answer)
    assert f'value="{row}" aria-label="Accept or reject' in text(answer)
    assert answer.context["clocks"].rows[0].ticked

    factories.work(leads[0], to="SAL", now=now + dt.timedelta(seconds=1))
    sent |= {"scope": "all", "reason": "Typed once"}
    answer = client.post(RECALCULATE, sent)
    assert answer.status_code == 409
    assert "1 clock has changed since. Look again." in text(answer)
    assert "Typed once</textarea>" in text(answer)
    assert not KitApplication.objects.exists()
    fresh_seen = answer.context["clocks"].ask.seen
    assert client.post(RECALCULATE, {**sent, "seen": fresh_seen}).status_code == 303


def test_leads_are_moved_as_confirmed(
    company: Company, leads: list[Lead], now: dt.datetime
) -> None:
    next_kit(company, now, icp=[10, 30])
    client = browser(company.revops)
    shown = client.get(REQUALIFY).context["leads"]
    assert [(one.label, one.gains, one.losses) for one in shown.sources] == [("Paid", 1, 1)]
    assert [row.lead for row in shown.gains] == [leads[2].pk]
    assert [row.lead for row in shown.losses] == [leads[3].pk]
    assert shown.gains[0].goes == "DACH"
    assert [check.tone for check in shown.losses[0].checks] == ["late", "ok"]
    sent = {
        "scope": "all", "reason": "A new market", "seen": shown.ask.seen,
        "recycle": [leads[3].pk, leads[0].pk],
    }  # fmt: skip
    answer = client.post(REQUALIFY, sent)
    assert answer.status_code == 303
    assert [fresh(lead).stage for lead in leads] == ["MQL", "MQL", "MQL", "NURTURE"]
    story = text(client.get(f"/leads/{leads[2].pk}/"))
    assert "re-qualified it as" in story
    assert "A new market" in story


def test_the_files_hold_every_row_with_names(
    company: Company, leads: list[Lead], now: dt.datetime
) -> None:
    next_kit(company, now, icp=[10, 30])
    client = browser(company.revops)
    rows = {
        name: b"".join(client.get(f"/kit/{name}.csv")).decode().splitlines()  # type: ignore[arg-type]
        for name in ("recalculate", "requalify")
    }
    assert rows["recalculate"][0].startswith("\ufeffLead,Name,Company")
    assert len(rows["recalculate"]) == 1 + 2
    assert leads[0].person.name in rows["recalculate"][1]
    assert len(rows["requalify"]) == 1 + 2
    assert "if ticked" in rows["requalify"][2]


def test_only_revops_and_managers_come_in(
    company: Company, leads: list[Lead], now: dt.datetime
) -> None:
    next_kit(company, now, icp=[10, 30])
    addresses = [RECALCULATE, REQUALIFY, "/kit/recalculate.csv", "/kit/requalify.csv",
                 "/kit/applied/1/"]  # fmt: skip
    for who in (company.reps[0], company.marketing):
        for address in addresses:
            assert browser(who).get(address).status_code == 403, address
        for address in (RECALCULATE, REQUALIFY):
            assert browser(who).post(address, {"scope": "all", "reason": "x"}).status_code == 403
    for address in addresses:
        assert Client().get(address).status_code == 302
    boss = factories.user("sue", is_superuser=True)
    for who in (company.revops, company.manager, boss):
        assert browser(who).get(RECALCULATE).status_code == 200
        assert browser(who).get(REQUALIFY).status_code == 200


def test_a_manager_sees_their_teams_leads_and_their_own_records(
    company: Company, leads: list[Lead], now: dt.datetime
) -> None:
    other = factories.user("otto", role="MANAGER")
    next_kit(company, now)
    for who, count in ((company.manager, 2), (other, 0)):
        page = browser(who).get(RECALCULATE).context["clocks"]
        assert len(page.rows) == count
    shown = browser(company.manager).get(RECALCULATE).context["clocks"]
    sent = {"scope": "all", "reason": "Ours", "seen": shown.ask.seen}
    done = browser(company.manager).post(RECALCULATE, sent)
    for who, status in ((company.manager, 200), (other, 404), (company.revops, 200)):
        assert browser(who).get(done["Location"]).status_code == status
    assert "Done before" in text(browser(company.manager).get(RECALCULATE))
    assert "Done before" not in text(browser(other).get(RECALCULATE))


@pytest.mark.parametrize(
    "address",
    [
        "/kit/recalculate/?owner=moon", "/kit/recalculate/?team=1e9", "/kit/recalculate.csv?team=x",
        "/kit/recalculate/?obligation=%00", "/kit/requalify/?stage=WON",
        "/kit/requalify/?channel=%00", "/kit/requalify.csv?source=moon",
    ],
)  # fmt: skip
def test_a_filter_that_means_nothing_is_told(company: Company, address: str) -> None:
    answer = browser(company.revops).get(address)
    if "%00" in address:
        assert answer.status_code in (400, 422)
        return
    assert answer.status_code == 422
    assert "pick one from the list" in text(answer)


def test_filters_narrow_and_stay_with_the_confirmation(
    company: Company, leads: list[Lead], now: dt.datetime
) -> None:
    next_kit(company, now)
    client = browser(company.revops)
    page = client.get(RECALCULATE, {"owner": str(leads[0].owner_id)}).context["clocks"]
    assert [row.lead for row in page.rows] == [leads[0].pk]
    sent = {"scope": "all", "reason": "One rep", "seen": page.ask.seen}
    assert client.post(page.ask.action, sent).status_code == 303
    assert KitApplication.objects.get().total == 1


def test_hostile_forms_are_refused_not_crashed_on(
    company: Company, leads: list[Lead], now: dt.datetime
) -> None:
    next_kit(company, now)
    client = browser(company.revops)
    for sent in (
        {"scope": "all"},
        {"scope": "ticked", "row": ["x", "9" * 30, "-1"], "reason": "x", "seen": "y"},
        {"scope": "all", "reason": "nul \0", "seen": "y"},
        {"scope": "all", "reason": "x" * 600, "seen": ""},
    ):
        for address in (RECALCULATE, REQUALIFY):
            assert client.post(address, sent).status_code in (400, 409, 422), (address, sent)
    assert not KitApplication.objects.exists()
    assert client.get(f"/kit/applied/{'9' * 25}/").status_code == 404


def test_what_failed_is_named_with_its_lead(company: Company, leads: list[Lead]) -> None:
    clock = Clock.objects.filter(lead=leads[0]).first()
    assert clock is not None
    row = KitApplication.objects.create(
        act="RECALCULATE", kit_id=company.kit.id, by=company.revops, reason="r", total=3, done=3,
        changed=1, state="DONE", passed_over={"failed": 1, "moved_on": 1},
        failures=[{"verb": "recalculate", "id": clock.pk, "why": "broken row"}],
        requested_at=timezone.now(),
    )  # fmt: skip
    page = text(browser(company.revops).get(f"/kit/applied/{row.pk}/"))
    assert "1 clock could not be done" in page
    assert "1 clock had moved on meanwhile" in page
    assert f'href="/leads/{leads[0].pk}/"' in page
    assert "broken row" in page


def test_the_price_of_a_page_does_not_grow_with_its_rows(
    company: Company, now: dt.datetime
) -> None:
    def queries(count: int) -> list[int]:
        small = {"employees": "20"}
        factories.captures([factories.touch() for _ in range(count)], now=now)
        factories.captures([factories.touch(company=small) for _ in range(count)], now=now)
        client = browser(company.revops)
        spent = []
        for address in (RECALCULATE, REQUALIFY):
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                client.get(address)
            spent.append(len(asked))
        return spent

    next_kit(company, now, icp=[10, 30])
    few = queries(2)
    assert queries(15) == few
