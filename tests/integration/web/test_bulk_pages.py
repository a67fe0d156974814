"""Acting on many leads from the list: tick or all, preview, do it, see each, take it back."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead
from lifecycle.models import BulkAct
from tests import factories, own_kit


@pytest.fixture
def company(db: None) -> factories.Company:
    return factories.company(now=timezone.now() - factories.DAY)


def test_leads_are_acted_on_from_the_list(company: factories.Company) -> None:
    anna, ben = company.reps
    leads = factories.captures([factories.touch() for _ in range(4)], now=timezone.now())
    own = [lead for lead in leads if lead.owner == anna]
    client, url = Client(), reverse("console:leads-act")
    client.force_login(anna)
    assert url in client.get(reverse("console:leads")).content.decode()
    assert "Act on 4 leads" in client.get(url, {"all": "1", "stage": "MQL"}).content.decode()

    sent = {"all": "1", "stage": "MQL", "verb": "REJECT", "cause": "timing", "note": "Later"}
    text = client.post(url, {**sent, "preview": "1"}).content.decode()
    assert "2 leads" in text
    assert "is somebody else’s to work" in text
    assert not BulkAct.objects.exists()
    assert client.post(url, {**sent, "cause": ""}).status_code == 422
    asked = {**sent, "preview": "1", "cause": "outside_icp", "note": ""}
    told = client.post(url, asked)
    assert told.status_code == 422
    assert "needs a note that says more" in told.content.decode()
    told = client.post(url, {**asked, "cause": "unreachable"}).content.decode()
    assert "needs more attempts first: 0 of 4 attempts logged, on 0 of 2 days" in told
    assert 'go on, if their own check allows</span><span class="strong nowrap">0 leads' in told

    answer = client.post(url, {**sent, "all": "", "lead": [one.pk for one in own]})
    act = BulkAct.objects.get()
    assert answer["Location"] == reverse("console:lead-bulk", args=[act.pk])
    page = client.get(answer["Location"]).content.decode()
    assert "Reject: 2 leads" in page
    assert own[0].person.name in page
    assert {one.stage for one in Lead.objects.filter(owner=None)} == {"NURTURE"}
    assert "reject: 2 leads" in client.get(url, {"lead": own[0].pk}).content.decode()
    client.post(reverse("console:lead-bulk-then", args=[act.pk, "undo"]))
    assert Lead.objects.filter(stage="MQL", owner=anna).count() == 2

    other = Client()
    other.force_login(ben)
    assert other.get(answer["Location"]).status_code == 404
    other.force_login(company.marketing)
    assert other.get(url, {"all": "1"}).status_code == 403


def test_a_field_and_a_next_step_are_set_from_the_list(company: factories.Company) -> None:
    leads = factories.captures([factories.touch() for _ in range(2)], now=timezone.now())
    client, url = Client(), reverse("console:leads-act")
    client.force_login(company.revops)
    ids = [one.pk for one in leads]
    sent = {"lead": ids, "verb": "SET", "field": "person.country", "value": "Atlantis"}
    refused = client.post(url, {**sent, "preview": "1"})
    assert refused.status_code == 422
    assert "“Atlantis” is no country we know" in refused.content.decode()
    sent["value"] = "Austria"
    assert "2 leads" in client.post(url, {**sent, "preview": "1"}).content.decode()
    page = client.get(client.post(url, sent)["Location"]).content.decode()
    assert "Set a field: 2 leads" in page
    assert "Country: Austria" in page
    assert {one.person.country for one in Lead.objects.select_related("person")} == {"AT"}
    day = timezone.now() + 3 * factories.DAY
    sent = {"lead": ids, "verb": "NEXT_STEP", "kind": "CALL", "at": f"{day:%Y-%m-%dT%H:%M}"}
    page = client.get(client.post(url, sent)["Location"]).content.decode()
    assert "Set the next step: 2 leads" in page
    assert "Call, " in page
    assert not Lead.objects.filter(next_step_at=None).exists()
    shown = client.get(reverse("console:lead", args=[ids[0]])).content.decode()
    client.post(reverse("console:lead-bulk-then", args=[BulkAct.objects.latest("pk").pk, "undo"]))
    after = client.get(reverse("console:lead", args=[ids[0]])).content.decode()
    assert "took the next step back" in after
    assert "took the next step back" not in shown


def test_a_choice_of_an_own_field_is_picked_not_typed(company: factories.Company) -> None:
    own_kit.publish(company.revops)
    lead = factories.capture(now=timezone.now())
    client, url = Client(), reverse("console:leads-act")
    client.force_login(company.revops)
    page = client.get(url, {"lead": lead.pk}).content.decode()
    assert '<optgroup label="What they do">' in page
    assert '<option value="field.work" data-picked' in page
    assert '<option value="field.city">' in page
    sent = {"lead": lead.pk, "verb": "SET", "field": "field.work", "value": ""}
    for picked, said in (
        ("", "Say what it is set to"),
        ("field.opted_out=yes", "a choice of another field; pick one of “What they do"),
        ("field.work=Astronaut", "Select a valid choice"),
    ):
        refused = client.post(url, {**sent, "picked": picked})
        assert refused.status_code == 422
        assert said in refused.content.decode()
    done = client.post(url, {**sent, "picked": "field.work=Student"})
    assert "What they do: Student" in client.get(done["Location"]).content.decode()
    assert Lead.objects.get(pk=lead.pk).own_fields["work"][0] == "Student"
