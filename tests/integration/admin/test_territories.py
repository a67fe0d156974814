"""Territories in the administration, while the kit in force asks who is in them."""

from __future__ import annotations

import pytest
from django.test import Client

from routing.models import Territory, TerritoryArea
from tests import kit_edits, pages, realigning
from tests.factories import NOW

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/routing/territory/{}/change/"


@pytest.fixture
def ops() -> Client:
    company = realigning.company()
    in_south = {"fact": "lead.territory", "op": "eq", "value": "south"}
    kit_edits.publish(kit_edits.rule("sunny", in_south, "dach"), by=company.revops, now=NOW)
    company.revops.is_staff = company.revops.is_superuser = True
    company.revops.save(update_fields=["is_staff", "is_superuser"])
    client = Client()
    client.force_login(company.revops)
    return client


def saved(ops: Client, which: str, **changes: str) -> str:
    """What is said after the form was sent with these changes."""
    address = ADDRESS.format(Territory.objects.get(key=which).pk)
    sent = pages.form(ops.get(address), "territory_form", reason="New year", **changes)
    answer = ops.post(address, sent, follow=True)
    assert answer.redirect_chain, answer.context["errors"]
    return str(answer.text)


def test_the_page_tells_which_rules_name_the_territory(ops: Client) -> None:
    south, north = (Territory.objects.get(key=key) for key in ("south", "north"))
    assert "routing rule “Sunny”" in ops.get(ADDRESS.format(south.pk)).text
    assert "routing rule “Sunny”" not in ops.get(ADDRESS.format(north.pk)).text


def test_who_changes_the_areas_of_one_is_told_that_rules_go_by_them(ops: Client) -> None:
    told = "The kit in force names this territory (routing rule “Sunny”)"
    assert told not in saved(ops, "south", label="The south")
    assert told not in saved(ops, "north", **{"areas-0-country": "AT"})
    assert told in saved(ops, "south", **{"areas-0-DELETE": "on", "areas-1-DELETE": "on"})
    assert not TerritoryArea.objects.filter(territory__key="south").exists()


def test_its_key_stays_and_it_is_never_deleted(ops: Client) -> None:
    south = Territory.objects.get(key="south")
    saved(ops, "south", key="sunny-side", label="Sunny side")
    south.refresh_from_db()
    assert (south.key, south.label) == ("south", "Sunny side")
    assert ops.get(f"/admin/routing/territory/{south.pk}/delete/").status_code == 403
