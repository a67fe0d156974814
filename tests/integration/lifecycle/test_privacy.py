"""Erasing a person leaves nothing of them, and giving out their data leaves nothing out."""

from __future__ import annotations

import io
import json
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import Model

from core import errors
from core.errors import TooLate
from leads.contact import Purpose, Way
from leads.models import Account, Activity, Lead, LeadEvent, Opportunity, Permission, Person, Touch
from lifecycle import actions, contacting, intake, merging, taking_over
from lifecycle.invariants import run as invariants
from lifecycle.privacy import erasing, exporting, holdings, subject, uploads
from lifecycle.proofs import Reported
from reports.facts import impersonal
from sla import sweeps
from tests import factories
from tests.acting import fresh
from tests.factories import HOUR

NOW = factories.NOW
CANARIES = {
    "first_name": "Zanariella",
    "last_name": "Quokkabeck",
    "email": "zanariella.quokkabeck@kanarienvogel-gmbh.test",
    "phone": "+49 30 9017724",
    "title": "Chief Kanarienwart",
}
NEEDLES = (
    "zanariella", "quokkabeck", "kanarien", "9017724", "canarynote", "canaryfield",
    "canaryexternal", "canarycampaignmail", "canarykey", "canarywords",
)  # fmt: skip


@pytest.fixture
def company(db: None) -> factories.Company:
    return factories.company()


def said(**more: Any) -> dict[str, Any]:
    return factories.touch(
        person=CANARIES,
        company={"name": "Kanarienvogel GmbH", "country": "DE", "industry": "Software",
                 "employees": 420},
        external_id="canaryexternal-17",
        note="canarynote: call me at home",
        fields={"question": "canaryfield"},
        consent="canarywords: news, please",
        **more,
    )  # fmt: skip


def live(company: factories.Company) -> Lead:
    """A whole life: captured twice, parked once more, worked to a deal, with notes everywhere."""
    [answer] = intake.capture([said()], scope="api", keys=["canarykey"], now=NOW)
    assert answer.receipt is not None
    lead = Lead.objects.get(pk=int(answer.receipt["lead"]))
    intake.capture([said(channel="CHAT")], scope="api", now=NOW + factories.HOUR)
    intake.capture([said(channel="EVENT")], scope="form", now=NOW, quarantine=True)
    owner = Lead.objects.get(pk=lead.pk).owner
    assert owner is not None
    actions.log_activity(
        lead_id=lead.pk, by=owner, kind="CALL", note="canarynote: spoke with Zanariella",
        reported=Reported("phone", "canaryexternal-call"), now=NOW + factories.HOUR,
    )  # fmt: skip
    unread = {"contact.0": f"Zanariella <{CANARIES['email'].upper()}>", "why": "canarynote"}
    intake.set_aside(
        {"channel": "CHAT", "fields": unread}, scope="hook:chat", key="canarykey-2", why="odd",
        now=NOW,
    )  # fmt: skip
    contacting.say(
        lead_id=lead.pk, by=owner, way="PHONE", state="GRANTED", source="Call", words="canarywords",
        now=NOW + factories.HOUR,
    )  # fmt: skip
    person = Person.objects.get(pk=lead.person_id)
    person.title = "Head of Kanarienzucht"
    person.save()
    return lead


