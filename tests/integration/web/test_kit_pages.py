"""The kit's pages: what they say to whom, and what they cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from governance import describing, services
from governance.models import ClockExemption, Criterion, KitVersion, Reason
from people.models import Role, User
from tests import factories, kit_versions
from tests.integration.web.test_kit_acts import (
    a_draft,
    client_of,
    in_review,
    narrow,
    reorder,
    seen,
    signed,
    warn,
)

DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def standing(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[factories.Company]:
    """The company, founded once a module; each test's own changes are rolled back within."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield factories.company(now=timezone.now() - DAY)
        transaction.set_rollback(True)


@pytest.fixture
def company(standing: factories.Company, db: None) -> factories.Company:
    return standing


def html(user: User, name: str, *args: Any, status: int = 200) -> str:
    answer = client_of(user).get(reverse(f"console:{name}", args=args))
    text = answer.content.decode()
    assert answer.status_code == status, text[-3000:]
    return text


def queries(client: Client, url: str) -> int:
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as told:
        client.get(url)
    return len(told)


def test_the_kit_page_tells_every_kind_of_part(company: factories.Company) -> None:
    text = html(company.reps[0], "kit")
    for told in (
        "Acceptance criteria", "Affirmed by the owner", "SDR answers for it",
        "Starts when assigned; ended by accepted or rejected",
        "Escalation", "Channels", "2. Partner leads", "Goes to pool",
        "Half of it is gone every 14 days", "Contests “Ideal customer profile”",
        "At least 4 of 6 answered", "Identity", "Data quality",
        "Mon–Fri 09:00–17:00, Berlin time", "Closed next:", "Other stages",
        "An act can be undone for 10 min", "Published by",
    ):  # fmt: skip
        assert told in text, told


def test_what_is_on_its_way_is_told_to_everybody_and_linked_for_who_may_look_in(
    company: factories.Company,
) -> None:
    draft, review, scheduled = a_draft(company, narrow), in_review(company), signed(company)
    at = timezone.now() + 3 * DAY
    services.schedule(scheduled, by=company.revops, at=at, now=timezone.now())
    for user, linked in ((company.reps[0], False), (company.manager, True)):
        text = html(user, "kit")
        assert f"by {company.revops}" in text
        assert "1 change" in text
        assert "Awaits Sales: " in text
        assert "In force from" in text
        for version in (draft, review, scheduled):
            address = reverse("console:kit-version", args=[version.number])
            assert (f'href="{address}"' in text) is linked


def test_only_revops_is_offered_a_new_draft(company: factories.Company) -> None:
    assert "New draft" in html(company.revops, "kit")
    for user in (company.manager, company.marketing, company.reps[0]):
        assert "New draft" not in html(user, "kit")


@pytest.mark.parametrize("who", ["revops", "manager", "marketing"])
def test_a_draft_is_shown_to_who_writes_and_signs(company: factories.Company, who: str) -> None:
    draft = a_draft(company, warn)
    text = html(getattr(company, who), "kit-version", draft.number)
    for told in ("simulate it on real leads", "Warnings need a note",
                 "Reason “No interest of their own”",
                 "Nobody has signed yet", "Began the draft on v1"):  # fmt: skip
        assert told in text, told


def test_a_draft_is_not_there_for_others_but_a_published_version_is(
    company: factories.Company,
) -> None:
    draft = a_draft(company, narrow)
    rep = company.reps[0]
    html(rep, "kit-version", draft.number, status=404)
    html(rep, "kit-version", 2**40, status=404)
    html(rep, "kit-compare", 1, draft.number, status=404)
    published = kit_versions.publish(draft, by=company.revops, now=timezone.now())
    text = html(rep, "kit-version", published.number)
    assert "between 50 and 5,000 employees → between 100 and 5,000" in text
    assert "/acts/" not in text
    html(rep, "kit-compare", 1, published.number)


def test_the_page_says_what_comes_next(company: factories.Company) -> None:
    draft, now = a_draft(company, narrow), timezone.now()
    revops, number = company.revops, draft.number
    assert "Next: simulate it" in html(revops, "kit-version", number)
    kit_versions.simulated(draft, now=now)
    assert "Next: submit it for review" in html(revops, "kit-version", number)
    services.submit(draft, by=revops, now=now, note="Read it")
    text = html(revops, "kit-version", number)
    assert f"Waiting for the signatures of Sales ({company.manager}) and Marketing" in text
    services.sign(draft, party="SALES", by=company.manager, now=now)
    assert f"Waiting for the signature of Marketing: {company.marketing}." in html(
        revops, "kit-version", number
    )
    services.sign(draft, party="MARKETING", by=company.marketing, now=now)
    assert "Publish it now, or schedule it" in html(revops, "kit-version", number)
    services.publish(draft, by=revops, now=now)
    assert "Every new decision works under it" in html(revops, "kit-version", number)


