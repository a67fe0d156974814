"""Every act on a kit version through the console: who may, what is refused, nothing is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from governance import deputies, selectors, services
from governance.models import Criterion, Deputy, KitStatus, KitVersion, Reason, Signature
from people.models import Role, User
from routing.models import RoutingRule
from tests import factories, kit_versions

DAY = dt.timedelta(days=1)
ACTS = [
    "clone", "describe", "submit", "submit-emergency", "reopen", "sign", "publish",
    "publish-emergency", "schedule", "unschedule", "withdraw", "rollback", "rebase",
]  # fmt: skip


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


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(version: KitVersion, act: str) -> str:
    return reverse("console:kit-version-act", args=[version.number, act])


def post(user: User, version: KitVersion, act: str, **data: Any) -> Any:
    return client_of(user).post(url(version, act), data)


def done(answer: HttpResponse) -> str:
    assert answer.status_code == 303, answer.content.decode()[-3000:]
    return answer["Location"]


def refused(answer: HttpResponse, status: int, *says: str) -> str:
    text = answer.content.decode()
    assert answer.status_code == status, text[-3000:]
    for told in says:
        assert told in text, told
    return text


def a_draft(company: factories.Company, edit: Callable[[KitVersion], object]) -> KitVersion:
    version = services.draft(
        base=selectors.active_version(), title="A change", by=company.revops, now=timezone.now()
    )
    edit(version)
    return version


def narrow(version: KitVersion) -> None:
    """A change that Sales and Marketing sign."""
    row = Criterion.objects.get(kit=version, key="icp")
    row.condition["all"][0]["value"] = [100, 5000]
    row.save()


def reorder(version: KitVersion) -> None:
    """A change that one approver signs."""
    RoutingRule.objects.filter(kit=version, key="partner").update(label="Partners first")


def warn(version: KitVersion) -> None:
    """A change that the check warns about: a reason that contests no criterion any more."""
    Reason.objects.filter(kit=version, key="no_interest").update(criterion="")


def in_review(
    company: factories.Company, edit: Callable[[KitVersion], object] = narrow
) -> KitVersion:
    return kit_versions.review(a_draft(company, edit), by=company.revops, now=timezone.now())


def signed(company: factories.Company, edit: Callable[[KitVersion], object] = narrow) -> KitVersion:
    return kit_versions.sign(in_review(company, edit), now=timezone.now())


def seen(version: KitVersion) -> str:
    return services.checksum(services.document_of(version))


def test_a_clone_is_a_draft_with_every_part(company: factories.Company) -> None:
    active = selectors.active_version()
    assert active is not None
    where = done(post(company.revops, active, "clone", title="Larger companies"))
    made = KitVersion.objects.get(title="Larger companies")
    assert where == reverse("console:kit-version", args=[made.number])
    assert (made.status, made.created_by) == (KitStatus.DRAFT, company.revops)
    assert seen(made) == active.checksum


def test_title_and_notes_are_changed_in_a_draft_only(company: factories.Company) -> None:
    draft = a_draft(company, narrow)
    done(post(company.revops, draft, "describe", title="New", notes="Because."))
    draft.refresh_from_db()
    assert (draft.title, draft.notes) == ("New", "Because.")
    kit_versions.review(draft, by=company.revops, now=timezone.now())
    text = refused(
        post(company.revops, draft, "describe", title="Newer", notes="Typed"), 409, "in review"
    )
    assert 'value="Newer"' in text
    assert "Typed" in text
    draft.refresh_from_db()
    assert draft.title == "New"


def test_submitting_needs_a_simulation_and_keeps_the_note(company: factories.Company) -> None:
    draft = a_draft(company, narrow)
    text = refused(post(company.revops, draft, "submit", note="Mine to keep"), 409, "simulated")
    assert "Mine to keep" in text
    kit_versions.simulated(draft, now=timezone.now())
    done(post(company.revops, draft, "submit", note="All is well"))
    draft.refresh_from_db()
    assert (draft.status, draft.review_note) == (KitStatus.IN_REVIEW, "All is well")


def test_warnings_want_a_note(company: factories.Company) -> None:
    draft = a_draft(company, warn)
    assert any(not one.is_error for one in services.check(draft))
    kit_versions.simulated(draft, now=timezone.now())
    refused(post(company.revops, draft, "submit", note=""), 422, "required")
    assert KitVersion.objects.get(pk=draft.pk).status == KitStatus.DRAFT
    done(post(company.revops, draft, "submit", note="We know."))


def test_errors_of_the_check_keep_it_from_review_and_are_listed(company: factories.Company) -> None:
    draft = a_draft(company, narrow)
    Criterion.objects.filter(kit=draft, key="icp").update(condition=None)
    kit_versions.simulated(draft, now=timezone.now())
    refused(post(company.revops, draft, "submit", note="Please"), 422, "criterion.icp", "Please")


@pytest.mark.parametrize(("party", "who"), [("SALES", "manager"), ("MARKETING", "marketing")])
def test_signing_says_what_is_signed_and_for_whom(
    company: factories.Company, party: str, who: str
) -> None:
    version = in_review(company)
    user = getattr(company, who)
    shown = client_of(user).get(url(version, "sign"), {"party": party}).content.decode()
    assert f"agree for {party.title()}" in shown
    assert "between 50 and 5,000 employees → between 100 and 5,000" in shown
    done(post(user, version, "sign", party=party, seen=seen(version), agreed="on"))
    row = Signature.objects.get(kit=version)
    assert (row.by, row.party, row.checksum) == (user, party, seen(version))


def test_a_text_that_was_edited_since_is_not_signed(company: factories.Company) -> None:
    version = in_review(company)
    refused(
        post(company.manager, version, "sign", party="SALES", seen="0" * 64, agreed="on"),
        409,
        "edited since you read it",
    )
    assert not Signature.objects.filter(kit=version).exists()


def test_a_deputy_signs_and_is_told_for_whom(company: factories.Company) -> None:
    version, now = in_review(company), timezone.now()
    dora = factories.user("dora", role=Role.AE)
    refused(client_of(dora).get(url(version, "sign")), 404)
    deputies.name(
        signer=company.marketing, deputy=dora, starts_at=now - DAY, ends_at=now + DAY,
        by=company.marketing, now=now - DAY,
    )  # fmt: skip
    page = client_of(dora).get(url(version, "sign"), {"party": "MARKETING"}).content.decode()
    assert f"As deputy of {company.marketing}" in page
    done(post(dora, version, "sign", party="MARKETING", seen=seen(version), agreed="on"))
    assert Signature.objects.get(kit=version).deputy_of == company.marketing


def test_the_wrong_role_cannot_sign(company: factories.Company) -> None:
    version = in_review(company)
    refused(
        post(company.marketing, version, "sign", party="SALES", seen=seen(version), agreed="on"),
        403,
        "cannot sign for Sales",
    )


def test_publishing_needs_the_signatures_then_it_is_in_force(company: factories.Company) -> None:
    version = in_review(company)
    refused(post(company.revops, version, "publish"), 409, "Missing: Sales and Marketing")
    kit_versions.sign(version, now=timezone.now())
    done(post(company.revops, version, "publish"))
    assert selectors.active_kit().number == version.number


def test_a_schedule_is_in_the_readers_zone_and_to_come(company: factories.Company) -> None:
    User.objects.filter(pk=company.revops.pk).update(time_zone="Asia/Kolkata")
    revops = User.objects.get(pk=company.revops.pk)
    version = signed(company)
    assert "Kolkata time" in client_of(revops).get(url(version, "schedule")).content.decode()
    text = refused(post(revops, version, "schedule", at="2020-01-01T09:00"), 422, "instant to come")
    assert 'value="2020-01-01T09:00"' in text
    refused(post(revops, version, "schedule", at="soon"), 422, "valid date")
    tomorrow = (timezone.now() + DAY).astimezone(revops.zone).replace(hour=9, minute=30, second=0)
    done(post(revops, version, "schedule", at=f"{tomorrow:%Y-%m-%dT%H:%M}"))
    version.refresh_from_db()
    assert version.status == KitStatus.SCHEDULED
    assert version.effective_from == tomorrow.replace(microsecond=0)


def test_a_schedule_can_be_cancelled_and_a_review_taken_back(company: factories.Company) -> None:
    version = signed(company)
    services.schedule(version, by=company.revops, at=timezone.now() + DAY, now=timezone.now())
    done(post(company.revops, version, "unschedule"))
    version.refresh_from_db()
    assert version.status == KitStatus.IN_REVIEW
    done(post(company.revops, version, "reopen", why="One more thing"))
    version.refresh_from_db()
    assert version.status == KitStatus.DRAFT
    done(post(company.revops, version, "withdraw"))
    version.refresh_from_db()
    assert version.status == KitStatus.WITHDRAWN
    refused(post(company.revops, version, "withdraw"), 409, "withdrawn")


def test_a_rollback_puts_the_earlier_text_up_for_signature(company: factories.Company) -> None:
    first = selectors.active_version()
    assert first is not None
    version = services.publish(signed(company), by=company.revops, now=timezone.now())
    refused(post(company.revops, version, "rollback", reason=""), 422, "required")
    where = done(post(company.revops, version, "rollback", reason="Too few leads"))
    made = KitVersion.objects.get(restores=first)
    assert where == reverse("console:kit-version", args=[made.number])
    assert made.status == KitStatus.IN_REVIEW
    for user, party in ((company.manager, "SALES"), (company.marketing, "MARKETING")):
        done(post(user, made, "sign", party=party, seen=seen(made), agreed="on"))
    assert selectors.active_kit().checksum == first.checksum


def test_an_emergency_goes_without_simulation_with_one_signature(
    company: factories.Company,
) -> None:
    draft = a_draft(company, narrow)
    asked = {"emergency_reason": "Now", "note": "The pools are still empty."}
    text = refused(post(company.revops, draft, "submit-emergency", **asked), 422, "in a sentence")
    assert "The pools are still empty.</textarea>" in text
    reason = "The old rule lets spam through."
    done(post(company.revops, draft, "submit-emergency", **asked | {"emergency_reason": reason}))
    done(post(company.manager, draft, "sign", party="SALES", seen=seen(draft), agreed="on"))
    shown = client_of(company.revops).get(url(draft, "publish-emergency")).content.decode()
    assert "reverts 24 h after publication" in shown
    done(post(company.revops, draft, "publish-emergency", emergency_reason=reason))
    draft.refresh_from_db()
    assert draft.expires_at is not None
    page = client_of(company.reps[0]).get(reverse("console:kit")).content.decode()
    assert reason in page
    assert f"Awaited for Marketing: {company.marketing}" in page
    done(post(company.marketing, draft, "sign", party="MARKETING", seen=seen(draft), agreed="on"))
    draft.refresh_from_db()
    assert draft.countersigned_at is not None
    assert reason not in client_of(company.reps[0]).get(reverse("console:kit")).content.decode()


def test_a_rebase_merges_and_asks_only_for_what_both_changed(company: factories.Company) -> None:
    mine = a_draft(company, narrow)
    other = a_draft(company, reorder)
    row = Criterion.objects.get(kit=other, key="icp")
    row.condition["all"][0]["value"] = [70, 5000]
    row.save()
    kit_versions.publish(other, by=company.revops, now=timezone.now())
    form = client_of(company.revops).get(url(mine, "rebase")).content.decode()
    assert "between 100 and 5,000 employees" in form
    assert "between 70 and 5,000 employees" in form
    assert "Routing rule “Partners first”: renamed from “Partner leads”" in form
    refused(post(company.revops, mine, "rebase"), 422, "required")
    done(post(company.revops, mine, "rebase", **{"criterion.icp": "mine"}))
    mine.refresh_from_db()
    assert mine.base_id == other.pk
    assert RoutingRule.objects.get(kit=mine, key="partner").label == "Partners first"
    kept = Criterion.objects.get(kit=mine, key="icp").condition["all"][0]["value"]
    assert kept == [100, 5000]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_works_on_no_kits_is_told_so(company: factories.Company, act: str, method: str) -> None:
    """A published version is everybody's to read, so the refusal says why; nothing is done."""
    active = selectors.active_version()
    assert active is not None
    sdr = client_of(company.reps[0])
    count = KitVersion.objects.count()
    answer = getattr(sdr, method)(url(active, act), {"party": "SALES", "seen": "", "reason": "x"})
    if (act, method) in {("sign", "get")}:
        assert answer.status_code == 200
    else:
        assert answer.status_code in {403, 409, 422}, answer.content.decode()[:500]
    assert KitVersion.objects.count() == count
    assert not KitVersion.objects.filter(status=KitStatus.IN_REVIEW).exists()


