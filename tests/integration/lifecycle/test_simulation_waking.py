"""Leads that rest in a replay wake as they really did, and are judged by the draft then."""

from __future__ import annotations

from typing import Any

import pytest

from leads.models import Lead
from lifecycle import actions, editing, waking
from lifecycle.simulation import replay
from lifecycle.waking import WakeUp
from tests import factories
from tests.acting import fresh, owner
from tests.factories import DAY, HOUR, MINUTE, NOW
from tests.kit_edits import sized
from tests.kit_findings import part
from tests.simulating import assert_as_it_was, kit_with, replayed

pytestmark = pytest.mark.django_db

UNTIL = NOW + 10 * DAY
PAGE: dict[str, Any] = {"channel": "IMPORT", "signals": [{"kind": "trial_start"}]}
WAKERS = {
    "day": WakeUp(NOW + 7 * DAY),
    "signal": WakeUp(on="signal:trial_start"),
    "band": WakeUp(on="band:cold"),
    "nothing": WakeUp(NOW + 60 * DAY, "signal:webinar_attended"),
    "changed": WakeUp(NOW + 60 * DAY),
    "excluded": WakeUp(NOW + 60 * DAY, "signal:trial_start"),
}


def worked() -> dict[str, Lead]:
    """Leads that rested, and what became of them."""
    company = factories.company()
    leads = dict(zip(WAKERS, factories.captures([factories.touch() for _ in WAKERS]), strict=True))
    for name, lead in leads.items():
        actions.reject(
            lead_id=lead.pk, by=owner(lead), reason="timing", wake=WAKERS[name], now=NOW + MINUTE
        )
    waking.change(lead_id=leads["changed"].pk, by=company.revops, wake_on="signal:trial_start",
                  now=NOW + HOUR)  # fmt: skip
    excluded = leads["excluded"]
    for title, at in (("Student", NOW + HOUR), ("VP Operations", NOW + 2 * HOUR)):
        editing.edit(lead_id=excluded.pk, by=company.revops, values={"person.title": title}, now=at)
    for name in ("signal", "band", "nothing", "changed", "excluded"):
        person = {"email": leads[name].person.email}
        factories.captures_attached(now=NOW + DAY, person=person, **PAGE)
    waking.run(now=NOW + 7 * DAY + MINUTE)
    return {name: fresh(lead) for name, lead in leads.items()}


def test_a_replay_wakes_them_as_they_really_woke() -> None:
    leads = worked()
    assert {name: (lead.stage, lead.cycle) for name, lead in leads.items()} == {
        name: ("NURTURE", 1) if name == "nothing" else ("MQL", 2) for name in leads
    }
    assert_as_it_was(leads)
    told, rows = replayed(kit_with(), until=UNTIL)
    assert (told["differing"], rows) == (0, {})
    assert told["fidelity"]["same"] == told["leads"] == len(leads)


def test_a_draft_judges_who_wakes_and_says_that_its_own_days_are_not_played() -> None:
    leads = worked()
    larger = kit_with(lambda document: sized(500)(document["parts"]))
    _, rows = replayed(larger, since=NOW + HOUR, until=UNTIL)
    touched = [lead.pk for name, lead in leads.items() if name not in ("day", "nothing")]
    assert sorted(rows) == sorted(touched)
    assert {row.differs[0] for row in rows.values()} == {"MQL_LOST"}

    def later(document: dict[str, Any]) -> None:
        part(document, "reason", "timing")["wake_days"] = 200

    assert replay.blind_spots(kit_with(), kit_with(later)) == ["reason"]
