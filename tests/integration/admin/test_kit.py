"""RevOps edits a draft in the administration; Sales and Marketing sign; it comes into force."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance import selectors, services
from governance.models import (
    ClockPolicy,
    Criterion,
    KitPart,
    KitStatus,
    KitVersion,
    Reason,
    SignalDefinition,
)
from governance.models.part import part_models
from people.models import User
from tests import every_kind, factories, kit_versions, pages


def browser(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def url(model: Any, page: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


@pytest.fixture
def draft(company: factories.Company) -> KitVersion:
    active = KitVersion.objects.get()
    return services.draft(base=active, title="Next", by=company.revops, now=factories.NOW)


def filled(page: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would send of the form on this page, with some fields changed."""
    sent = pages.form(page, page.context["opts"].model_name + "_form", **changes)
    if isinstance(changes.get("condition"), str):  # a script sends the text alone
        return {name: value for name, value in sent.items() if not name.startswith("condition-")}
    return sent


@pytest.mark.parametrize("model", part_models(), ids=lambda model: model.kind)
def test_a_part_saved_as_it_stands_stays_as_it_is(
    company: factories.Company, draft: KitVersion, model: type[KitPart]
) -> None:
    part = every_kind.part_of(draft, model)
    before, records = services.document_of(draft), model.history.filter(id=part.pk).count()
    address = url(model, "change", part.pk)
    revops = browser(company.revops)
    answer = revops.post(address, filled(revops.get(address)))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert services.document_of(draft) == before
    assert model.history.filter(id=part.pk).count() == records == 1


def test_a_condition_is_edited_as_text_and_kept_as_written(
    company: factories.Company, draft: KitVersion
) -> None:
    icp = Criterion.objects.get(kit=draft, key="icp")
    revops, address = browser(company.revops), url(Criterion, "change", icp.pk)
    page = revops.get(address)
    assert "Company size is between 50 and 5,000 employees" in page.content.decode()
    condition = {"fact": "company.employees", "op": "gte", "value": 100}
    answer = revops.post(address, filled(page, condition=json.dumps(condition)))
    assert answer.status_code == 302
    assert Criterion.objects.get(pk=icp.pk).condition == condition
    record = Criterion.history.filter(id=icp.pk).latest("history_id")
    assert (record.history_user, record.history_type) == (company.revops, "~")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"all": [{"fact": "company.employes", "op": "gte", "value": 1}]}', "all[0].fact"),
        ('{"fact": "company.employees", "op": "gte", "value": "many"}', "value"),
        ('{"all": [', "line 1"),
        ('{"any": []}', "any"),
    ],
)
def test_a_faulty_condition_is_refused_with_its_place(
    company: factories.Company, draft: KitVersion, text: str, place: str
) -> None:
    icp = Criterion.objects.get(kit=draft, key="icp")
    revops, address = browser(company.revops), url(Criterion, "change", icp.pk)
    answer = revops.post(address, filled(revops.get(address), condition=text))
    assert answer.status_code == 200
    assert place in str(answer.context["adminform"].form.errors["condition"])


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("minutes", "0", "1 to 525,600 minutes"), ("warn_percent", "100", "1 to 99 percent"),
     ("pause_days", "0", "1 to 365 days")],
)  # fmt: skip
def test_a_number_out_of_range_is_refused_with_the_range(
    company: factories.Company, draft: KitVersion, field: str, value: str, said: str
) -> None:
    client, policy = browser(company.revops), ClockPolicy.objects.get(kit=draft, key="route")
    address = url(ClockPolicy, "change", policy.pk)
    page = client.get(address)
    answer = client.post(address, filled(page, **{field: value}))
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_lists_and_moments_are_ticked(company: factories.Company, draft: KitVersion) -> None:
    route = ClockPolicy.objects.get(kit=draft, key="route")
    revops, address = browser(company.revops), url(ClockPolicy, "change", route.pk)
    changes = {"stages": ["MQL", "SAL"], "starts_on": ["QUALIFIED", "REOPENED"]}
    assert revops.post(address, filled(revops.get(address), **changes)).status_code == 302
    route = ClockPolicy.objects.get(pk=route.pk)
    assert (route.stages, route.starts_on) == (["MQL", "SAL"], ["QUALIFIED", "REOPENED"])


def test_parts_are_added_to_drafts_and_taken_out_again(
    company: factories.Company, draft: KitVersion
) -> None:
    revops = browser(company.revops)
    page = revops.get(url(SignalDefinition, "add"))
    offered = page.context["adminform"].form.fields["kit"].queryset
    assert list(offered) == [draft]
    sent = filled(page, key="roi_calculator", label="ROI calculator", kit=draft.pk)
    assert revops.post(url(SignalDefinition, "add"), sent).status_code == 302
    added = SignalDefinition.objects.get(kit=draft, key="roi_calculator")
    assert (
        revops.post(url(SignalDefinition, "delete", added.pk), {"post": "yes"}).status_code == 302
    )
    assert not SignalDefinition.objects.filter(pk=added.pk).exists()


def test_nobody_writes_over_what_somebody_saved_meanwhile(
    company: factories.Company, draft: KitVersion
) -> None:
    icp = Criterion.objects.get(kit=draft, key="icp")
    revops, address = browser(company.revops), url(Criterion, "change", icp.pk)
    mine = filled(revops.get(address), label="Mine")
    assert revops.post(address, filled(revops.get(address), prose="Theirs.")).status_code == 302
    refused = revops.post(address, mine)
    assert refused.status_code == 200
    assert "Somebody saved this part" in refused.content.decode()
    assert "Theirs." in refused.content.decode()
    icp.refresh_from_db()
    assert (icp.label, icp.prose) == ("Ideal customer profile", "Theirs.")
    knowingly = filled(refused, label="Mine", prose="Theirs.")
    assert revops.post(address, knowingly).status_code == 302
    icp.refresh_from_db()
    assert (icp.label, icp.prose) == ("Mine", "Theirs.")