def test_void_signatures_say_why(company: factories.Company) -> None:
    version = in_review(company)
    services.sign(version, party="SALES", by=company.manager, now=timezone.now())
    services.reopen(version, by=company.revops, now=timezone.now())
    row = Criterion.objects.get(kit=version, key="icp")
    row.prose = "Another."
    row.save()
    text = html(company.revops, "kit-version", version.number)
    assert "Void: the text was edited since" in text


def test_a_stale_draft_asks_for_a_rebase(company: factories.Company) -> None:
    stale = a_draft(company, narrow)
    kit_versions.publish(a_draft(company, reorder), by=company.revops, now=timezone.now())
    assert "Rebase it first" in html(company.revops, "kit-version", stale.number)


def test_each_reader_is_offered_their_own_acts(company: factories.Company) -> None:
    version = in_review(company)

    def offered(user: User) -> list[str]:
        page = client_of(user).get(reverse("console:kit-version", args=[version.number]))
        return [act.label for act in page.context["version"].acts]

    assert offered(company.manager)[0] == "Sign for Sales"
    assert offered(company.marketing)[0] == "Sign for Marketing"
    assert "Back to draft" in offered(company.revops)
    assert not any("Sign" in label for label in offered(company.revops))
    services.sign(version, party="SALES", by=company.manager, now=timezone.now())
    assert not any("Sign" in label for label in offered(company.manager))


def test_the_menu_counts_what_awaits_my_signature(company: factories.Company) -> None:
    version = in_review(company)

    def counted(user: User) -> int:
        links = client_of(user).get(reverse("console:notices")).context["frame"].links
        return next(link.count for link in links if link.icon == "kit")

    assert [counted(user) for user in (company.manager, company.marketing)] == [1, 1]
    assert [counted(user) for user in (company.revops, company.reps[0])] == [0, 0]
    services.sign(version, party="SALES", by=company.manager, now=timezone.now())
    assert counted(company.manager) == 0
    services.reopen(version, by=company.revops, now=timezone.now())
    assert counted(company.marketing) == 0


def test_an_edit_in_review_asks_nobody_to_sign(company: factories.Company) -> None:
    version = in_review(company)
    row = Criterion.objects.get(kit=version, key="icp")
    row.prose = "Slipped in."
    row.save()
    page = client_of(company.manager).get(reverse("console:kit-version", args=[version.number]))
    assert "edited after its review began" in page.content.decode()
    assert not any(act.name == "sign" for act in page.context["version"].acts)


def test_whoever_changed_a_part_is_named_even_versions_later(company: factories.Company) -> None:
    first = a_draft(company, narrow)
    for row in Criterion.objects.filter(kit=first, key="icp"):
        row._history_user = company.revops
        row.save()
    kit_versions.publish(first, by=company.revops, now=timezone.now())
    ben = factories.user("bea", role=Role.REVOPS)
    second = services.draft(base=first, title="Later", by=ben, now=timezone.now())
    reorder(second)
    page = client_of(company.revops).get(reverse("console:kit-compare", args=[1, second.number]))
    hands = {
        row.subject: row.hand for group in page.context["comparison"].groups for row in group.rows
    }
    assert hands["MQL criterion “Ideal customer profile”"].startswith(f"{company.revops}, ")
    assert hands["MQL criterion “Ideal customer profile”"].endswith(f"in v{first.number}")


def test_versions_are_chosen_by_a_form(company: factories.Company) -> None:
    draft = a_draft(company, narrow)
    client = client_of(company.revops)
    answer = client.get(reverse("console:kit-choose"), {"before": "1", "after": draft.number})
    assert answer["Location"] == reverse("console:kit-compare", args=[1, draft.number])
    for odd in ({}, {"before": "one", "after": "2"}, {"before": "1", "after": "9" * 40}):
        assert client.get(reverse("console:kit-choose"), odd).status_code == 422


