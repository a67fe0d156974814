"""The console's pages: what they show, to whom, and what they cost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead
from lifecycle import actions
from people.models import User
from routing.models import Pool
from tests import factories

pytestmark = pytest.mark.django_db

PAGES = [
    "inbox",
    "leads",
    "accounts",
    "opportunities",
    "team",
    "decisions",
    "pools",
    "reports",
    "report-sla",
    "kit",
    "worker",
    "notices",
    "search",
    "time",
]
NOW = timezone.now


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=NOW() - dt.timedelta(days=1))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def html(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(f"console:{name}", args=args), query)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_sent_to_the_log_in(page: str) -> None:
    answer = Client().get(reverse(f"console:{page}"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["manager", "revops", "marketing", "rep"])
def test_every_page_opens_for_every_role(company: factories.Company, page: str, who: str) -> None:
    factories.capture(now=NOW())
    user = company.reps[0] if who == "rep" else getattr(company, who)
    assert "<h1" in html(client_of(user), page)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_before_there_is_a_kit_or_a_lead(page: str) -> None:
    assert "<h1" in html(client_of(factories.user("alone")), page)


def test_no_page_carries_inline_script_or_style(company: factories.Company) -> None:
    lead = factories.capture(now=NOW())
    client = client_of(lead.owner)
    pages = [html(client, page) for page in PAGES] + [html(client, "lead", lead.pk)]
    for text in pages:
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text
        assert "javascript:" not in text
        assert " onclick=" not in text


def test_the_inbox_shows_my_leads_by_due_time_and_why_they_are_mine(
    company: factories.Company,
) -> None:
    lead = factories.capture(now=NOW())
    text = html(client_of(lead.owner), "inbox")
    assert lead.person.last_name in text
    assert "Accept or reject" in text or "First contact" in text
    assert "you were" in text
    assert "data-due=" in text


def test_the_inbox_of_somebody_else_does_not_show_them(company: factories.Company) -> None:
    lead = factories.capture(now=NOW())
    other = next(rep for rep in company.reps if rep.pk != lead.owner_id)
    assert f'id="row-{lead.pk}"' not in html(client_of(other), "inbox")


def test_an_overdue_lead_stands_in_the_overdue_group(company: factories.Company) -> None:
    lead = factories.capture(now=NOW() - dt.timedelta(days=10))
    text = html(client_of(lead.owner), "inbox")
    assert text.index('id="group-overdue"') < text.index(f'id="row-{lead.pk}"')
    assert 'id="group-today"' not in text


def test_htmx_gets_the_pane_alone(company: factories.Company) -> None:
    lead = factories.capture(now=NOW())
    answer = client_of(lead.owner).get(
        reverse("console:inbox"),
        {"lead": lead.pk},
        headers={"HX-Request": "true", "HX-Target": "section#pane"},
    )
    text = answer.content.decode()
    assert "<html" not in text
    assert lead.person.email in text


def test_the_lead_page_tells_the_story_the_clocks_and_the_decision(
    company: factories.Company,
) -> None:
    lead = factories.capture(now=NOW())
    actions.log_activity(lead_id=lead.pk, by=lead.owner, kind="CALL", note="Asked for prices")
    text = html(client_of(lead.owner), "lead", lead.pk)
    for told in (
        "Qualified as",
        "Routed to",
        "logged: call",
        "Asked for prices",
        "was met in time",
        "Decision record",
        "matched",
        "open leads",
        "Fit, does not fade",
    ):
        assert told in text, told


def test_the_timeline_filters_by_kind(company: factories.Company) -> None:
    lead = factories.capture(now=NOW())
    text = html(client_of(lead.owner), "lead", lead.pk, kind="touches")
    assert "Touchpoint: " in text
    assert "Routed to" not in text


def test_what_buyers_write_is_escaped_everywhere(company: factories.Company) -> None:
    nasty = "<script>alert(1)</script>"
    lead = factories.capture(
        now=NOW(),
        person={"first_name": nasty, "title": nasty},
        company={"name": nasty + " Ltd"},
        note=nasty,
    )
    client = client_of(lead.owner)
    for text in (
        html(client, "inbox"),
        html(client, "lead", lead.pk),
        html(client, "leads"),
        html(client, "accounts"),
        html(client, "search", q="firma"),
    ):
        assert "<script>alert" not in text


def test_a_lead_one_may_not_see_is_not_there(company: factories.Company) -> None:
    lead = factories.capture(now=NOW())
    stranger = client_of(factories.user("stranger"))
    assert stranger.get(reverse("console:lead", args=[lead.pk])).status_code == 404
    assert stranger.get(reverse("console:lead", args=[999_999])).status_code == 404
    action = reverse("console:lead-action", args=[lead.pk, "accept"])
    assert stranger.post(action).status_code == 404


@pytest.mark.parametrize("page", ["inbox", "leads", "team", "accounts", "notices", "decisions"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    company: factories.Company, page: str, django_assert_max_num_queries: Any
) -> None:
    reader = company.revops if page in {"leads", "accounts", "decisions"} else company.reps[0]
    reader = company.manager if page == "team" else reader
    client = client_of(reader)
    few = _queries(client, page)
    factories.captures([factories.touch() for _ in range(12)], now=NOW())
    with django_assert_max_num_queries(max(few, 15)) as told:
        html(client, page)
    once = len(told)
    factories.captures([factories.touch() for _ in range(12)], now=NOW())
    assert _queries(client, page) <= once


def _queries(client: Client, page: str) -> int:
    html(client, page)
    with CaptureQueriesContext(connection) as told:
        html(client, page)
    return len(told)


def test_the_list_goes_on_by_key_without_gaps_or_doubles(company: factories.Company) -> None:
    made = factories.captures([factories.touch() for _ in range(60)], now=NOW())
    client = client_of(company.revops)
    seen: list[int] = []
    url = reverse("console:leads")
    while url:
        page = client.get(url).context["leads"]
        seen += [row.id for row in page.rows]
        url = page.next_url
    assert sorted(seen) == sorted(lead.pk for lead in made)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"stage": "FOO"}, "Stage"),
        ({"channel": "FAX"}, "Channel"),
        ({"owner": "anna"}, "Owner"),
        ({"due": "soon"}, "Due"),
        ({"after": "1-1"}, "Page"),
        ({"q": "x" * 201}, "Search"),
    ],
)
def test_an_address_that_means_nothing_is_refused_by_name(
    company: factories.Company, query: dict[str, str], says: str
) -> None:
    factories.capture(now=NOW())
    answer = client_of(company.revops).get(reverse("console:leads"), query)
    assert answer.status_code == 400
    assert says in " ".join(answer.context["leads"].problems)
    assert answer.context["leads"].rows == ()


@pytest.mark.parametrize("number", ["0", "99999999999999999999999", "-1"])
def test_odd_numbers_in_addresses_are_no_error_of_ours(
    company: factories.Company, number: str
) -> None:
    client = client_of(company.revops)
    for name, query in (
        ("inbox", {"lead": number}),
        ("leads", {"after": f"{number}.{number}"}),
        ("accounts", {"after": number}),
        ("notices", {"before": number}),
    ):
        assert client.get(reverse(f"console:{name}"), query).status_code in (200, 400)


@pytest.mark.parametrize("owner", ["me", "none"])
def test_owners_may_be_me_or_nobody(company: factories.Company, owner: str) -> None:
    lead = factories.capture(now=NOW())
    shown = client_of(lead.owner).get(reverse("console:leads"), {"owner": owner}).context["leads"]
    assert [row.id for row in shown.rows] == ([lead.pk] if owner == "me" else [])


def test_the_csv_cannot_run_formulas(company: factories.Company) -> None:
    factories.capture(now=NOW(), person={"title": "=HYPERLINK(1)"}, company={"name": "@evil Ltd"})
    answer = client_of(company.revops).get(reverse("console:leads-csv"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "'=hyperlink(1)" in text.lower()
    assert "'@evil" in text
    assert ",=" not in text


def test_the_team_board_counts_load_and_overdue(company: factories.Company) -> None:
    factories.captures([factories.touch() for _ in range(4)], now=NOW() - dt.timedelta(days=10))
    board = client_of(company.manager).get(reverse("console:team")).context["team"]
    assert sum(rep.load for rep in board.reps) == 4
    assert sum(rep.overdue for rep in board.reps) >= 4
    assert all(rep.shift.startswith(("until", "on shift")) for rep in board.reps)


def test_reps_see_a_colleagues_load_where_the_pool_shares_its_figures(
    company: factories.Company,
) -> None:
    anna, ben = company.reps

    def loads(reader: User) -> dict[int, int | None]:
        page = client_of(reader).get(reverse("console:team"))
        return {rep.id: rep.load for rep in page.context["team"].reps}

    assert loads(anna) == {anna.pk: 0, ben.pk: None}
    assert "withheld" in html(client_of(anna), "team")
    assert loads(company.manager) == {anna.pk: 0, ben.pk: 0}
    Pool.objects.update(shares_ledger=True)
    assert loads(anna) == {anna.pk: 0, ben.pk: 0}


def test_a_manager_sees_only_their_own_reps(company: factories.Company) -> None:
    elsewhere = factories.rep("zoe", team=factories.team("Elsewhere"))
    board = client_of(company.manager).get(reverse("console:team")).context["team"]
    assert elsewhere.pk not in {rep.id for rep in board.reps}


def test_the_kit_page_says_the_governance_table_in_words(company: factories.Company) -> None:
    text = html(client_of(company.reps[0]), "kit")
    for told in ("Marketing Qualified Lead", "within 4 h", "within 24 h", "within 48 h", "BANT"):
        assert told in text, told


def test_the_search_says_why_each_hit_fits(
    company: factories.Company, django_assert_max_num_queries: Any
) -> None:
    lead = factories.capture(now=NOW())
    client = client_of(company.revops)
    for asked, why in (
        (lead.person.email.upper(), "this e-mail address"),
        (lead.person.last_name.lower(), "by name"),
        (lead.account.name, "by name or domain"),
        ("nobody at all", "Nothing found that you may see"),
    ):
        with django_assert_max_num_queries(18):  # four of them savepoints, which only tests have
            text = html(client, "search", q=asked)
        assert why in text, asked
        assert (reverse("console:lead", args=[lead.pk]) in text) == (asked != "nobody at all")


def test_times_are_in_the_zone_of_the_reader(company: factories.Company) -> None:
    lead = factories.capture(now=NOW())
    User.objects.filter(pk=lead.owner_id).update(time_zone="Asia/Kolkata")
    reader = User.objects.get(pk=lead.owner_id)
    text = html(client_of(reader), "inbox")
    due = Lead.objects.get(pk=lead.pk).next_due_at.astimezone(reader.zone)
    assert f"by {due:%H:%M}" in text
    assert "Kolkata time" in text


def test_the_banner_tells_that_no_worker_runs(company: factories.Company) -> None:
    assert "Worker not started" in html(client_of(company.manager), "kit")


def test_the_sla_report_counts_what_was_met_and_late(company: factories.Company) -> None:
    started = NOW() - dt.timedelta(days=5)
    prompt, slow = factories.captures([factories.touch(), factories.touch()], now=started)
    for lead, after in ((prompt, dt.timedelta(minutes=5)), (slow, dt.timedelta(days=4))):
        actions.log_activity(lead_id=lead.pk, by=lead.owner, kind="CALL", now=started + after)
    client = client_of(company.manager)
    page = client.get(reverse("console:report-sla"), {"days": "7"}).context["report"]
    by_clock = next(table for table in page.tables if table.key == "policy")
    contact = next(row for row in by_clock.rows if "contact" in row.label.lower())
    assert (contact.met, contact.late) == (1, 1)
    assert "decided" in page.sentence
    assert len(page.days) == 7
    answer = client.get(by_clock.csv_url)
    text = b"".join(answer.streaming_content).decode()
    assert contact.label in text


def test_a_report_of_a_wrong_period_says_what_is_wrong(company: factories.Company) -> None:
    answer = client_of(company.manager).get(reverse("console:report-sla"), {"from": "soon"})
    assert answer.status_code == 422
    assert "period" in answer.content.decode()


@pytest.mark.parametrize("only", [{"team": "99999999999999999999"}, {"channel": "PIGEON"}])
def test_a_report_of_a_team_or_channel_that_is_not_there_is_refused(
    company: factories.Company, only: dict[str, str]
) -> None:
    for name in ("console:report-sla", "console:report-sla-csv"):
        answer = client_of(company.manager).get(reverse(name), only)
        assert answer.status_code == 422
        assert f"There is no such {next(iter(only))}" in answer.content.decode()
