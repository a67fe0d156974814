"""The queue of duplicates, two people side by side, and what a lead's page says of merges."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import database
from leads.models import DuplicateSuggestion, IdentityKey, Lead, Person, PersonMerge
from lifecycle import merging
from people.models import User
from routing.models import Assignment
from tests import factories, pages


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def company(db: None) -> factories.Company:
    return factories.company(now=database.now())


def pair(company: factories.Company, **parts: Any) -> tuple[Lead, Lead, DuplicateSuggestion]:
    bodies = [factories.touch(**parts), factories.touch(**parts)]
    one, other = factories.captures(bodies, now=database.now())
    made = merging.suggest(lead_id=one.pk, other_id=other.pk, by=company.revops)
    return one, other, made


def then(client: Client, answer: Any) -> str:
    """The page it leads to, with its message."""
    assert answer.status_code == 303
    return text(client.get(answer["Location"]))


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_pair_is_found_compared_merged_and_parted_again(company: factories.Company) -> None:
    one, other, made = pair(company)
    client = browser(company.marketing)
    queue = text(client.get("/duplicates/"))
    assert "Somebody here says so" in queue
    assert "1 pair, the likeliest first" in queue
    page = client.get(f"/duplicates/{made.pk}/")
    assert "carries on at MQL" in text(page)
    sent = pages.form(page, "merge", keep_last_name="LOSER", reason="Told us")
    said = then(client, client.post(f"/duplicates/{made.pk}/merge/", sent))
    assert "is part of" in said
    merge = PersonMerge.objects.get()
    assert f"/merges/{merge.pk}/undo/" in said
    assert Person.objects.get(pk=one.person_id).last_name == other.person.last_name
    rests = text(client.get(f"/leads/{other.pk}/"))
    assert f'it goes on as <a href="/leads/{one.pk}/">' in rests
    goes_on = text(client.get(f"/leads/{one.pk}/"))
    assert "Told us" in goes_on
    assert other.person.email in goes_on
    assert f"(lead {other.pk})" in goes_on
    answer = client.post(f"/merges/{merge.pk}/undo/", {"next": f"/leads/{one.pk}/"})
    assert "two people again" in then(client, answer)
    assert Lead.objects.filter(stage="MERGED").count() == 0


def test_the_reader_turns_who_stays(company: factories.Company) -> None:
    _, other, made = pair(company)
    client = browser(company.revops)
    page = client.get(f"/duplicates/{made.pk}/?winner={other.person_id}")
    client.post(f"/duplicates/{made.pk}/merge/", pages.form(page, "merge"))
    assert PersonMerge.objects.get().winner_id == other.person_id


def test_ticked_pairs_are_two_people_each_until_it_is_taken_back(
    company: factories.Company,
) -> None:
    made = [pair(company)[2].pk for _ in range(3)]
    client = browser(company.manager)
    said = then(client, client.post("/duplicates/dismiss/", {"pair": made[:2]}))
    assert "2 pairs marked as two people" in said
    assert DuplicateSuggestion.objects.filter(status="DISMISSED").count() == 2
    dismissed = text(client.get("/duplicates/?status=DISMISSED"))
    assert "Two people" in dismissed
    undo = f"/duplicates/reopen/?pairs={made[0]},{made[1]}"
    assert undo in said
    client.post(undo)
    assert DuplicateSuggestion.objects.filter(status="OPEN").count() == 3


def test_the_queue_goes_on_by_key_and_costs_the_same(company: factories.Company) -> None:
    people = [Person(first_name=f"P{n}", created_at=factories.NOW) for n in range(110)]
    Person.objects.bulk_create(people)
    DuplicateSuggestion.objects.bulk_create(
        DuplicateSuggestion(
            first=people[n], second=people[n + 1], source="SEARCH", score=90 - n % 7,
            reasons=[{"rule": "LAST_NAME", "found": "EQUAL", "bits": 5.0},
                     {"rule": "COUNTRY", "found": "OTHER", "bits": -2.0}],
            suggested_at=factories.NOW,
        )
        for n in range(0, 109)
    )  # fmt: skip
    client = browser(company.revops)
    seen: list[int] = []
    url, counts = "/duplicates/", set()
    while url:
        with CaptureQueriesContext(connection) as told:
            page = client.get(url).context["duplicates"]
        counts.add(len(told))
        seen += [row.id for row in page.rows]
        url = page.next_url
    assert len(seen) == len(set(seen)) == 109
    assert max(counts) - min(counts) <= 2
    assert max(counts) <= 16
    assert "Same last name; against it: other country" in text(client.get("/duplicates/?score=75"))


def test_a_pair_costs_a_fixed_number_of_queries(
    company: factories.Company, django_assert_max_num_queries: Any
) -> None:
    made = pair(company)[2]
    client = browser(company.revops)
    client.get(f"/duplicates/{made.pk}/")
    with django_assert_max_num_queries(14):
        client.get(f"/duplicates/{made.pk}/")


@pytest.mark.parametrize("query", ["?status=NEW", "?score=7", "?source=MOON", "?after=x"])
def test_an_address_that_means_nothing_is_told(company: factories.Company, query: str) -> None:
    answer = browser(company.revops).get(f"/duplicates/{query}")
    assert answer.status_code == 400
    assert "pick one from the list" in text(answer) or "use the links" in text(answer)


def test_nothing_to_review_is_said_kindly(company: factories.Company) -> None:
    assert "No duplicates to review" in text(browser(company.revops).get("/duplicates/"))


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/duplicates/dismiss/", {}),
        ("/duplicates/dismiss/", {"pair": ["0", "x", "99999999999"]}),
        ("/duplicates/reopen/?pairs=a,,99", {}),
        ("/merges/999/undo/", {"next": "https://elsewhere.example/"}),
    ],
)
def test_odd_forms_are_answered_with_a_page(
    company: factories.Company, address: str, data: dict[str, Any]
) -> None:
    answer = browser(company.revops).post(address, data)
    assert answer.status_code == 303
    assert answer["Location"] == "/duplicates/"


def test_odd_choices_are_refused_on_the_page(company: factories.Company) -> None:
    made = pair(company)[2]
    client = browser(company.revops)
    sent = {"keep_title": "BOTH", "winner": "x", "reason": "r" * 5_000}
    answer = client.post(f"/duplicates/{made.pk}/merge/", sent)
    assert "Say WINNER or LOSER" in then(client, answer)
    assert not PersonMerge.objects.exists()


def test_reps_suggest_and_merge_only_what_is_theirs(company: factories.Company) -> None:
    one, other = factories.captures([factories.touch(), factories.touch()], now=database.now())
    rep = company.reps[0]
    Lead.objects.filter(pk__in=[one.pk, other.pk]).update(sourced_by=rep)
    client = browser(rep)
    assert client.get("/duplicates/").status_code == 403
    assert "duplicates" not in text(client.get("/leads/")).lower().split("</nav>")[0]
    found = text(client.get(f"/leads/{one.pk}/same-as/?q={other.person.email}"))
    assert f'value="{other.pk}"' in found
    answer = client.post(f"/leads/{one.pk}/same-as/", {"other": str(other.pk)})
    assert "Suggested. RevOps" in then(client, answer)
    made = DuplicateSuggestion.objects.get()
    assert made.source == "PERSON"
    assert client.get(f"/duplicates/{made.pk}/").status_code == 403
    assert client.post(f"/leads/{one.pk}/same-as/", {"other": "no"}).status_code == 422


def test_a_pair_of_leads_a_rep_does_not_see_is_not_there_for_them(
    company: factories.Company,
) -> None:
    one, other, made = pair(company)
    Lead.objects.filter(pk__in=[one.pk, other.pk]).update(owner=None, queue="", sourced_by=None)
    Assignment.objects.all().delete()
    client = browser(company.reps[0])
    assert client.get(f"/leads/{one.pk}/").status_code == 404
    assert client.get(f"/duplicates/{made.pk}/").status_code == 404
    sent = {"winner": one.person_id}
    assert client.post(f"/duplicates/{made.pk}/merge/", sent).status_code == 404
    assert not PersonMerge.objects.exists()


def test_a_lead_is_found_by_an_address_that_came_with_a_merge(company: factories.Company) -> None:
    one, other, _ = pair(company)
    merging.merge(winner_id=one.person_id, loser_id=other.person_id, by=company.revops)
    key = IdentityKey.objects.get(person=other.person_id, kind="EMAIL")
    found = browser(company.revops).get("/leads/", {"q": key.value}).context["leads"]
    assert {row.id for row in found.rows} == {one.pk}


def test_turning_the_two_keeps_what_was_chosen_and_typed(company: factories.Company) -> None:
    one, other, made = pair(company)
    client = browser(company.marketing)
    page = client.get(f"/duplicates/{made.pk}/")
    sent = pages.form(page, "merge", keep_last_name="LOSER", reason="Told us")
    turned = client.post(f"/duplicates/{made.pk}/merge/", {**sent, "turn": other.person_id})
    again = pages.form(turned, "merge")
    assert again["winner"] == [str(other.person_id)]
    # The name was chosen, the address only went by the rule: it is the main record's now.
    assert (again["keep_last_name"], again["keep_email"]) == (["WINNER"], ["WINNER"])
    assert again["reason"] == ["Told us"]
    client.post(f"/duplicates/{made.pk}/merge/", again)
    assert Person.objects.get(pk=one.person_id).merged_into_id == other.person_id


def test_a_pair_that_is_one_by_now_leads_to_the_lead_that_carries_on(
    company: factories.Company,
) -> None:
    one, other, made = pair(company)
    client = browser(company.marketing)
    sent = pages.form(client.get(f"/duplicates/{made.pk}/"), "merge")
    client.post(f"/duplicates/{made.pk}/merge/", sent)
    client.post(f"/duplicates/{made.pk}/merge/", {**sent, "turn": other.person_id})
    assert client.get(f"/duplicates/{made.pk}/")["Location"] == f"/leads/{one.pk}/"


def test_a_pair_that_was_dismissed_is_reviewed_again_from_its_page_and_from_the_list(
    company: factories.Company,
) -> None:
    _, _, made = pair(company)
    client = browser(company.marketing)
    for place in (f"/duplicates/{made.pk}/", "/duplicates/?status=DISMISSED"):
        client.post("/duplicates/dismiss/", {"pair": made.pk})
        assert "/duplicates/reopen/" in text(client.get(place))
        assert "1 pair to review again" in then(
            client, client.post("/duplicates/reopen/", {"pair": made.pk})
        )
        made.refresh_from_db()
        assert made.status == DuplicateSuggestion.Status.OPEN
