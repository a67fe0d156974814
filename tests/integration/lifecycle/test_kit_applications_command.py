"""`manage.py kit recalculate` and `requalify`: shown first, done with a name and a reason."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from governance import services
from governance.models import ClockPolicy, KitVersion
from leads.models import Lead
from lifecycle.models import KitApplication
from sla.models import Clock
from tests import factories, kit_edits
from tests.acting import fresh
from tests.factories import Company

pytestmark = pytest.mark.django_db


def kit(*arguments: str) -> str:
    out = io.StringIO()
    call_command("kit", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def now() -> dt.datetime:
    return timezone.now()


@pytest.fixture
def company(now: dt.datetime) -> Company:
    return factories.company(now=now)


@pytest.fixture
def leads(company: Company, now: dt.datetime) -> list[Lead]:
    """Two MQLs and an inquiry that is too small."""
    bodies = [factories.touch(), factories.touch(), factories.touch(company={"employees": "20"})]
    return factories.captures(bodies, now=now)


def changed(company: Company, now: dt.datetime) -> None:
    """Accept within the hour; companies from ten people on."""

    def edit(parts: dict[str, list[dict[str, Any]]]) -> None:
        for policy in parts["clock_policy"]:
            if policy["key"] == "accept":
                policy["minutes"] *= 2
        for criterion in parts["criterion"]:
            if criterion["key"] == "icp":
                criterion["condition"] = {"fact": "company.employees", "op": "gte", "value": 10}

    kit_edits.publish(edit, by=company.revops, now=now)


def test_a_draft_is_asked_about_and_never_applied(
    company: Company, leads: list[Lead], now: dt.datetime
) -> None:
    draft = services.draft(base=KitVersion.objects.get(), title="Next", by=company.revops, now=now)
    ClockPolicy.objects.filter(kit=draft, key="accept").update(minutes=5_000)
    told = kit("recalculate", "--if", "2")
    assert "Under kit v2 2 running clocks would change" in told
    assert "Nothing would change" in kit("recalculate")
    with pytest.raises(CommandError, match="only shows"):
        kit("recalculate", "--if", "2", "--apply", "--by", "rita", "--reason", "now")
    assert KitApplication.objects.count() == 0


def test_without_apply_it_only_tells(company: Company, leads: list[Lead], now: Any) -> None:
    assert "Nothing would change" in kit("recalculate")
    assert "Nothing would change" in kit("requalify")
    changed(company, now)
    told = kit("recalculate", "--show", "1")
    assert "2 running clocks would change" in told
    assert "2 due later; 0 overdue at once" in told
    assert "and 1 more" in told
    told = kit("requalify")
    assert "1 lead would become MQL" in told
    assert "paid: 1 gained, 0 lost" in told
    assert f"lead {leads[2].pk} INQUIRY → MQL" in told
    assert not KitApplication.objects.exists()


def test_applying_needs_somebody_and_a_reason(
    company: Company, leads: list[Lead], now: Any
) -> None:
    changed(company, now)
    for verb in ("recalculate", "requalify"):
        with pytest.raises(CommandError, match="Say who does it"):
            kit(verb, "--apply", "--reason", "New market")
        with pytest.raises(CommandError, match="Say why"):
            kit(verb, "--apply", "--by", "rita")
        with pytest.raises(CommandError, match="Only RevOps and managers"):
            kit(verb, "--apply", "--by", "anna", "--reason", "New market")
        with pytest.raises(CommandError, match="no active user"):
            kit(verb, "--apply", "--by", "zoe", "--reason", "New market")
    assert not KitApplication.objects.exists()


def test_it_does_what_it_told(company: Company, leads: list[Lead], now: Any) -> None:
    changed(company, now)
    options = ("--apply", "--by", "rita@example.com", "--reason", "New market")
    assert "2 of 2 clocks recalculated" in kit("recalculate", *options)
    assert "1 of 1 leads moved" in kit("requalify", *options)
    assert fresh(leads[2]).stage == "MQL"
    assert set(Clock.objects.filter(state="RUNNING", obligation="accept").values_list(
        "kit__number", flat=True)) == {2}  # fmt: skip
    assert set(KitApplication.objects.values_list("reason", flat=True)) == {"New market"}


def test_it_keeps_to_what_is_asked_for(company: Company, leads: list[Lead], now: Any) -> None:
    changed(company, now)
    assert "Nothing would change" in kit("recalculate", "--obligation", "convert")
    assert "2 running clocks" in kit("recalculate", "--team", "DACH")
    assert "1 running clock would change" in kit("recalculate", "--owner", "anna")
    assert "Nothing would change" in kit("requalify", "--stage", "NURTURE")
    for wrong in (["recalculate", "--team", "Moon"], ["requalify", "--stage", "WON"]):
        with pytest.raises(CommandError):
            kit(*wrong)
