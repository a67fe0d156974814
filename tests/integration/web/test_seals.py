"""The page of seals: what to keep elsewhere, and for whom."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Seal
from lifecycle.sealing import days
from tests import factories
from tests.callers import Company


def test_whoever_manages_reads_the_digests_in_a_fixed_number_of_queries(
    company: Company, client: Client
) -> None:
    client.force_login(company.revops)
    assert "Nothing is sealed yet" in client.get("/seals/").content.decode()
    factories.capture()
    asked = []
    for later in (1, 9):
        days.make_due(now=factories.NOW + later * factories.DAY)
        with CaptureQueriesContext(connection) as seen:
            page = client.get("/seals/").content.decode()
        asked.append(len(seen))
        assert Seal.objects.latest("day").digest in page
    assert asked[0] == asked[1]
    assert "not sealed yet" in page
    assert "/seals/" in client.get("/worker/").content.decode()


@pytest.mark.parametrize("who", ["sdr", "marketing"])
def test_others_do_not(who: str, company: Company, client: Client) -> None:
    client.force_login(getattr(company, who))
    assert client.get("/seals/").status_code == 403
    assert "/seals/" not in client.get("/worker/").content.decode()
