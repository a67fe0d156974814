"""MQLs that nobody owns fall back as their score fades: with an event, and a notice; no others."""

from __future__ import annotations

import datetime as dt

import pytest

from leads.models import Lead, LeadEvent
from lifecycle import decay, notices
from lifecycle.models import Notice
from sla.models import Clock
from tests import factories, kit_edits
from tests.factories import DAY, NOW, Company
from tests.kit_edits import Parts

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


def high_floor(parts: Parts) -> None:
    parts["general_policy"][0]["recycle_below"] = 50


def settle(until: dt.datetime) -> None:
    while (due := Lead.objects.filter(decays_at__lte=until).order_by("decays_at")).exists():
        decay.run(now=due[0].decays_at)


def test_who_nobody_owns_fades_into_nurture_and_marketing_is_told(company: Company) -> None:
    kit = kit_edits.publish(high_floor, by=company.revops, now=NOW - DAY)
    views = [{"kind": "pricing_page_view"}] * 3
    owned = factories.capture(signals=views)
    queued = factories.capture(company={"employees": "60", "country": "US"}, signals=views)
    assert (owned.stage, queued.stage, queued.queue) == ("MQL", "MQL", "americas")
    settle(NOW + 300 * DAY)
    owned, queued = Lead.objects.get(pk=owned.pk), Lead.objects.get(pk=queued.pk)
    assert (owned.stage, queued.stage, queued.queue) == ("MQL", "NURTURE", "")
    assert not Clock.objects.filter(lead=queued, state__in=("RUNNING", "PAUSED")).exists()
    event = LeadEvent.objects.get(lead=queued, transition="recycle")
    assert (event.actor, event.because["decayed"], event.by_id) == ("decay", True, None)
    assert event.because["score"] <= kit.general.recycle_below
    notices.drain(now=event.at)
    told = Notice.objects.filter(kind=Notice.Kind.FADED)
    assert [(one.to.username, one.lead_id) for one in told] == [("mark", queued.pk)]
