"""What the product does to sealed logs leaves their seals whole."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command

from core import database
from leads.models import Lead, LeadEvent, Seal, SealedAway, SealSalt
from lifecycle import jobs, merging
from lifecycle.importing import undoing
from lifecycle.invariants import seals
from lifecycle.invariants.invariant import Context
from lifecycle.privacy import erasing
from lifecycle.sealing import days
from tests import factories
from tests.factories import NOW, Company
from tests.integration.lifecycle import test_import_undo as imports

DAY = dt.timedelta(days=1)


def faults(now: dt.datetime) -> dict[str, list[str]]:
    context = Context(now=now, seals=0)
    found = {one.key: one.look(context).offences for one in seals.INVARIANTS}
    return {key: [f"{o.id} {o.what}" for o in told] for key, told in found.items() if told}


@pytest.mark.django_db
def test_merging_parting_and_erasing_keep_the_seals(company_of_module: Company) -> None:
    company = company_of_module
    first, other = factories.captures([
        factories.touch(person={"email": f"kim{n}@acme.test", "first_name": "Kim",
                                "last_name": f"Alt{n}", "title": "VP Sales", "phone": ""})
        for n in range(2)
    ])  # fmt: skip
    days.make_due(now=NOW + DAY)
    assert SealSalt.objects.filter(lead_id=first.pk).exists()
    held = SealSalt.objects.get(lead_id=first.pk).salt
    merge = merging.merge(
        winner_id=first.person_id, loser_id=other.person_id, by=company.revops, now=NOW + DAY
    )
    days.make_due(now=NOW + 2 * DAY)
    assert faults(NOW + 2 * DAY) == {}
    erasing.erase(person_id=merge.winner_id, by=company.revops, reason="Asked.", now=NOW + 2 * DAY)
    days.make_due(now=NOW + 4 * DAY)
    assert faults(NOW + 4 * DAY) == {}
    acts = SealedAway.objects.filter(lead_id=first.pk)
    assert {act.by_id for act in acts} == {company.revops.pk}
    assert held not in SealSalt.objects.values_list("salt", flat=True)


@pytest.mark.django_db
def test_undoing_an_import_keeps_the_seals(
    company_of_module: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports.runs.queue, "enqueue", lambda *_, **__: None)
    run = imports.imported(company_of_module, *imports.FEW)
    tomorrow = database.now() + DAY + days.GRACE
    days.make_due(now=tomorrow)
    gone = set(LeadEvent.objects.values_list("pk", flat=True))
    undoing.undo(run_id=run.pk, by=company_of_module.marketing, now=tomorrow)
    gone -= set(LeadEvent.objects.values_list("pk", flat=True))
    acts = SealedAway.objects.filter(rows="EVENT", reason="REMOVED")
    assert gone
    assert set(acts.values_list("row_id", "note", "by_id")) == {
        (pk, f"import {run.pk}", company_of_module.marketing.pk) for pk in gone
    }
    assert not SealSalt.objects.exclude(lead_id__in=Lead.objects.values("pk")).exists()
    assert faults(tomorrow) == {}


@pytest.mark.django_db
def test_the_worker_seals_by_the_clock_and_the_command_prints_the_head(
    company_of_module: Company,
) -> None:
    factories.capture()
    assert jobs.sweep(NOW + DAY)["errors"] == 0
    assert not Seal.objects.exists()  # time that is only said seals nothing
    call_command("seal", stdout=(told := io.StringIO()))
    head = Seal.objects.latest("day")
    assert f"head {head.day} {head.digest}" in told.getvalue()
    call_command("seal", "--compare", str(head.day), head.digest, stdout=io.StringIO())
    for day, digest in ((str(head.day), "0" * 64), ("2031-01-01", head.digest), ("x", "y")):
        with pytest.raises(CommandError):
            call_command("seal", "--compare", day, digest)
