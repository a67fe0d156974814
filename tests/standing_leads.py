"""Leads at any stage that never moved, and territories that some of them are in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pgtrigger
from django.db import connection

from leads.models import Account, Lead
from routing import territories
from routing.models import Territory, TerritoryArea
from routing.territories import Atlas, Place
from tests import condition_trees


def standing_anywhere(made: Iterable[Lead]) -> list[Lead]:
    """These leads never moved, so no event tells of their stage; the database is told so."""
    with pgtrigger.ignore("leads.Lead:stage_equals_last_event"), connection.cursor() as cursor:
        rows = Lead.objects.bulk_create(made)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return rows


def areas(today: date) -> None:
    """Of three territories, one of them without any, as they were before a day and since."""
    south, north, _ = Territory.objects.bulk_create(
        Territory(key=key, label=key.title()) for key in condition_trees.TERRITORIES[:3]
    )
    rows = [
        (south, "DE", "Bayern", "", -9), (south, "DE", "", "7", -9), (north, "DE", "", "8", -9),
        (south, "GB", "", "", -9), (north, "GB", "", "", 0), (south, "GB", "", "", 1),
    ]  # fmt: skip
    TerritoryArea.objects.bulk_create(
        TerritoryArea(
            territory=one, country=country, region=region, postal_prefix=prefix,
            starts_on=today + timedelta(days=days),
        )
        for one, country, region, prefix, days in rows
    )  # fmt: skip


def territory_of(lead: Lead, atlas: Atlas) -> str:
    """The key of the territory it is in; empty where none takes it in."""
    firm = lead.account or Account()
    company = Place(firm.country, firm.region, firm.postal_code)
    area = atlas.of(territories.where(company, lead.person.country))
    return area.territory if area is not None else ""