def test_equal_versions_say_so(company: factories.Company) -> None:
    draft = a_draft(company, lambda version: None)
    assert "say the same, word for word" in html(company.revops, "kit-compare", 1, draft.number)


@pytest.mark.parametrize("page", ["kit", "kit-version", "kit-compare", "kit-version-act"])
def test_queries_do_not_grow_with_versions_and_changes(
    company: factories.Company, page: str
) -> None:
    version = in_review(company)
    args = {"kit": [], "kit-version": [version.number], "kit-compare": [1, version.number],
            "kit-version-act": [version.number, "sign"]}[page]  # fmt: skip
    client, url = client_of(company.manager), reverse(f"console:{page}", args=args)
    few = queries(client, url)
    assert few <= 60
    for label in ("First of all", "Then this"):

        def rename(version: KitVersion, label: str = label) -> None:
            Reason.objects.filter(kit=version, key="spam").update(label=f"{label} {version.pk}")

        kit_versions.publish(a_draft(company, rename), by=company.revops, now=timezone.now())
        a_draft(company, rename)
        in_review(company, rename)
    Criterion.objects.filter(kit=version).update(prose="All of them anew.")
    assert queries(client, url) <= few + 2


def test_a_page_costs_reps_nothing_for_signatures(company: factories.Company) -> None:
    client, url = client_of(company.reps[0]), reverse("console:notices")
    before = queries(client, url)
    in_review(company)
    assert queries(client, url) <= before + 1


def test_nothing_people_write_is_taken_as_html(company: factories.Company) -> None:
    draft = a_draft(company, narrow)
    nasty = "<script>alert(1)</script>"
    KitVersion.objects.filter(pk=draft.pk).update(title=nasty, notes=nasty)
    Criterion.objects.filter(kit=draft, key="icp").update(label=nasty[:80], prose=nasty)
    for name, args in (("kit", []), ("kit-version", [draft.number]),
                       ("kit-compare", [1, draft.number])):  # fmt: skip
        text = html(company.revops, name, *args)
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text
    assert seen(draft)


def test_any_version_can_be_read_whole(company: factories.Company) -> None:
    draft = a_draft(company, narrow)
    text = html(company.marketing, "kit-text", draft.number)
    assert "Company size is between 100 and 5,000 employees" in text
    assert "Clocks by stage and channel" in text
    html(company.reps[0], "kit-text", draft.number, status=404)
    assert "between 50 and 5,000" in html(company.reps[0], "kit-text", 1)


def test_a_version_that_cannot_be_read_says_what_is_wrong(company: factories.Company) -> None:
    draft = a_draft(company, narrow)
    Criterion.objects.filter(kit=draft, key="icp").update(condition={"fact": "no.such", "op": "eq"})
    assert "criterion.icp" in html(company.revops, "kit-text", draft.number, status=422)
    text = html(company.revops, "kit-version", draft.number)
    assert "1 error stands against it" in text
    assert "MQL criterion “Ideal customer profile”" in text


def test_where_nothing_is_owed_the_matrix_says_why(company: factories.Company) -> None:
    def exempt(version: KitVersion) -> None:
        ClockExemption.objects.create(
            kit=version, key="lists", stages=["MQL"], channels=["IMPORT"], because="They are cold."
        )

    draft = a_draft(company, exempt)
    text = html(company.revops, "kit-text", draft.number)
    assert "No SLA, <span" in text
    assert "because They are cold." in text


def test_the_history_tells_each_step_with_who_and_why(company: factories.Company) -> None:
    version, now = in_review(company), timezone.now()
    services.reopen(version, by=company.marketing, now=now, why="One more thing")
    describing.describe(version, title="Named", notes="", by=company.revops, now=now)
    kit_versions.simulated(version, now=now)
    services.submit(version, by=company.revops, now=now, note="Again")
    kit_versions.sign(version, now=now)
    services.schedule(version, by=company.revops, at=now + DAY, now=now)
    page = client_of(company.revops).get(reverse("console:kit-version", args=[version.number]))
    told = [(one.who, one.text) for one in page.context["version"].story]
    assert told.count((str(company.revops), "Submitted it for review")) == 2
    assert (str(company.marketing), "Took it back to draft: One more thing") in told
    assert (str(company.revops), "Changed title or notes") in told
    assert any(text.startswith("Scheduled it for ") for _, text in told)
    assert {"Signed for Sales", "Signed for Marketing"} <= {text for _, text in told}
    assert told[-1] == (str(company.revops), "Began the draft on v1")