@pytest.mark.parametrize("act", ["clone", "describe", "rebase"])
def test_signers_do_not_write(company: factories.Company, act: str) -> None:
    draft = a_draft(company, narrow)
    for user in (company.manager, company.marketing):
        refused(post(user, draft, act, title="Mine"), 403, "does not write kits")


def test_an_act_nobody_knows_is_not_there(company: factories.Company) -> None:
    draft = a_draft(company, narrow)
    refused(post(company.revops, draft, "burn"), 404)


def test_naming_and_ending_a_deputy(company: factories.Company) -> None:
    client, page = client_of(company.marketing), reverse("console:kit-deputies")
    dora = factories.user("dora", role=Role.SDR)
    zone = company.marketing.zone
    start = timezone.now().astimezone(zone)
    given = {
        "deputy": dora.pk,
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{start - DAY:%Y-%m-%dT%H:%M}",
    }
    refused(client.post(page, given), 422, "must be after the start", f'value="{dora.pk}" selected')
    given["ends_at"] = f"{start + DAY:%Y-%m-%dT%H:%M}"
    done(client.post(page, given))
    row = Deputy.objects.get()
    assert (row.signer, row.deputy) == (company.marketing, dora)
    assert str(dora) in client.get(page).content.decode()
    ending = reverse("console:kit-deputy-end", args=[row.pk])
    client_of(company.manager).post(ending)
    row.refresh_from_db()
    assert row.ends_at > timezone.now()
    done(client.post(ending))
    row.refresh_from_db()
    assert row.ends_at <= timezone.now()


def test_deputies_are_no_business_of_reps(company: factories.Company) -> None:
    page = reverse("console:kit-deputies")
    refused(client_of(company.reps[0]).get(page), 404)
    assert client_of(company.revops).get(page).status_code == 200
