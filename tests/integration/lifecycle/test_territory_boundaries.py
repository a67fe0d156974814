"""Boundary cases of territories: by what is captured, to who gets it, by the whole pipeline."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from governance import checks, selectors
from governance.findings import Severity
from leads.models import Lead
from lifecycle.realigning import planning
from people.models import User
from routing import selectors as routing_selectors
from routing.models import Territory, TerritoryArea, TerritoryHolder
from routing.territories import Atlas, Place
from tests import factories, kit_edits, realigning
from tests.factories import DAY, NOW, Company
from tests.kit_edits import Parts

pytestmark = pytest.mark.django_db
OTHERWISE = "the pool"
BY_FORM = {"fact": "lead.channel", "op": "eq", "value": "FORM"}
PLACES = [
    # Germany is Gerd's, but for Bavaria (Vera), 80 (Mona), 803 (Zoe) and 99, which nobody holds.
    ({"country": "DE"}, "gerd"),
    ({"country": "Deutschland", "postal_code": "10115"}, "gerd"),
    ({"country": "DE", "region": "Bayern"}, "vera"),
    ({"country": "DE", "region": " BAYERN  ", "postal_code": "90402"}, "vera"),
    # A prefix is more exact than a region, the longest prefix more than shorter ones.
    ({"country": "DE", "region": "Bayern", "postal_code": "80999"}, "mona"),
    ({"country": "DE", "region": "Bayern", "postal_code": "80331"}, "zoe"),
    ({"country": "DE", "postal_code": "D-80331"}, "zoe"),
    ({"country": "DE", "postal_code": "80 33 1"}, "zoe"),
    ({"country": "DE", "postal_code": "8"}, "gerd"),
    ({"country": "DE", "postal_code": "79999"}, "gerd"),
    ({"country": "DE", "postal_code": "81000"}, "gerd"),
    # Codes that begin alike beyond the border lie elsewhere.
    ({"country": "AT", "postal_code": "8033"}, OTHERWISE),
    ({"country": "CH", "postal_code": "8001"}, OTHERWISE),
    # Letters, spaces, capitals.
    ({"country": "GB", "postal_code": "SW1A 1AA"}, "lena"),
    ({"country": "UK", "postal_code": "sw1a1aa"}, "lena"),
    ({"country": "GB", "postal_code": "SW1 1AA"}, OTHERWISE),
    ({"country": "GB", "postal_code": "SW19 5AE"}, OTHERWISE),
    ({"country": "GB"}, OTHERWISE),
    # Nobody holds it, or its holder is gone: the rule's “otherwise”.
    ({"country": "DE", "postal_code": "99084"}, OTHERWISE),
    ({"country": "FR", "postal_code": "75001"}, OTHERWISE),
    ({"country": ""}, OTHERWISE),
]


def by_territory(parts: Parts) -> None:
    """One rule before all others."""
    parts["routing_rule"].insert(0, {
        "key": "first", "label": "First", "moment": "INBOUND", "condition": BY_FORM, "pool": "dach",
        "target": "TERRITORY", "otherwise": "NEXT_RULE",
    })  # fmt: skip
    for place, one in enumerate(parts["routing_rule"]):
        one["position"] = place


@pytest.fixture
def company() -> Company:
    made = factories.company()
    people = {
        name: factories.rep(name, pools=[])
        for name in ("gerd", "vera", "mona", "zoe", "lena", "gone")
    }
    realigning.territory("germany", ("DE", "", ""), user=people["gerd"])
    realigning.territory("bavaria", ("DE", "Bayern", ""), user=people["vera"])
    realigning.territory("munich", ("DE", "", "80"), user=people["mona"])
    realigning.territory("center", ("DE", "", "803"), user=people["zoe"])
    realigning.territory("london", ("GB", "", "SW1A"), user=people["lena"])
    realigning.territory("france", ("FR", "", ""), user=people["gone"])
    realigning.territory("nobodys", ("DE", "", "99"))
    User.objects.filter(username="gone").update(is_active=False)
    kit_edits.publish(by_territory, by=made.revops, now=NOW)
    return made


def who(lead: Lead) -> str:
    lead.refresh_from_db()
    pools = {"anna", "ben"}
    return OTHERWISE if lead.owner is None or lead.owner.username in pools else lead.owner.username


def test_every_place_comes_to_whom_it_is_by_routing_and_by_the_look_up(company: Company) -> None:
    bodies = [
        factories.touch(
            person={"country": ""}, company={"domain": f"c{n}.example", "name": f"C {n}", **place}
        )
        for n, (place, _) in enumerate(PLACES)
    ]
    made = factories.captures(bodies, now=NOW)
    got = [(place, who(lead)) for (place, _), lead in zip(PLACES, made, strict=True)]
    assert got == PLACES
    atlas = Atlas(routing_selectors.areas(NOW.date()))
    for lead, (_, expected) in zip(made, PLACES, strict=True):
        account = lead.account
        assert account is not None
        area = atlas.of(Place(account.country, account.region, account.postal_code))
        holder = User.objects.filter(pk=area.user).first() if area else None
        held = holder.username if holder is not None and holder.is_active else OTHERWISE
        assert held == expected


def test_a_holder_begins_at_midnight_utc(company: Company) -> None:
    midnight = dt.datetime.combine(NOW.date() + DAY, dt.time(), dt.UTC)
    TerritoryHolder.objects.create(
        territory_id=TerritoryArea.objects.get(country="GB").territory_id,
        starts_on=midnight.date(),
        user=User.objects.get(username="zoe"),
    )
    before, after = (
        routing_selectors.areas(planning.today(at))
        for at in (midnight - dt.timedelta(microseconds=1), midnight)
    )
    zones = [dt.timezone(dt.timedelta(hours=hours)) for hours in (-11, 0, 14)]
    assert {planning.today(midnight.astimezone(zone)) for zone in zones} == {midnight.date()}
    names = [
        User.objects.get(pk=found.user).username
        for areas in (before, after)
        if (found := Atlas(areas).of(Place("GB", "", "SW1A 2AA")))
    ]
    assert names == ["lena", "zoe"]


class TestWhatTheChecksSay:
    """Seeded defects: each is told once it is there, and not before."""

    def told(self, code: str) -> list[tuple[Severity, str]]:
        found = checks.run(selectors.active_kit(), at=NOW)
        return [(one.severity, one.message) for one in found if one.code == code]

    def test_territories_that_share_places_are_warned_of_while_a_rule_goes_by_them(
        self, company: Company
    ) -> None:
        TerritoryArea.objects.exclude(postal_prefix="SW1A").delete()
        assert self.told("overlapping") == []
        realigning.territory("westminster", ("GB", "", "sw 1a"))
        ((severity, message),) = self.told("overlapping")
        assert severity == Severity.WARNING
        assert "GB sw 1a (“Westminster”) lies within GB SW1A (“London”)" in message

    def test_territories_that_nobody_holds_are_warned_of_while_a_rule_goes_by_them(
        self, company: Company
    ) -> None:
        bare = Territory.objects.get(key="nobodys")
        realigning.territory("westminster")  # without an area, nothing of it is lost
        ((severity, message),) = self.told("unheld")
        assert severity == Severity.WARNING
        assert message.startswith("Nobody holds “Nobodys”:")
        realigning.territory("far-north", ("NO", "", ""))
        ((_, message),) = self.told("unheld")
        assert message.startswith("Nobody holds “Far-North”, “Nobodys”:")
        zoe = User.objects.get(username="zoe")
        TerritoryHolder.objects.create(territory=bare, starts_on=NOW.date(), user=zoe)
        ((_, message),) = self.told("unheld")
        assert message.startswith("Nobody holds “Far-North”:")

    def test_what_overlaps_on_another_day_only_is_not_told(self, company: Company) -> None:
        TerritoryArea.objects.exclude(postal_prefix="SW1A").delete()
        other = realigning.territory("westminster")
        TerritoryArea.objects.create(
            territory=other, country="GB", postal_prefix="SW1", starts_on=NOW.date() + DAY
        )
        assert self.told("overlapping") == []

    def test_a_rep_nobody_is_called_and_one_who_is_inactive(self, company: Company) -> None:
        def naming(rep: str) -> None:
            def edit(parts: Parts) -> None:
                parts["routing_rule"][0] |= {"target": "REP", "rep": rep}

            kit_edits.publish(edit, by=company.revops, now=NOW)

        naming("vera")
        assert self.told("inactive_rep") == []
        assert self.told("unresolved") == []
        User.objects.filter(username="vera").update(is_active=False)
        ((severity, message),) = self.told("inactive_rep")
        assert (severity, "inactive" in message) == (Severity.WARNING, True)
        User.objects.filter(username="vera").update(username="veronika")
        ((severity, message),) = self.told("unresolved")
        assert (severity, "“vera”" in message) == (Severity.ERROR, True)


def test_an_area_is_of_one_territory_a_day(company: Company) -> None:
    other = realigning.territory("other")
    with pytest.raises(IntegrityError, match="area_in_one_territory_a_day"), transaction.atomic():
        TerritoryArea.objects.create(territory=other, country="DE", postal_prefix="80")
