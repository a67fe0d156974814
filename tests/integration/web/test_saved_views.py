"""Reports kept under a name: opened as they were asked for, shared, deleted and had back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import User
from tests import factories
from web.models import SavedFilter


@pytest.fixture
def company(db: None) -> factories.Company:
    return factories.company(now=timezone.now() - factories.DAY)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sent(client: Client, url: str, data: dict[str, str]) -> Any:
    """The page that one is led to."""
    answer = client.post(url, data)
    assert answer.status_code == 303
    return client.get(answer["Location"])


def keep(reader: User, page: str, query: str = "", **more: str) -> Any:
    typed = {"page": page, "query": query, "next": f"/reports/?{query}", **more}
    return sent(browser(reader), reverse("console:saved-keep"), typed)


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("lead_conversion", "period=90&by=team&compare=year&source=WEB"),
        ("sla", "days=90"),
        ("scores", ""),
        ("rejections", "by=reason"),
    ],
)
def test_a_report_opens_again_as_it_was_kept(
    company: factories.Company, page: str, query: str
) -> None:
    anna, ben = company.reps
    answer = keep(anna, page, query, name="Quarter", share="TEAM")
    assert answer.status_code == 200
    [one] = browser(ben).get(reverse("console:reports")).context["saved"]
    assert (one.name, one.whose, one.may_change) == ("Quarter", str(anna), False)
    opened = browser(ben).get(one.url)
    assert opened.status_code == 200
    assert opened.request["QUERY_STRING"] == query
    assert [saved.name for saved in opened.context["saved"]] == ["Quarter"]
    assert (
        "Quarter"
        in browser(ben)
        .get(reverse("console:palette"), {"q": "quar"}, headers={"HX-Request": "true"})
        .content.decode()
    )


def test_names_are_taken_once_per_report_and_lists_keep_their_own(
    company: factories.Company,
) -> None:
    anna = company.reps[0]
    keep(anna, "sla", name="Mine")
    keep(anna, "lead_conversion", name="Mine")
    keep(anna, "leads", "stage=MQL", name="Mine")
    said = keep(anna, "sla", name="Mine").content.decode()
    assert "There is one of this name already" in said
    kept = SavedFilter.objects.order_by("page").values_list("page", flat=True)
    assert list(kept) == ["lead_conversion", "leads", "sla"]
    listed = browser(anna).get(reverse("console:leads")).context["saved"]
    assert [one.url for one in listed] == ["/leads/?stage=MQL"]


@pytest.mark.parametrize(
    ("page", "query", "said"),
    [
        ("nonsense", "", "There is no such report."),
        ("lead_conversion", "period=soon", "is no period"),
        ("lead_conversion", "by=moon", "moon"),
    ],
)
def test_what_no_page_would_show_is_not_kept(
    company: factories.Company, page: str, query: str, said: str
) -> None:
    answer = keep(company.revops, page, query, name="x")
    assert said in answer.content.decode()
    assert not SavedFilter.objects.exists()


def test_what_was_deleted_comes_back_unless_its_name_is_taken(company: factories.Company) -> None:
    anna, ben = company.reps
    keep(anna, "sla", "days=7", name="Week", share="ALL")
    first = SavedFilter.objects.get()
    change, undo = (
        reverse(f"console:saved-{act}", args=[first.pk]) for act in ("change", "restore")
    )
    told = sent(browser(anna), change, {"delete": "1", "next": "/reports/sla/"})
    assert undo in told.content.decode(), "the toast has it back"
    assert not browser(ben).get(reverse("console:reports")).context["saved"]
    assert browser(ben).post(undo).status_code == 404
    keep(anna, "sla", name="Week")
    said = sent(browser(anna), undo, {"next": "/reports/sla/"}).content.decode()
    assert "There is one of this name already" in said
    browser(anna).post(
        reverse("console:saved-change", args=[SavedFilter.objects.latest("pk").pk]),
        {"name": "Other", "share": "OWN"},
    )
    browser(anna).post(undo)
    names = [one.name for one in browser(anna).get(reverse("console:reports")).context["saved"]]
    assert names == ["Other", "Week"]
