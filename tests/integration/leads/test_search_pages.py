"""A page of a searched list holds what the search finds, in order, whichever way it is gathered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from django.test import Client

from leads import search, search_pages, selectors, sight
from leads.models import Lead, Person
from leads.search_pages import Page, Wanted
from people.models import Role, User
from tests import factories

pytestmark = pytest.mark.django_db

TEXTS = ("mar", "ma", "marlin", "martha marlin", "marlin one", "@marlin.example", "nobody",
         "+49 30 9018200", "90182", "martha@marlin.example", "  ")  # fmt: skip


@pytest.fixture
def company(db: None) -> factories.Company:
    """Leads of which half are somebody's, with names, companies and addresses that hold `mar`."""
    company = factories.company()
    named = [("Martha", "Jones", "marlin", "Marlin One"), ("Petra", "Marlin", "two", "Two"),
             ("Kim", "Lee", "marlin", "Marlin One"), ("Mara", "Marlin", "three", "Marlin Three"),
             ("Ida", "Winter", "four", "Four"), ("Omar", "Said", "five", "Five")]  # fmt: skip
    for place, (first, last, domain, name) in enumerate(named * 2):
        local = first.lower() if place < len(named) else f"{last.lower()}.of.mars"
        person = {"first_name": first, "last_name": last, "email": f"{local}@{domain}.example",
                  "phone": f"+49 30 901820{place:02}"}  # fmt: skip
        touch = factories.touch(
            person=person, company={"name": name, "domain": f"{domain}.example"}
        )
        lead = factories.captures([touch], now=factories.NOW.replace(minute=place * 3))[0]
        owner = company.reps[place % 2] if place % 3 else None
        Lead.objects.filter(pk=lead.pk).update(owner=owner, queue="")
        lead.assignments.all().delete()
    gone = Person.objects.filter(last_name="Said").order_by("pk")
    Person.objects.filter(pk=gone[0].pk).update(merged_into=gone[1].pk)
    return company


def found(reader: User, text: str, *, size: int, oldest_first: bool) -> list[int]:
    """Page after page, as links lead from one to the next; the count agrees on each."""
    leads, among = selectors.held_against(reader)
    told, after, counts = [], None, set()
    while True:
        wanted = Wanted(size, counted=100, oldest_first=oldest_first, after=after)
        page = search_pages.find(leads, text, wanted, among=among)
        told += page.ids
        counts.add(page.count)
        if len(page.ids) < size:
            assert counts == {len(told)}
            return told
        last = Lead.objects.get(pk=page.ids[-1])
        after = (last.created_at, last.pk)


def readers(company: factories.Company) -> Iterator[User]:
    yield company.revops
    for role in (Role.SDR, Role.MANAGER, Role.FINANCE):
        reader = company.reps[0]
        reader.role = role
        yield reader


def test_pages_hold_what_the_search_finds(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = set()
    for reader, text, oldest_first in itertools.product(readers(company), TEXTS, (True, False)):
        order = ("created_at", "pk") if oldest_first else ("-created_at", "-pk")
        fits = search.narrow(selectors.listed_to(reader), text).order_by(*order)
        expected = list(fits.values_list("pk", flat=True)) if text.strip() else []
        seen.add(len(expected))
        for few in (0, 50_000):
            monkeypatch.setattr(sight, "HELD_AGAINST", few)
            got = found(reader, text, size=2, oldest_first=oldest_first)
            assert got == expected, f"{reader.role} {text} {few}"
    assert len(seen) > 5


def test_filters_hold_within_a_search(company: factories.Company) -> None:
    reader = company.reps[0]
    leads, among = selectors.held_against(reader)
    mine = leads.filter(owner=reader)
    page = search_pages.find(mine, "mar", Wanted(10, 10), among=among)
    fits = search.narrow(Lead.objects.filter(owner=reader), "mar")
    assert set(page.ids) == set(fits.values_list("pk", flat=True)) != set()
    assert search_pages.find(leads.none(), "mar", Wanted(10, 10), among=among) == Page()


def test_what_was_not_looked_at_is_told(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = search_pages.find(Lead.objects.all(), "mar", Wanted(50, 50))
    assert not whole.is_cut
    assert not whole.left_out
    monkeypatch.setattr(search_pages, "PLENTY", 3)
    named = search_pages.find(Lead.objects.all(), "mar", Wanted(50, 50))
    assert named.left_out
    by_address = Person.objects.filter(leads__in=set(whole.ids) - set(named.ids))
    assert {one.last_name for one in by_address} == {"Winter"}
    assert all("mar" in one.email for one in by_address)
    monkeypatch.setattr(search_pages, "MOST", 2)
    cut = search_pages.find(Lead.objects.all(), "mar", Wanted(50, 50))
    assert cut.is_cut
    client = Client()
    client.force_login(company.revops)
    text = client.get("/leads/?q=mar").content.decode()
    assert "Only the first 2 that fit were looked at: type more of it" in text
    assert "More than 3 fit by name or company, so e-mail addresses were not searched" in text