def test_a_published_part_can_only_be_looked_at(company: factories.Company) -> None:
    revops = browser(company.revops)
    part = Reason.objects.order_by("pk").first()
    assert part is not None
    assert revops.get(url(Reason, "change", part.pk)).status_code == 200
    assert revops.post(url(Reason, "change", part.pk), {"label": "x"}).status_code == 403
    assert revops.post(url(Reason, "delete", part.pk), {"post": "yes"}).status_code == 403


def test_a_part_cannot_be_added_to_a_published_kit(company: factories.Company) -> None:
    revops, active = browser(company.revops), KitVersion.objects.get()
    sent = {"kit": active.pk, "key": "late", "label": "Late", "position": 0}
    answer = revops.post(url(SignalDefinition, "add"), sent)
    assert answer.status_code == 200
    assert "kit" in answer.context["adminform"].form.errors


def test_signers_and_readers_cannot_edit_parts(
    company: factories.Company, draft: KitVersion
) -> None:
    part = Reason.objects.filter(kit=draft).first()
    assert part is not None
    for user in (company.marketing, company.manager):
        assert browser(user).post(url(Reason, "change", part.pk), {}).status_code == 403
        assert browser(user).get(url(Reason, "add")).status_code == 403


def act(user: User, action: str, version: KitVersion, **more: str) -> str:
    sent = {"action": action, "_selected_action": [version.pk], **more}
    answer = browser(user).post(url(KitVersion, "changelist"), sent, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def confirmed(user: User, action: str, version: KitVersion, **more: str) -> str:
    page = act(user, action, version)
    assert "confirmed" in page
    seen = services.checksum(services.document_of(version))
    return act(user, action, version, confirmed="yes", **{f"seen-{version.pk}": seen}, **more)


def test_a_draft_is_signed_by_both_sides_and_published(
    company: factories.Company, draft: KitVersion
) -> None:
    ClockPolicy.objects.filter(kit=draft, key="route").update(minutes=120)
    assert "is a draft" in confirmed(company.manager, "sign_sales", draft)
    assert "Nobody has simulated" in confirmed(company.revops, "submit", draft, note="Known.")
    kit_versions.simulated(draft, now=factories.NOW)
    assert "1 in review" in confirmed(company.revops, "submit", draft, note="Known.")
    page = act(company.manager, "sign_sales", draft)
    assert "4 h → 2 h working time" in page
    assert "1 signed" in confirmed(company.manager, "sign_sales", draft)
    assert "Missing: Marketing" in confirmed(company.revops, "publish", draft)
    assert "1 signed" in confirmed(company.marketing, "sign_marketing", draft)
    assert "1 in force now" in confirmed(company.revops, "publish", draft)
    assert KitVersion.objects.get(pk=draft.pk).status == KitStatus.ACTIVE
    assert selectors.active_kit().policy("route").allowance.total_seconds() == 120 * 60


def test_what_was_edited_after_it_was_shown_is_not_signed(
    company: factories.Company, draft: KitVersion
) -> None:
    ClockPolicy.objects.filter(kit=draft, key="route").update(minutes=120)
    kit_versions.review(draft, by=company.revops, now=factories.NOW)
    seen = services.checksum(services.document_of(draft))
    ClockPolicy.objects.filter(kit=draft, key="route").update(minutes=1)
    text = act(company.manager, "sign_sales", draft, confirmed="yes", **{f"seen-{draft.pk}": seen})
    assert "edited since" in text
    assert not draft.signatures.exists()


def test_marketing_cannot_sign_for_sales(company: factories.Company, draft: KitVersion) -> None:
    ClockPolicy.objects.filter(kit=draft, key="route").update(minutes=120)
    kit_versions.review(draft, by=company.revops, now=factories.NOW)
    assert "cannot sign for Sales" in confirmed(company.marketing, "sign_sales", draft)


def test_a_version_is_cloned_and_withdrawn(company: factories.Company) -> None:
    active = KitVersion.objects.get()
    assert "1 cloned" in act(company.revops, "clone", active)
    clone = KitVersion.objects.get(number=2)
    assert services.document_of(clone) == active.document
    assert "1 withdrawn" in confirmed(company.revops, "withdraw", clone)
    assert "already" in confirmed(company.revops, "withdraw", active)


def test_the_page_of_a_draft_tells_changes_faults_and_void_signatures(
    company: factories.Company, draft: KitVersion
) -> None:
    ClockPolicy.objects.filter(kit=draft, key="route").update(minutes=120)
    kit_versions.review(draft, by=company.revops, now=factories.NOW)
    confirmed(company.manager, "sign_sales", draft)
    services.reopen(draft, by=company.revops, now=factories.NOW)
    ClockPolicy.objects.filter(kit=draft, key="route").update(calendar="ofice_hours")
    revops, address = browser(company.revops), url(KitVersion, "change", draft.pk)
    text = revops.get(address).content.decode()
    assert "clock_policy.route.calendar" in text
    assert "Did you mean “office_hours”" in text
    assert "void" in text
    answer = revops.post(address, filled(revops.get(address), title="Faster", notes="Why"))
    assert answer.status_code == 302
    assert KitVersion.objects.get(pk=draft.pk).title == "Faster"
