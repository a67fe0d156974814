"""The search over everything: any spelling, one's own first, nothing that one may not see."""

from __future__ import annotations

import datetime as dt

import pytest

from leads import search
from leads.models import ExternalReference, Lead
from lifecycle import finding
from lifecycle.privacy import erasing
from people.models import User
from tests import factories

NOW = factories.NOW


@pytest.fixture
def company(db: None) -> factories.Company:
    return factories.company()


def _buyer(first: str, last: str, email: str, company: str, phone: str = "") -> dict[str, object]:
    person = {"first_name": first, "last_name": last, "email": email, "phone": phone}
    named = {"name": company, "domain": email.partition("@")[2]}
    return factories.touch(person=person, company=named)


def _people(reader: User, text: str) -> list[str]:
    return [hit.row.person.last_name for hit in finding.find(reader, text).people]


def test_people_are_found_by_any_spelling(company: factories.Company) -> None:
    jane, *_ = factories.captures(
        [
            _buyer("Jürgen", "Weißmüller", "j.weiss@nordwind-logistik.de", "Nordwind Logistik GmbH",
                   "+49 30 901820-11"),
            _buyer("Siobhán", "O’Reilly", "siobhan@kestrel.ie", "Kestrel & Sons Ltd"),
            _buyer("Юлия", "Петрова", "yp@vostok.ru", "Vostok"),
        ],
        now=NOW,
    )  # fmt: skip
    ExternalReference.objects.create(
        kind="LEAD", system="crm", value="00Q7-X", lead=jane, created_at=NOW
    )
    asked = {
        "weissmuller": "name",
        "Weissmueller": "name",
        "MÜLLER jürg": "name",
        "wießmuller": "alike",
        "jurgen wiessmuller": "alike",
        "jürgen nordwind": "both",
        "logistik nordwind weiß": "both",
        "jürgen nordwnid": "alike",
        "nordwind": "company",
        "logistik GmbH": "company",
        "logistik no": "company",
        "no": "company",
        "j.weiss": "name",
        "@nordwind-logi": "email",
        "J.Weiss+news@Nordwind-Logistik.de": "key:EMAIL",
        "+49 30 90182011": "key:PHONE",
        "0049 (0)30 901820-11": "key:PHONE",
        "030 901820 11": "phone",
        "82011": "phone",
        "00Q7-X": "id",
        f"#{jane.pk}": "number",
    }
    found = {text: finding.find(company.revops, text).people for text in asked}
    told = {text: [(hit.row.pk, hit.how) for hit in hits] for text, hits in found.items()}
    assert told == {text: [(jane.pk, how)] for text, how in asked.items()}
    assert [_people(company.revops, text) for text in ("oreilly sio", "o'reily", "Петров юл")] == [
        ["O’Reilly"],
        ["O’Reilly"],
        ["Петрова"],
    ]
    assert _people(company.revops, "nobody at all") == []


def test_the_exact_comes_first_then_ones_own_then_the_newest(company: factories.Company) -> None:
    anna = company.reps[0]
    bodies = [
        _buyer("Kim", "Bergmann", "k@one.de", "One"),
        _buyer("Kim", "Berg", "k@two.de", "Two"),
        _buyer("Ada", "Kimberger", "a@three.de", "Three"),
        _buyer("Kim", "Bergson", "k@four.de", "Four"),
    ]
    leads = [
        factories.capture(body, now=NOW + dt.timedelta(minutes=at))
        for at, body in enumerate(bodies)
    ]
    assert leads[0].owner == anna
    assert leads[3].owner != anna
    assert _people(anna, "kim berg") == ["Berg", "Bergmann", "Bergson", "Kimberger"]


def test_companies_and_opportunities_are_found_beside_people(company: factories.Company) -> None:
    lead = factories.capture(_buyer("Ida", "Holm", "ida@fjordkraft.no", "Fjordkraft AS"), now=NOW)
    factories.work(lead, to="OPPORTUNITY", now=NOW + factories.HOUR)
    by_name = finding.find(company.revops, "fjordkr")
    by_slip = finding.find(company.revops, "Fjodrkraft AS")
    deals = finding.find(company.revops, "deal").deals
    assert [hit.how for hit in by_name.companies] == ["company"]
    assert [hit.how for hit in by_slip.companies] == ["alike"]
    assert [hit.row.name for hit in deals] == ["A deal"]
    assert [hit.row.domain for hit in finding.find(company.revops, "x@fjordk").companies] == [
        "fjordkraft.no"
    ]


@pytest.mark.parametrize("looked_at", [finding.LOOKED_AT, 2])
def test_nothing_is_found_that_one_may_not_see(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    """Nor is what one may see missed among the many that one may not."""
    monkeypatch.setattr(finding, "LOOKED_AT", looked_at)
    bodies = [_buyer("Eva", f"Stern{n}", f"e{n}@stern{n}.de", f"Stern {n}") for n in "abcdef"]
    *others, mine = factories.captures(bodies, now=NOW)
    factories.work(mine, to="OPPORTUNITY", now=NOW + factories.HOUR)
    stranger = factories.user("stranger")
    for text in ("eva stern", "sterna", "e@stern", others[0].person.email, "deal", "evva sterna"):
        assert finding.find(stranger, text) in (finding.Found(), finding.Found(more=True)), text
    Lead.objects.filter(pk=mine.pk).update(sourced_by=stranger)
    for text in ("eva stern", "stern"):
        assert [hit.row.pk for hit in finding.find(stranger, text).people] == [mine.pk], text


@pytest.mark.parametrize("most", [search.MOST_OF_A_SIDE, 1])
def test_a_name_and_a_company_of_which_many_bear_either(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """As long as few bear one of them all are found; else one's own are, and it is told."""
    monkeypatch.setattr(search, "MOST_OF_A_SIDE", most)
    leads = factories.captures([
        _buyer("Ann", "Lund", "ann@b.se", "Berg"), _buyer("Bo", "Lund", "bo@berg.se", "Berg Two"),
        _buyer("Cy", "Sand", "cy@berg.dk", "Bergen"), _buyer("Di", "Lund", "di@fin.se", "Fin"),
        _buyer("Ed", "Lund", "ed@berg.no", "Berg Three"),
    ], now=NOW)  # fmt: skip
    Lead.objects.filter(pk=leads[1].pk).update(owner=company.revops)
    whole = finding.find(company.revops, "lund berg")
    assert {hit.row.pk for hit in whole.people} >= {leads[1].pk}
    assert (len(whole.people), whole.more) == ((2, True) if most == 1 else (3, False))
    assert {hit.how for hit in whole.people} == {"both"}
    few = finding.find(company.revops, "sand berg")
    assert [(hit.row.pk, hit.how) for hit in few.people] == [(leads[2].pk, "both")]
    assert not few.more
    assert [hit.row.pk for hit in finding.find(company.revops, "lund fin").people] == [leads[3].pk]


def test_an_erased_person_is_found_by_nothing(company: factories.Company) -> None:
    body = _buyer("Olga", "Zimt", "olga.zimt@gewuerz.de", "Gewürz", "+49 30 9018777")
    lead = factories.capture(body, now=NOW)
    asked = ("zimt", "zimmt", "olga.zi", "olga.zimt@gewuerz.de", "9018777", "+49309018777")
    assert all(finding.find(company.revops, text).people for text in asked)
    erasing.erase(
        person_id=lead.person_id, by=company.revops, reason="Asked.", now=NOW + factories.DAY
    )
    assert not any(finding.find(company.revops, text).people for text in asked)
