"""Two at once on the same leads: nothing is lost, nothing is done twice, nobody waits for ever."""

from __future__ import annotations

import pytest

from leads.models import EventKind, Lead
from lifecycle import bulk_acting
from lifecycle.bulk_acting import State, Verb
from lifecycle.invariants import run as invariants
from lifecycle.models import BulkAct
from tests import factories, own_kit
from tests.factories import MINUTE, NOW
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def given(value: str) -> dict[str, str]:
    return {"field": "field.city", "value": value}


def test_of_two_acts_at_once_each_lead_has_one_value_and_both_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    company = factories.company()
    own_kit.publish(company.revops)
    bodies = [factories.touch(company={"name": "Acme", "domain": "acme.example"}) for _ in range(3)]
    ids = [one.pk for one in factories.captures(bodies, now=NOW)]
    made = together(
        [
            lambda value=value, by=by: bulk_acting.submit(  # type: ignore[misc]
                ids, Verb.SET, by=by, given=given(value), now=NOW + MINUTE
            )
            for value, by in (("Hamburg", company.revops), ("Bonn", company.manager))
        ]
    )
    assert [getattr(one, "state", one) for one in made] == [State.DONE, State.DONE]
    for lead in Lead.objects.filter(pk__in=ids):
        told = lead.events.filter(kind=EventKind.EDITED).count()
        lines = [act.lines.get(lead=lead).left for act in made]
        assert told == lines.count("") == 2
        assert lead.own_fields["city"][0] in ("Hamburg", "Bonn")

    monkeypatch.setattr(bulk_acting, "AT_ONCE", 0)
    act = bulk_acting.submit(
        ids, Verb.SET, by=company.revops, given=given("Kiel"), now=NOW + 2 * MINUTE
    )
    together([lambda: bulk_acting.run(act.pk, now=NOW + 2 * MINUTE)] * 3)
    bulk_acting.run(act.pk, now=NOW + 2 * MINUTE)
    act = BulkAct.objects.get(pk=act.pk)
    assert (act.state, act.lines.count()) == (State.DONE, 3)
    for lead in Lead.objects.filter(pk__in=ids):
        assert lead.events.filter(kind=EventKind.EDITED).count() == 3
    broken = [one for one in invariants.check(now=NOW + 3 * MINUTE, replay=20) if one.broken]
    assert broken == []