def needles_left() -> dict[str, list[str]]:
    """Every table as text, history included, and which of the values still stand in it."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM \"{table}\" t")
            text = str(cursor.fetchone()[0]).casefold()
            if hits := [needle for needle in NEEDLES if needle in text]:
                found[table] = hits
    return found


def test_no_value_of_an_erased_person_is_left_in_any_table(company: factories.Company) -> None:
    lead = live(company)
    assert set(needles_left())  # the search itself can find
    erasing.erase(person_id=lead.person_id, by=company.revops, reason="Asked for it.", now=LATER)
    assert needles_left() == {}


LATER = NOW + 2 * factories.HOUR


def test_who_was_merged_is_erased_with_both_records_and_never_taken_apart(
    company: factories.Company,
) -> None:
    lead = live(company)
    [answer] = intake.capture(
        [said() | {"person": CANARIES | {"email": "zanariella@kanarien.example", "phone": ""},
                   "external_id": ""}],
        scope="api", now=NOW,
    )  # fmt: skip
    assert answer.receipt is not None
    other = Lead.objects.get(pk=int(answer.receipt["lead"]))
    assert other.person_id != lead.person_id
    merged = merging.merge(
        winner_id=lead.person_id, loser_id=other.person_id, by=company.revops, now=LATER
    )
    erasing.erase(person_id=other.person_id, by=company.revops, reason="Asked for it.", now=LATER)
    assert needles_left() == {}
    assert [one.invariant.key for one in invariants.check(now=LATER) if one.broken] == []
    with pytest.raises(TooLate, match="erased"):
        merging.unmerge(merge_id=merged.pk, by=company.revops, now=LATER)


def _workbook(address: str) -> bytes:
    book, kept = openpyxl.Workbook(), io.BytesIO()
    for row in (["Email"], *([f"{number} " * 50] for number in range(9_000)), [address]):
        book.active.append(row)
    book.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"Email\nMARA@Nordwind.DE\n",
        "Email\nMara@nordwind.de\n".encode("utf-16"),
        "Email\nMara@nordwind.de\n".encode("utf-16-be"),
        _workbook("Mara@Nordwind.de"),
    ],
    ids=["capitals", "UTF-16", "UTF-16 from the other end", "workbook"],
)
def test_a_file_is_found_by_an_address_however_it_is_written(content: bytes) -> None:
    assert uploads.holds(content, ["tom@fenwick.co.uk", "mara@nordwind.de"])
    assert not uploads.holds(content, ["tom@fenwick.co.uk"])


def test_colleagues_who_are_all_erased_take_the_company_with_them(
    company: factories.Company,
) -> None:
    lead = live(company)
    colleague = factories.capture(person={"email": "otto@kanarienvogel-gmbh.test"}, now=NOW)
    assert colleague.account_id == lead.account_id
    for one in (colleague, lead):
        erasing.erase(person_id=one.person_id, by=company.revops, reason="Asked.", now=LATER)
    assert needles_left() == {}


def test_a_company_that_became_a_part_of_another_goes_with_who_came_by_it(
    company: factories.Company,
) -> None:
    lead = live(company)
    other = factories.capture(person={"email": "kim@acme.com"}, company={"domain": "acme.com"})
    assert lead.account_id is not None
    assert other.account_id is not None
    given = {"account_id": other.account_id, "other_id": lead.account_id, "reason": "one"}
    merge = taking_over.absorb(**given, by=company.revops, now=LATER)
    erasing.erase(person_id=lead.person_id, by=company.revops, reason="Asked.", now=LATER)
    assert needles_left() == {}
    taking_over.part(merge_id=merge.pk, by=company.revops, now=LATER)
    assert needles_left() == {}


def test_a_campaign_by_which_nobody_else_came_goes_and_others_stay(
    company: factories.Company,
) -> None:
    alone, shared = (
        factories.capture(source={"campaign": name, "medium": "cpc"}, now=NOW)
        for name in ("for-zanariella", "autumn")
    )
    factories.capture(source={"campaign": "autumn", "medium": "cpc"}, now=NOW)
    for one in (alone, shared):
        erasing.erase(person_id=one.person_id, by=company.revops, reason="Asked.", now=LATER)
    assert [fresh(one).campaign for one in (alone, shared)] == ["", "autumn"]
    assert needles_left() == {}
    sweeps.warn_and_breach(now=LATER)
    assert [one.invariant.key for one in invariants.check(now=LATER) if one.broken] == []


def test_the_log_the_clocks_and_the_invariants_survive(company: factories.Company) -> None:
    lead = live(company)
    other = factories.capture(now=NOW)
    events = LeadEvent.objects.count()
    erasing.erase(person_id=lead.person_id, by=company.revops, reason="Asked for it.", now=LATER)
    assert LeadEvent.objects.count() > events
    gone = Lead.objects.get(pk=lead.pk)
    assert (gone.stage, gone.owner_id, gone.next_due_at) == ("DISQUALIFIED", None, None)
    assert Lead.objects.get(pk=other.pk).stage == other.stage
    sweeps.warn_and_breach(now=LATER)
    factories.check_rules()
    assert [one.invariant.key for one in invariants.check(now=LATER) if one.broken] == []


def test_a_deal_stays_with_its_company_without_the_persons_name(company: factories.Company) -> None:
    lead = factories.work(live(company), to="SQL", now=NOW + factories.HOUR)
    owner = Lead.objects.get(pk=lead.pk).owner
    assert owner is not None
    actions.convert(lead_id=lead.pk, by=owner, name="Pilot for Zanariella Quokkabeck", now=LATER)
    erasing.erase(person_id=lead.person_id, by=company.revops, reason="Asked.", now=LATER)
    deal = Opportunity.objects.get()
    assert deal.status == "OPEN"
    assert "Pilot for" in deal.name
    assert Account.objects.get(pk=lead.account_id).name == "Kanarienvogel GmbH"
    assert not {"zanariella", "quokkabeck"} & {
        one for hit in needles_left().values() for one in hit
    }


def test_a_company_with_other_people_keeps_its_name(company: factories.Company) -> None:
    lead = live(company)
    colleague = {"first_name": "Tom", "last_name": "Okafor", "email": "tom@kanarienvogel-gmbh.test"}
    factories.capture(person=colleague, company={}, now=NOW)
    erasing.erase(person_id=lead.person_id, by=company.revops, reason="Asked.", now=LATER)
    assert Account.objects.get(pk=lead.account_id).name == "Kanarienvogel GmbH"


def test_who_is_erased_comes_back_as_somebody_new(company: factories.Company) -> None:
    lead = live(company)
    erasing.erase(person_id=lead.person_id, by=company.revops, reason="Asked.", now=LATER)
    [answer] = intake.capture([said()], scope="api", keys=["canarykey"], now=LATER + factories.HOUR)
    assert answer.status == 201
    assert answer.receipt is not None
    assert answer.receipt["lead"] != str(lead.pk)


def test_whoever_is_never_to_be_contacted_is_known_by_a_fingerprint_only(
    company: factories.Company,
) -> None:
    lead = live(company)
    done = erasing.erase(
        person_id=lead.person_id, by=company.revops, reason="Asked.", never_contact=True, now=LATER
    )
    assert done.suppressed == 2
    assert needles_left() == {}
    assert [one.reach for one in contacting.listed(CANARIES["email"].upper())] == ["ALL"]
    assert [one.reach for one in contacting.listed("0049 30 9017724")] == ["ALL"]


def test_only_revops_erases_and_gives_out_and_only_once(company: factories.Company) -> None:
    lead = live(company)
    with pytest.raises(errors.NotAllowed):
        erasing.erase(person_id=lead.person_id, by=company.manager, reason="Asked.", now=LATER)
    with pytest.raises(errors.NotAllowed):
        exporting.export(person_id=lead.person_id, by=company.reps[0], now=LATER)
    with pytest.raises(errors.InvalidInput):
        erasing.erase(person_id=lead.person_id, by=company.revops, reason="  ", now=LATER)
    with pytest.raises(errors.NotFound):
        erasing.erase(person_id=10**9, by=company.revops, reason="Asked.", now=LATER)
    erasing.erase(person_id=lead.person_id, by=company.revops, reason="Asked.", now=LATER)
    with pytest.raises(errors.TooLate):
        erasing.erase(person_id=lead.person_id, by=company.revops, reason="Asked.", now=LATER)


def test_the_file_of_a_person_holds_everything_that_stands_about_them(
    company: factories.Company,
) -> None:
    lead = live(company)
    document = exporting.export(person_id=lead.person_id, by=company.revops, now=LATER)
    text = json.dumps(document, cls=exporting.Encoder).casefold()
    wanted = set(NEEDLES) - {"canarycampaignmail"}
    assert {needle for needle in wanted if needle in text} == wanted
    assert len(document["touchpoints"]) == Touch.objects.count()
    assert len(document["activities"]) == Activity.objects.count()
    assert len(document["permissions"]) == Permission.objects.count()
    assert {one["id"] for one in document["people_history"]} == {lead.person_id}


@pytest.mark.parametrize("text", [CANARIES["email"].upper(), "004930 9017724"])
def test_people_are_found_by_what_they_write(company: factories.Company, text: str) -> None:
    lead = live(company)
    assert [one.pk for one in subject.find(text)] == [lead.person_id]
    assert [one.pk for one in subject.find(f"#{lead.person_id}")] == [lead.person_id]
    assert subject.find("  ") == []


BESIDE = {Person, Lead, Touch}
PRODUCT = ("leads", "routing", "sla", "lifecycle", "reports", "web")


def _is_beside_a_person(model: type[Model]) -> bool:
    targets = {field.related_model for field in model._meta.concrete_fields if field.is_relation}
    return bool(model in BESIDE or targets & (BESIDE | {Activity, Opportunity, LeadEvent}))


def test_every_column_beside_a_person_is_on_the_list() -> None:
    """A new column of text or JSON must be named in holdings: personal, or not."""
    kept = {one.model: set(one.blank) for one in holdings.HOLDINGS}
    deleted = {one.model for one in holdings.HOLDINGS if one.delete}
    forgotten = []
    for model in apps.get_models():
        product = model._meta.app_label in PRODUCT and not model.__name__.startswith("Historical")
        if not product or model in deleted or not _is_beside_a_person(model):
            continue
        named = (
            kept.get(model, set())
            | holdings.IN_PART.get(model, frozenset())
            | holdings.IMPERSONAL.get(model, frozenset())
            | impersonal.IMPERSONAL.get(model, frozenset())
        )
        columns = {
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        }
        forgotten += [f"{model.__name__}.{name}" for name in sorted(columns - named)]
    assert not forgotten, forgotten


def test_a_number_that_colleagues_use_too_shuts_calls_and_not_their_mail(
    company: factories.Company,
) -> None:
    number, firm = "+49 30 901820", {"domain": "zentrale.de", "name": "Zentrale AG"}
    tom, thea = factories.captures(
        [
            factories.touch(
                person={"first_name": first, "last_name": last, "phone": number,
                        "email": f"{first.lower()}@zentrale.de"},
                company=firm,
            )
            for first, last in (("Tom", "Ahrens"), ("Thea", "Lindqvist"))
        ]
    )  # fmt: skip
    assert tom.person_id != thea.person_id
    erasing.erase(
        person_id=tom.person_id, by=company.revops, reason="Asked.", never_contact=True, now=LATER
    )
    thea.refresh_from_db()
    ways = {way: contacting.may(thea, way, Purpose.REACH_OUT).allowed for way in Way}
    assert ways == {Way.EMAIL: True, Way.PHONE: False, Way.SOCIAL: True, Way.POST: True}
    assert [one.reach for one in contacting.listed("tom@zentrale.de")] == ["ALL"]


def test_what_another_was_called_while_merged_goes_with_who_was_called_so(
    company: factories.Company,
) -> None:
    lead = live(company)
    other = factories.capture(now=LATER)
    merged = merging.merge(
        winner_id=other.person_id, loser_id=lead.person_id, by=company.revops, now=LATER,
        keep=dict.fromkeys(("first_name", "last_name", "title", "email", "phone"), "LOSER"),
    )  # fmt: skip
    merging.unmerge(merge_id=merged.pk, by=company.revops, now=LATER + HOUR)
    erasing.erase(
        person_id=lead.person_id, by=company.revops, reason="Asked.", now=LATER + 2 * HOUR
    )
    assert needles_left() == {}
