"""A draft beside the version in force, on leads that really were."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from leads.models import Lead
from lifecycle import actions, next_steps
from lifecycle.invariants import run
from lifecycle.simulation import history, judging, replay, rota, staff, ticking
from lifecycle.simulation.rota import Entry
from routing.models import Decision, PoolMember
from sla.models import Clock
from tests import busy_company, factories
from tests.factories import DAY, HOUR, MINUTE, NOW, capture, captures, touch, work
from tests.kit_findings import part, put
from tests.simulating import SINCE, UNTIL, differences, kit_with, replayed

pytestmark = pytest.mark.django_db


def profile(low: int) -> Any:
    def change(document: dict[str, Any]) -> None:
        part(document, "criterion", "icp")["condition"]["all"][0]["value"] = [low, 5000]

    return change


def test_the_version_in_force_beside_itself_differs_nowhere_and_tells_the_truth() -> None:
    _, end = busy_company.busy()
    told, rows = replayed(kit_with(), until=end)
    assert rows == {lead: row for lead, row in rows.items() if row.unknown}
    assert (told["differing"], told["kinds"], told["blind"]) == (0, {}, [])
    assert told["leads"] > 20
    assert told["fidelity"]["same"] == told["leads"]
    assert told["mqls"]["before"] == told["mqls"]["after"] > 10


def booking_answers() -> dict[str, Any]:
    """The playbook, but that a booked meeting answers as a contact does."""
    document = factories.playbook.document()
    document["parts"].pop("fixture")
    for entry in document["parts"]["clock_policy"]:
        if entry["obligation"] == "first_contact":
            entry["stopped_by"].append("MEETING_BOOKED")
    return document


def test_a_replay_finds_the_clocks_that_really_ran() -> None:
    """Of leads that no queue, no reassignment and no undo made wait: start, due time, end."""
    company = factories.company(text=booking_answers())
    leads = captures([touch() for _ in range(4)])
    tiny = capture(company={"employees": "3"}, now=NOW + MINUTE)
    for lead, stage in zip(leads, ("MQL", "SAL", "SQL", "WON"), strict=True):
        if stage != "MQL":
            work(lead, to=stage, now=NOW + 3 * HOUR)
    actions.log_activity(lead_id=tiny.pk, by=tiny.owner, kind="CALL", now=NOW + HOUR)
    early = capture(company={"employees": "3"}, now=NOW + MINUTE)
    for at, told in ((NOW - DAY, NOW + 5 * MINUTE), (NOW + 2 * MINUTE, NOW + 3 * HOUR)):
        actions.log_activity(lead_id=early.pk, by=early.owner, kind="CALL", at=at, now=told)
    actions.reject(lead_id=leads[0].pk, by=leads[0].owner, reason="timing", now=NOW + 2 * DAY)
    booked = capture(now=NOW + MINUTE)
    actions.log_activity(
        lead_id=booked.pk, by=booked.owner, kind="MEETING", outcome="SCHEDULED",
        at=NOW + DAY, now=NOW + 5 * MINUTE,
    )  # fmt: skip
    met = Clock.objects.get(lead=booked, obligation="first_contact")
    assert (met.state, met.evidence, met.is_met) == ("STOPPED", "MEETING_BOOKED", True)
    broken = {one.invariant.key for one in run.check(now=NOW + 3 * DAY) if one.broken}
    assert broken <= {"clock.breached_in_time"}  # nobody sweeps here

    def real(lead: Lead) -> Counter[tuple[Any, ...]]:
        rows = Clock.objects.filter(lead=lead)
        return Counter((one.policy, one.started_at, one.due_at, one.stopped_at) for one in rows)

    for lead in (*leads, tiny, early, booked):
        (course,) = history.courses([lead.pk], since=SINCE, until=UNTIL)
        judged = judging.judge(course, company.kit)
        asked = {n: one.at for n, one in enumerate(judged.marks) if one.mark == "ASKS"}
        found = ticking.run(judged.marks, asked, company.kit, until=UNTIL)
        told = Counter((one.policy, one.started_at, one.due_at, one.ended_at) for one in found)
        assert told == real(lead), lead


def test_the_rota_repeats_the_picks_that_were_made() -> None:
    company = factories.company(reps=("anna", "ben", "cleo"))
    PoolMember.objects.filter(user=company.reps[0]).update(weight=2, open_cap=4)
    made = [capture(now=NOW + n * MINUTE) for n in range(12)]
    for lead in made[:5]:
        actions.reject(lead_id=lead.pk, by=lead.owner, reason="timing", now=NOW + HOUR)
    made += [capture(now=NOW + 2 * HOUR + n * MINUTE) for n in range(9)]
    courses = list(history.courses([lead.pk for lead in made], since=SINCE, until=UNTIL))
    entries = [Entry(one.lead, one.owner, judging.judge(one, company.kit).marks) for one in courses]
    played = rota.play(
        entries,
        staff.pools(),
        staff.read([rep.pk for rep in company.reps], since=SINCE, until=UNTIL),
        (),
        company.kit,
        since=SINCE,
        until=UNTIL,
        usual=DAY,
    )
    picked = dict(Decision.objects.values_list("lead_id", "picked_id"))
    assert {lead.pk: played.of(lead.pk)[0][1].user for lead in made} == picked
    assert rota.loads(played)[company.reps[0].pk].most == 4


def test_a_gained_mql_is_listed_and_says_which_criterion_let_it_in() -> None:
    factories.company()
    small, usual = captures([touch(company={"employees": "40"}), touch()])
    told, rows = replayed(kit_with(profile(30)))
    assert told["mqls"] == {"before": 1, "after": 2, "gained": 1, "lost": 0, "moved": 0}
    assert usual.pk not in rows
    row = rows[small.pk]
    assert row.differs[:2] == ("MQL_GAINED", "STAGE")
    before, after = ({one["criterion"]: one for one in side["criteria"]} for side in
                     (row.before, row.after))  # fmt: skip
    assert (before["icp"]["met"], after["icp"]["met"]) == (False, True)
    assert after["icp"]["label"] == "Ideal customer profile"
    assert after["icp"]["facts"]["company.employees"] == 40
    assert (row.before["qualified_at"], row.after["qualified_at"]) == (None, NOW.isoformat())
    (accept,) = [one for one in row.after["clocks"] if one["obligation"] == "accept"]
    assert accept["how"] == "NOT_KNOWN"


def test_a_lost_mql_is_told_by_source() -> None:
    factories.company()
    captures([touch(company={"employees": "60"}), touch(source={"category": "EVENT"})])
    told, _ = replayed(kit_with(profile(100)))
    sources = {one["key"]: (one["before"]["mqls"], one["after"]["mqls"]) for one in told["sources"]}
    assert sources == {"PAID": (1, 0), "EVENT": (1, 1)}
    stages = {one["key"]: one["after"]["stages"] for one in told["sources"]}
    assert stages == {"PAID": {"INQUIRY": 1}, "EVENT": {"MQL": 1}}


def test_fewer_minutes_cause_the_breaches_that_slower_people_would_have_had() -> None:
    factories.company()
    quick, slow = captures([touch(), touch()])
    for lead, minutes in ((quick, 4), (slow, 12)):
        actions.log_activity(
            lead_id=lead.pk, by=lead.owner, kind="CALL", now=NOW + minutes * MINUTE
        )
    told, rows = replayed(kit_with(put("clock_policy", "first_contact.form", minutes=10)))
    assert differences(rows, [quick, slow]) == [("DUE",), ("DUE", "BREACH_CAUSED")]
    (clock,) = [one for one in told["clocks"] if one["key"] == "first_contact"]
    assert (clock["moved"], clock["earlier"], clock["caused"], clock["avoided"]) == (2, 2, 1, 0)
    more, _ = replayed(kit_with(put("clock_policy", "first_contact.form", minutes=600)))
    (clock,) = [one for one in more["clocks"] if one["key"] == "first_contact"]
    assert (clock["earlier"], clock["caused"], clock["avoided"]) == (0, 0, 0)


@pytest.mark.parametrize("what", [{"kind": "CALL"}, {"kind": "MEETING", "outcome": "SCHEDULED"}])
def test_a_contact_that_was_taken_back_is_none(what: dict[str, Any]) -> None:
    factories.company()
    lead = capture()
    common = {"lead_id": lead.pk, "by": lead.owner}
    actions.log_activity(**common, **what, now=NOW + 12 * MINUTE)
    actions.undo(**common, now=NOW + 13 * MINUTE)
    _, rows = replayed(kit_with(put("clock_policy", "first_contact.form", minutes=10)))
    assert differences(rows, [lead]) == [("DUE",)]  # nobody kept either deadline


def test_another_pool_is_told_with_its_load_and_the_turns_that_shift() -> None:
    company = factories.company()
    other = factories.rep("olga", pools=["inbound"])
    german = captures([touch() for _ in range(3)])
    austrian = captures([touch(company={"country": "AT"}) for _ in range(1)])
    german += captures([touch() for _ in range(2)])

    def only_germany(document: dict[str, Any]) -> None:
        rule = part(document, "routing_rule", "dach")
        rule["condition"] = {"fact": "company.country", "op": "eq", "value": "DE"}

    told, rows = replayed(kit_with(only_germany))
    assert told["kinds"]["POOL"] == 1
    assert rows[austrian[0].pk].differs == ("POOL",)
    assert rows[austrian[0].pk].after["owners"] == [other.pk]
    tried = rows[austrian[0].pk].after["routes"][0]["tried"]
    assert [(one["rule"], one["matched"]) for one in tried if one["rule"] == "dach"] == [
        ("dach", False)
    ]
    candidates = rows[austrian[0].pk].after["picks"][0]["candidates"]
    assert [(one["user"], one["rank"]) for one in candidates] == [(other.pk, 1)]
    assert set(differences(rows, german)) == {(), ("OWNER",)}
    load = {one["user"]: (one["before"]["given"], one["after"]["given"]) for one in told["load"]}
    assert load[other.pk] == (0, 1)
    assert sum(load[rep.pk][1] for rep in company.reps) == 5
    pools = {one["key"]: (one["before"], one["after"]) for one in told["pools"]}
    assert pools == {"dach": (6, 5), "inbound": (0, 1)}


def test_leads_that_fit_no_rule_are_told() -> None:
    factories.company()
    lead = capture()

    def only_partners(document: dict[str, Any]) -> None:
        rules = document["parts"]["routing_rule"]
        document["parts"]["routing_rule"] = [one for one in rules if one["key"] == "partner"]

    told, rows = replayed(kit_with(only_partners))
    assert told["routing"]["after"]["unrouted"] == 1
    assert "UNROUTED" in rows[lead.pk].differs


def test_a_lead_that_finds_nobody_waits_under_both() -> None:
    factories.company()
    capture(company={"country": "SE"})
    told, rows = replayed(kit_with())
    assert rows == {}
    assert told["routing"]["before"]["waiting"] == told["routing"]["after"]["waiting"] == 1


def test_a_lead_that_waited_when_the_window_began_is_judged_by_what_was_known_then() -> None:
    factories.company()
    body = touch(company={"country": "SE"})
    lead = capture(body)
    assert lead.queue == "uk-nordics"
    factories.captures_attached(now=NOW + 2 * HOUR, **body)
    factories.rep("erik", pools=["uk-nordics"])
    told, rows = replayed(kit_with(), since=NOW + HOUR, until=NOW + DAY)
    assert (told["leads"], rows) == (1, {})


def test_who_was_decided_under_an_older_kit_is_told_apart() -> None:
    company = factories.company()
    old = capture(company={"employees": "60"})
    narrower = profile(100)
    factories.next_kit(lambda parts: narrower({"parts": parts}), by=company.revops, now=NOW + HOUR)
    capture(company={"employees": "70"}, now=NOW + 2 * HOUR)
    told, _ = replayed(kit_with())
    assert old.stage == "MQL"
    assert told["base"]["number"] == company.kit.number + 1
    assert told["fidelity"] == {
        "same": 1, "older_kit": 1, "otherwise": 0, "mql": 1, "pool": 0
    }  # fmt: skip


def test_what_a_replay_does_not_show_is_said() -> None:
    factories.company()
    capture()

    def blind(document: dict[str, Any]) -> None:
        part(document, "identity_rule", "phone")["use"] = "IGNORE"
        part(document, "criterion", "reachable")["prose"] = "Another word."
        part(document, "criterion", "icp")["prose"] = "Another word."

    assert replayed(kit_with(blind))[0]["blind"] == ["criterion", "identity_rule"]


def test_waits_next_steps_and_hours_of_holders_are_said_not_to_be_known() -> None:
    factories.company()
    lead = capture()
    next_steps.promise(lead_id=lead.pk, by=lead.owner, at=NOW + DAY, kind="CALL", now=NOW + HOUR)

    def by_holder(document: dict[str, Any]) -> None:
        part(document, "clock_policy", "accept")["hours"] = "HOLDER"

    assert replayed(kit_with())[0]["blind"] == ["next_steps"]
    assert replayed(kit_with(by_holder))[0]["blind"] == ["hours", "next_steps"]


def test_nothing_is_written_but_the_report() -> None:
    _, end = busy_company.busy()

    def everything() -> dict[str, Any]:
        with connection.cursor() as cursor:
            found = {}
            for model in apps.get_models():
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(
                    f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)), "
                    f"max(xmin::text::bigint) FROM {table} t"
                )
                found[model._meta.label] = cursor.fetchone()
            return found

    before = everything()
    told, rows = replayed(kit_with(profile(400)), until=end)
    assert told["differing"] == len([row for row in rows.values() if not row.unknown]) > 0
    assert everything() == before


def test_progress_is_told_chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.company()
    captures([touch() for _ in range(7)])
    monkeypatch.setattr(replay, "CHUNK", 3)
    beats: list[tuple[int, int]] = []
    replay.replay(
        kit_with(), kit_with(), since=SINCE, until=UNTIL,
        beat=lambda done, total: beats.append((done, total)),
    )  # fmt: skip
    assert beats[:3] == [(3, 7), (6, 7), (7, 7)]
    assert {total for _, total in beats} == {7}
