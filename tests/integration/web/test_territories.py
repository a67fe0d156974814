"""Territories on pages: the look-up that routes, the form, its preview, the result, who may."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Account
from lifecycle.models import RealignedRow, Realignment
from people.models import User
from routing.models import Territory, TerritoryArea, TerritoryHolder
from tests import factories, realigning
from tests.callers import Caller, make_key
from tests.factories import Company

pytestmark = pytest.mark.django_db
REALIGN = "/territories/realign/"


def today() -> dt.date:
    return timezone.now().astimezone(dt.UTC).date()


@pytest.fixture
def company() -> Company:
    return realigning.company()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def get(user: User, path: str = "/territories/", status: int = 200, **query: str) -> str:
    answer = client_of(user).get(path, query)
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


def send(user: User, status: int = 200, **sent: Any) -> str:
    answer = client_of(user).post(REALIGN, {"from": today().isoformat(), **sent})
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode() if status != 303 else answer.headers["Location"]


def hidden(page: str) -> dict[str, str]:
    """What the preview sends along with its confirmation."""
    form = page[page.index('id="confirm-form"') :]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ({"country": "DE", "code": "70173"}, "Anna</bdi>."),
        ({"country": "Germany", "region": "bayern"}, "Anna</bdi>."),
        ({"country": "DE", "code": "10115"}, "Ben</bdi>."),
        ({"country": "AT", "code": "7"}, "nobody"),
        ({"country": "Nowhere"}, "no country"),
        ({"country": "DE", "on": "1999-01-01"}, "nobody"),
        ({"country": "DE", "on": "soon"}, "Ben</bdi>."),
    ],
)
def test_who_holds_a_place_is_answered_as_routing_would(
    company: Company, place: dict[str, str], told: str
) -> None:
    assert told in get(company.reps[0], **place)


def test_reps_read_and_only_revops_and_managers_change(company: Company) -> None:
    anna = company.reps[0]
    assert "South" in get(anna)
    assert "Realign…" not in get(anna)
    assert "Realign…" in get(company.manager)
    get(anna, REALIGN, status=403)
    send(anna, status=403, **{"holder-south": "nobody"})
    act = realigning.applied(company)
    for path in ("", "cancel/", "undo/"):
        address = f"/territories/realignments/{act.pk}/{path}"
        client = client_of(anna)
        answer = client.post(address) if path else client.get(address)
        assert answer.status_code == 403
    get(anna, f"/territories/realignments/{act.pk}.csv", status=403)


def test_from_the_form_to_the_preview_to_the_result_and_back(company: Company) -> None:
    anna, ben = company.reps
    (lead,) = realigning.leads(company, to=anna)
    page = send(company.revops, **{"holder-south": f"user:{ben.pk}"})
    assert "1 lead" in page
    assert not Realignment.objects.exists()
    sheet = client_of(company.revops).post(REALIGN, hidden(page) | {"do": "file"})
    assert f"Lead,{lead.pk}," in sheet.getvalue().decode()  # type: ignore[attr-defined]
    refused = send(company.revops, 422, **hidden(page) | {"do": "confirm", "reason": " "})
    assert "Say why" in refused
    there = send(company.revops, 303, **hidden(page) | {"do": "confirm", "reason": "New <b>year"})
    assert realigning.owner(lead) == ben
    shown = get(company.revops, there)
    assert "New &lt;b&gt;year" in shown
    assert "Done" in shown
    sheet = client_of(company.revops).get(f"{there.rstrip('/')}.csv")
    assert ",Moved," in sheet.getvalue().decode()  # type: ignore[attr-defined]
    assert client_of(company.revops).post(f"{there}undo/").status_code == 303
    assert realigning.owner(lead) == anna
    assert "Given back" in get(company.revops, there, state="BACK")


def test_a_table_moves_areas_and_names_holders(company: Company) -> None:
    lines = "Land;Region;PLZ;Territory;Holder;From\nDE;Bayern;;North;;\n;;;south;dach;\n"
    lines += "GB;;sw1a;South\n"
    file = SimpleUploadedFile("areas.csv", lines.encode())
    page = send(company.revops, file=file)
    for told in ("DE Bayern: from South to North", "South: from Anna to the pool"):
        assert told in page
    assert "GB SW1A: from no territory to South" in page


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "names no column"),
        (b"territory,holder\n", "no lines below"),
        (b"territory,holder\nwest,anna\n", "line 2: There is no territory “west”"),
        (b"territory,holder\nsouth,nemo\n", "line 2: Nobody active and no pool is called “nemo”"),
        (b"territory,country\nsouth,Atlantis\n", "is no country"),
        (b"territory,region\nsouth,Bayern\n", "needs its country"),
        (b"territory,country,prefix\nsouth,FR,n/a\n", "“N/A” is no postal prefix"),
        (b"territory,country\nsouth,DE\nnorth,DE\n", "line 3: DE is given to another"),
        (b"territory,holder\nsouth,anna\nsouth,ben\n", "another holder"),
        (b"territory,holder,from\nsouth,ben,soon\n", "is no day"),
        (b"territory,holder,from\nsouth,ben,2999-01-01\nnorth,anna,2999-01-02\n", "one day"),
        (b"\xff\xfe\x00", "no UTF-8"),
        (b"territory\0,holder\n", "is no text"),
        (b"territory,holder\nsouth,anna\n", "Nothing would change"),
    ],
)
def test_a_table_at_fault_is_refused_line_by_line(
    company: Company, content: bytes, told: str
) -> None:
    file = SimpleUploadedFile("areas.csv", content)
    assert told in send(company.revops, status=422, file=file)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Nothing would change"),
        ({"holder-south": "user:x"}, "from the list"),
        ({"holder-south": "user:999999999"}, "no such active person"),
        ({"holder-west": "nobody"}, "Nothing would change"),
        ({"holder-west": "pool:dach"}, "no territory “west”"),
        ({"holder-south": "pool:none"}, "no pool “none”"),
        ({"area-1": "DE 80"}, "both the area and its territory"),
        ({"area-1": "Bayern", "to-1": "south"}, "country code"),
        ({"area-1": "FR *", "to-1": "south"}, "“*” is no region"),
        ({"area-1": "FR 😀", "to-1": "south"}, "is no region"),
        ({"area-1": "FR 75-78", "to-1": "south"}, "reads as a range"),
        ({"area-1": "FR 7*", "to-1": "south"}, "is no postal prefix"),
        ({"holder-south": "nobody", "from": "soon"}, "Give a day"),
        ({"holder-south": "nobody", "from": "2020-01-01"}, "today (UTC) or later"),
        ({"asked": "{"}, "cannot be read"),
        ({"asked": '{"holders": {"south": 1}, "areas": []}'}, "cannot be read"),
        ({"asked": '{"holders": [], "areas": []}'}, "cannot be read"),
    ],
)
def test_bad_input_is_told_and_never_breaks(
    company: Company, sent: dict[str, str], told: str
) -> None:
    assert told in send(company.revops, status=422, **sent)


def test_odd_addresses_of_a_realignment_are_refused(company: Company) -> None:
    act = realigning.applied(company)
    there = f"/territories/realignments/{act.pk}/"
    get(company.revops, there, status=422, after="x")
    get(company.revops, there, status=422, state="ODD")
    get(company.revops, "/territories/realignments/99999999999999999999999/", status=404)
    assert client_of(company.revops).post(f"{there}other/").status_code == 404


def test_the_pages_take_as_many_queries_for_many_as_for_few(company: Company) -> None:
    def cost(path: str) -> int:
        client = client_of(company.revops)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    realigning.leads(company, to=company.reps[0])
    act = realigning.applied(company)
    paths = ["/territories/", REALIGN, f"/territories/realignments/{act.pk}/"]
    few = [cost(path) for path in paths]
    for number in range(12):
        realigning.territory(f"part{number}", ("AT", "", f"{number}"), user=company.reps[0])
        lead = factories.capture()
        RealignedRow.objects.create(
            realignment=act, kind="LEAD", number=lead.pk, stage="MQL", state="MOVED",
            from_user=company.reps[0], to_user=company.reps[1],
        )  # fmt: skip
    TerritoryHolder.objects.filter(territory__key="part1").update(user=None)
    assert [cost(path) for path in paths] == few


def test_systems_preview_confirm_and_undo(company: Company) -> None:
    anna, ben = company.reps
    (lead,) = realigning.leads(company, to=anna)
    asking = Caller(user=company.revops)
    there = "/api/v1/territories/realignments/"
    body = {"from": today().isoformat(), "holders": [{"territory": "south", "user": str(ben.pk)}]}
    shown: Any = asking.post(there, body)
    assert shown.status_code == 200, shown.content
    seen = shown.json()
    hand = {"before": {"user": str(anna.pk), "pool": None},
            "after": {"user": str(ben.pk), "pool": None}}  # fmt: skip
    assert seen["moves"] == [{"kind": "LEAD", "count": 1} | hand]
    assert asking.post(there, body | {"preview": False}).status_code == 422
    told = {"preview": False, "reason": "New year", "seen": seen["seen"]}
    done: Any = asking.post(there, body | told)
    assert done.status_code == 201, done.content
    assert (done.json()["state"], realigning.owner(lead)) == ("DONE", ben)
    act = f"{there}{done.json()['id']}/"
    moved: Any = asking.get(act)
    assert moved.json()["counts"] == [{"kind": "LEAD", "state": "MOVED", "count": 1}]
    undone: Any = asking.post(f"{act}undo/", {})
    assert (undone.json()["state"], realigning.owner(lead)) == ("UNDONE", anna)
    assert asking.post(f"{act}cancel/", {}).status_code == 409


def test_realignments_come_page_by_page(company: Company) -> None:
    acts = Realignment.objects.bulk_create(
        Realignment(by=company.revops, effective_on=today(), reason=f"No. {number}", state="DONE",
                    finished_at=factories.NOW + dt.timedelta(days=1),
                    requested_at=factories.NOW + dt.timedelta(minutes=number // 2))
        for number in range(45)
    )  # fmt: skip
    ids = [str(act.pk) for act in reversed(acts)]
    path, shown = "/territories/", []
    while path:
        page = get(company.revops, path)
        shown += re.findall(r'href="/territories/realignments/(\d+)/"', page)
        older = re.search(r'href="(/territories/\?after=[^"#]+)#past-title">Older', page)
        path = older[1] if older else ""
    assert shown == ids
    assert "after=" not in get(company.reps[0], "/territories/")
    asking, told = Caller(user=company.manager), []
    answer: Any = asking.get("/api/v1/territories/realignments/", limit="20").json()  # type: ignore[attr-defined]
    while True:
        told += [one["id"] for one in answer["results"]]
        if not answer["next"]:
            break
        answer = asking.get(answer["next"]).json()  # type: ignore[attr-defined]
    assert told == ids
    rep, body = Caller(user=company.reps[0]), {"from": today().isoformat()}
    assert rep.get("/api/v1/territories/realignments/").status_code == 403
    assert rep.post("/api/v1/territories/realignments/", body).status_code == 403
    with CaptureQueriesContext(connection) as few:
        asking.get("/api/v1/territories/realignments/", limit="1")
    with CaptureQueriesContext(connection) as many:
        asking.get("/api/v1/territories/realignments/", limit="40")
    assert len(few) == len(many)


def test_revops_alone_is_offered_a_new_territory(company: Company) -> None:
    User.objects.filter(pk__in=[company.revops.pk, company.manager.pk]).update(is_staff=True)
    add = "/admin/routing/territory/add/"
    assert add in get(User.objects.get(pk=company.revops.pk), "/territories/")
    assert client_of(company.revops).get(add).status_code == 200
    assert add not in get(User.objects.get(pk=company.manager.pk), "/territories/")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"from": "soon"}, "from"),
        ({"from": "2020-01-01"}, "from"),
        ({"holders": [{"territory": "south", "user": "1", "pool": "dach"}]}, "holders.0.pool"),
        ({"holders": [{"territory": "south", "user": "anna"}]}, "holders.0.user"),
        ({"holders": [{"territory": "west", "pool": "dach"}]}, "holders.west"),
        ({"holders": []}, "changes"),
        ({"areas": [{"territory": "south", "country": "Atlantis"}]}, "areas"),
        ({"terms": {"worked": "yes"}}, "terms.worked"),
        ({"odd": 1}, "odd"),
    ],
)
def test_systems_hear_which_field_is_wrong(
    company: Company, change: dict[str, Any], field: str
) -> None:
    body = {"from": today().isoformat(), "holders": [{"territory": "south", "pool": "dach"}]}
    answer: Any = Caller(user=company.revops).post(
        "/api/v1/territories/realignments/", body | change
    )
    assert answer.status_code == 422, answer.content
    assert field in [one["field"] for one in answer.json()["errors"]]


def test_systems_read_territories_and_who_holds_a_place(company: Company) -> None:
    asking = Caller(key=make_key("reads", "READ"))
    rows: Any = asking.get("/api/v1/territories/")
    south = next(row for row in rows.json() if row["key"] == "south")
    assert south["holder"] == {"user": str(company.reps[0].pk), "pool": None}
    assert {"country": "DE", "region": "", "postal_prefix": "7"} in south["areas"]
    place: Any = asking.get("/api/v1/territories/holder/", country="Germany", postal_code="D-70173")
    assert place.json()["territory"] == "south"
    nowhere: Any = asking.get("/api/v1/territories/holder/", country="FR")
    assert nowhere.json()["territory"] is None
    assert asking.get("/api/v1/territories/holder/").status_code == 422
    assert asking.get("/api/v1/territories/", on="soon").status_code == 422


def test_where_a_company_is_is_edited_by_people_with_its_provenance(company: Company) -> None:
    lead = factories.capture(company={"country": "GB", "domain": "acme.example", "name": "Acme"})
    edit: Any = Caller(user=company.revops).patch(
        f"/api/v1/leads/{lead.pk}/",
        {"company": {"region": " Greater  London ", "postal_code": "sw1a1aa"}},
    )
    assert edit.status_code == 200, edit.content
    account = Account.objects.get(pk=lead.account_id)
    assert (account.region, account.postal_code) == ("Greater London", "SW1A 1AA")
    assert account.provenance["postal_code"][0] == "user"
    assert "SW1A 1AA" in get(company.revops, f"/leads/{lead.pk}/")
    there = f"/api/v1/accounts/{account.pk}/"
    answer: Any = Caller(user=company.revops).patch(
        there, {"postal_code": "ec1a1bb", "reason": "Moved"}
    )
    assert (answer.json()["postal_code"], answer.json()["region"]) == ("EC1A 1BB", "Greater London")
    page = get(company.revops, f"/accounts/{account.pk}/edit/")
    assert 'value="EC1A 1BB"' in page
    assert "postal code" in get(company.revops, f"/accounts/{account.pk}/")


@pytest.mark.parametrize("prefix", ["*", "-", "😀", "  ", "75-78", "n/a"])
def test_a_prefix_that_is_none_never_becomes_the_whole_country(
    company: Company, prefix: str
) -> None:
    area = {"country": "FR", "postal_prefix": prefix, "territory": "south"}
    body = {"from": today().isoformat(), "areas": [area]}
    asked: Any = Caller(user=company.revops).post("/api/v1/territories/realignments/", body)
    assert asked.status_code == 422, asked.content
    assert "postal prefix" in asked.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"postal_prefix": "*"}, "postal_prefix"),
        ({"region": "*"}, "region"),
        ({"region": "ile de france"}, "region"),
        ({"country": "XX"}, "country"),
        ({"country": "de"}, "country"),
        ({"region": "Bretagne", "starts_on": dt.date(9999, 12, 31)}, "starts_on"),
        ({"region": "Bretagne", "starts_on": dt.date(1, 1, 1)}, "starts_on"),
        ({"country": "XK"}, ""),
        ({"region": "Bretagne", "postal_prefix": "35"}, ""),
    ],
)
def test_the_administration_refuses_areas_that_mean_nothing_or_are_there(
    company: Company, said: dict[str, Any], field: str
) -> None:
    south = Territory.objects.get(key="south")
    TerritoryArea.objects.create(territory=south, country="FR", region="Île-de-France")
    area = TerritoryArea(territory=south, **{"country": "FR", "starts_on": today()} | said)
    if field:
        with pytest.raises(ValidationError) as refused:
            area.full_clean()
        assert list(refused.value.message_dict) == [field]
    else:
        area.full_clean()


@pytest.mark.parametrize("day", [dt.date(1, 1, 1), dt.date(1999, 12, 31), dt.date(9999, 12, 31)])
def test_nobody_holds_a_territory_from_a_day_out_of_reach(company: Company, day: dt.date) -> None:
    south = Territory.objects.get(key="south")
    with pytest.raises(ValidationError, match="within two years from today"):
        TerritoryHolder(territory=south, user=company.reps[0], starts_on=day).full_clean()
    TerritoryHolder(
        territory=south, user=company.reps[0], starts_on=today() + dt.timedelta(days=700)
    ).full_clean()
