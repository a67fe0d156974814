"""Why somebody has a lead, or nobody: told truly after whatever happened to it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads.models import Lead
from lifecycle import (
    actions,
    bulk_handing,
    handoffs,
    leavers,
    mails,
    misrouting,
    notices,
    obstacles,
    possession,
    possessions,
    waiting,
)
from lifecycle.possession import Reader
from people.models import Leave, User
from routing import discretion, replay
from routing.models import Decision, Pool, PoolMember
from routing.redeciding import Supposed
from tests import factories, kit_edits
from tests.factories import DAY, HOUR, MINUTE, NOW
from tests.integration.lifecycle import test_escalating as escalating
from tests.kit_edits import Parts
from web.console.timeline import of_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


def why(lead: Lead, *, reader: User | None = None) -> str:
    lead.refresh_from_db()
    came = possessions.of_leads([lead])[lead.pk]
    names = {one.pk: str(one) for one in User.objects.all()}
    pools = dict(Pool.objects.values_list("key", "label"))
    who = reader.pk if reader else lead.owner_id or 0
    return possession.sentence(
        came, Reader(who, names, pools, lambda at: f"{at:%H:%M}", discretion.ALL)
    )


def other(company: factories.Company, lead: Lead) -> User:
    return next(one for one in company.reps if one.pk != lead.owner_id)


def absent(*users: User, until: dt.datetime = NOW + HOUR) -> None:
    for user in users:
        Leave.objects.create(user=user, starts_at=NOW - DAY, ends_at=until)


def test_by_a_pool_s_turn(company: factories.Company) -> None:
    told = why(factories.capture())
    assert told.startswith("Rule “DACH")
    assert "and you were next in the weighted rotation, with 0" in told


def test_misrouted_and_given_anew_by_the_rules(company: factories.Company) -> None:
    lead = factories.capture()
    first = lead.owner
    assert first is not None
    misrouting.misroute(lead_id=lead.pk, by=first, why="LANGUAGE", now=NOW + MINUTE)
    assert why(lead).startswith(f"{first} said it was not theirs (another language). Rule “")
    told = why(lead, reader=first)
    assert told.startswith("You said it was not yours (another language). Rule “")


def timeline(lead: Lead, reader: User) -> list[str]:
    told = of_lead(lead.pk, reader=reader, now=NOW + DAY, zone=dt.UTC, kind="owner")
    story = told.read()
    return ["".join(piece.text for piece in entry.pieces)
            for day in story.days for entry in day.events]  # fmt: skip


def test_the_timeline_tells_who_gave_it_back_and_why(company: factories.Company) -> None:
    lead, named, acted = factories.captures([factories.touch() for _ in range(3)])
    holders = [one.owner for one in (lead, named, acted)]
    note = {"why": "LANGUAGE", "note": "Speaks Polish.", "now": NOW + MINUTE}
    misrouting.misroute(lead_id=lead.pk, by=holders[0], **note)
    to = other(company, named)
    misrouting.misroute(lead_id=named.pk, by=holders[1], to=to.pk, **note)
    misrouting.misroute(lead_id=acted.pk, by=company.manager, **note)
    said = f"{holders[0]} said it was not theirs (another language). Routed to "
    assert timeline(lead, company.manager)[0].startswith(said)
    assert timeline(named, company.manager)[0] == (
        f"{holders[1]} said it was not theirs (another language). They named {to}."
    )
    assert timeline(acted, company.manager)[0].startswith(
        f"{company.manager} gave it back: it was not that of {holders[2]} (another language). "
    )


def test_given_to_a_pool_by_a_person(company: factories.Company) -> None:
    lead = factories.capture()
    first = lead.owner
    label = company.pools["dach"].label
    bulk_handing.submit(
        [lead.pk], bulk_handing.Want("POOL", None, "dach"),
        by=company.manager, reason="Fits them.", now=NOW + MINUTE,
    )  # fmt: skip
    assert why(lead).startswith(
        f"{company.manager} gave it, from {first}, to pool {label}, and you were next in the "
        "weighted rotation"
    )
    lead.refresh_from_db()
    assert timeline(lead, company.manager)[0] == (
        f"{company.manager} gave it to pool {label}, where {lead.owner} was next in the weighted "
        "rotation."
    )


def test_misrouted_with_a_name(company: factories.Company) -> None:
    lead = factories.capture()
    first, second = lead.owner, other(company, lead)
    assert first is not None
    misrouting.misroute(lead_id=lead.pk, by=first, why="KNOWN", to=second.pk, now=NOW + MINUTE)
    assert why(lead) == (
        f"{first} said it was not theirs (somebody knows the buyer), and named you."
    )


def test_after_waiting_and_claimed_from_the_queue(company: factories.Company) -> None:
    absent(*company.reps)
    lead, claimed = factories.captures([factories.touch(), factories.touch()])
    assert "nobody there could take it then" in why(lead)
    rep = company.reps[0]
    actions.claim(lead_id=claimed.pk, by=rep, now=NOW + 30 * MINUTE)
    label = company.pools["dach"].label
    assert why(claimed) == (
        f"You claimed it from the queue of {label}, where it had waited 30 min."
    )
    waiting.route(now=NOW + 2 * HOUR)
    assert why(lead).startswith(f"It had waited 2 h in the queue of {label}. Rule “")


def test_misrouted_then_waiting_then_given_out(company: factories.Company) -> None:
    lead = factories.capture()
    first, second = lead.owner, other(company, lead)
    assert first is not None
    absent(second)
    misrouting.misroute(lead_id=lead.pk, by=first, why="LANGUAGE", now=NOW + MINUTE)
    assert why(lead).startswith(f"{first} said it was not theirs (another language). Rule “")
    PoolMember.objects.filter(user=first).update(active=False)
    waiting.route(now=NOW + 2 * HOUR)
    lead.refresh_from_db()
    assert lead.owner == second
    told = f"{first} said it was not theirs (another language). It had waited 1 h 59 min in"
    assert why(lead).startswith(told)


def test_kept_for_somebody_who_starts_first(company: factories.Company) -> None:
    Pool.objects.filter(key="dach").update(off_shift="SPREAD")
    absent(*company.reps, until=NOW + 3 * HOUR)
    lead = factories.capture()
    lead.refresh_from_db()
    assert lead.kept_for is not None
    assert f"It is kept for {lead.kept_for} until 13:00." in why(lead)
    waiting.route(now=NOW + 3 * HOUR)
    assert "where it was kept for you while nobody worked" in why(lead)


def test_reassigned_handed_over_and_taken(company: factories.Company) -> None:
    lead = factories.capture()
    first, second = lead.owner, other(company, lead)
    assert first is not None
    told: dict[str, Any] = {"reason": "See the notes", "why": "KNOWN"}
    actions.reassign(lead_id=lead.pk, by=first, to=second.pk, now=NOW + MINUTE, **told)
    assert why(lead) == f"{first} handed it over to you."
    actions.reassign(lead_id=lead.pk, by=company.manager, to=first.pk, now=NOW + 2 * MINUTE, **told)
    assert why(lead) == f"{company.manager} gave it to you; before it was with {second}."
    actions.reassign(
        lead_id=lead.pk, by=company.manager, to=company.manager.pk, now=NOW + 3 * MINUTE, **told
    )
    assert why(lead) == f"You took it over from {first}."
    actions.reassign(lead_id=lead.pk, by=company.manager, to=None, now=NOW + 4 * MINUTE, **told)
    assert why(lead).startswith(f"{company.manager} handed it on, to whom the rules choose. Rule “")


def test_a_leaver_s_lead_by_the_rules_and_to_their_manager(company: factories.Company) -> None:
    fresh, worked = (
        factories.capture(),
        factories.work(factories.capture(), to="SAL", now=NOW + MINUTE),
    )
    gone = [one.owner for one in (fresh, worked)]
    User.objects.filter(pk__in=[one.pk for one in gone if one]).update(is_active=False)
    factories.rep("cleo", pools=["dach"])
    leavers.hand_on(now=NOW + HOUR)
    assert why(fresh).startswith(f"{gone[0]} has left. Rule “")
    assert why(worked) == f"{gone[1]} has left, and you lead their team."


@pytest.fixture
def handed(company: factories.Company) -> Lead:
    factories.pool("aes", manager=company.manager)
    factories.rep("karl", pools=["aes"], role="AE")

    def edit(parts: Parts) -> None:
        rule = {"key": "aes", "label": "To the AEs", "moment": "HANDOFF", "condition": None,
                "pool": "aes", "position": 50}  # fmt: skip
        parts["routing_rule"].append(rule)

    kit_edits.publish(edit, by=company.revops, now=NOW)
    return factories.work(factories.capture(), to="SQL", now=NOW + MINUTE)


def test_a_hand_off_and_its_return(handed: Lead) -> None:
    sdr, karl = handed.sourced_by, User.objects.get(username="karl")
    assert sdr is not None
    assert why(handed).startswith(f"{sdr} handed it off. Rule “To the AEs” sent it to pool")
    handoffs.return_handoff(lead_id=handed.pk, by=karl, reason="No budget", now=NOW + HOUR)
    assert why(handed) == f"{karl} returned the hand-off to you: you had handed it off."
    client = Client()
    client.force_login(sdr)
    page = client.get(f"/leads/{handed.pk}/").content.decode()
    assert f"{karl} returned the hand-off to you" in page
    assert f"{karl} returned the hand-off to you" in client.get("/").content.decode()


def test_the_notice_and_the_mail_say_why(company: factories.Company) -> None:
    lead = factories.capture()
    first = lead.owner
    assert first is not None
    misrouting.misroute(lead_id=lead.pk, by=first, why="LANGUAGE", now=NOW + MINUTE)
    lead.refresh_from_db()
    assert lead.owner is not None
    notices.drain(now=NOW + MINUTE)
    mails.send_due(now=NOW + 2 * MINUTE)
    [letter] = [one for one in mail.outbox if one.to == [lead.owner.email]]
    assert f"{first} said it was not theirs (another language). Rule “" in letter.body.replace(
        "\n", " "
    )
    assert lead.person.last_name not in letter.body
    client = Client()
    client.force_login(lead.owner)
    assert f"{first} said it was not theirs" in client.get("/notices/").content.decode()


def test_queries_do_not_grow_with_leads_or_legs(company: factories.Company) -> None:
    def asked() -> int:
        leads = list(Lead.objects.all())
        with CaptureQueriesContext(connection) as seen:
            assert len(possessions.of_leads(leads)) == len(leads)
        return len(seen)

    one = factories.capture()
    before = asked()
    for lead in [one, *factories.captures([factories.touch() for _ in range(6)])]:
        assert lead.owner is not None
        misrouting.misroute(lead_id=lead.pk, by=lead.owner, why="LANGUAGE", now=NOW + MINUTE)
    assert asked() == before == 1


class TestObstacles:
    def test_each_member_has_what_stands_in_the_way(self, company: factories.Company) -> None:
        anna, ben = company.reps
        absent(anna, until=NOW + 400 * DAY)
        PoolMember.objects.filter(user=ben).update(open_cap=0)
        lead = factories.capture()
        lead.refresh_from_db()
        found = obstacles.of(lead, sight=discretion.ALL, now=NOW + MINUTE)
        assert found is not None
        assert found.members is not None
        told = {one.user: one.why for one in found.members}
        assert told == {anna.pk: "on leave", ben.pk: "at the cap: 0 of 0 open leads"}
        client = Client()
        client.force_login(company.manager)
        page = client.get(f"/leads/{lead.pk}/").content.decode()
        assert "None of the 2 of" in page
        assert f"{ben}: at the cap: 0 of 0 open leads" in page
        client.force_login(ben)
        assert "You: at the cap" in client.get(f"/leads/{lead.pk}/").content.decode()

    def test_an_empty_pool_and_one_that_is_gone_say_so(self, company: factories.Company) -> None:
        absent(*company.reps)
        lead = factories.capture()
        PoolMember.objects.all().update(active=False)
        client = Client()
        client.force_login(company.revops)
        assert "Nobody is in the pool" in client.get(f"/leads/{lead.pk}/").content.decode()
        Lead.objects.filter(pk=lead.pk).update(queue="gone")
        assert "There is no pool “gone”" in client.get(f"/leads/{lead.pk}/").content.decode()

    def test_who_has_it_has_no_checklist(self, company: factories.Company) -> None:
        assert obstacles.of(factories.capture(), sight=discretion.ALL, now=NOW) is None

    def test_a_colleague_who_did_not_get_it_reads_why(self, company: factories.Company) -> None:
        lead = factories.capture()
        client = Client()
        client.force_login(other(company, lead))
        assert "Why not you: second" in client.get(f"/leads/{lead.pk}/").content.decode()


class TestLevels:
    """Escalation levels that act leave records that are told, made again and asked of alike."""

    @pytest.fixture
    def moved(self) -> tuple[factories.Company, Lead]:
        here = escalating.company(
            one={"act": "BACKUP", "then": "two"}, two={"after_minutes": 60, "act": "MANAGER"}
        )
        lead = factories.capture()
        lead.refresh_from_db()
        assert lead.owner is not None
        backup = next(one for one in here.reps if one.pk != lead.owner_id)
        escalating.names(lead.owner, backup)
        escalating.away(backup)
        escalating.sweep(NOW + 2 * HOUR + MINUTE)
        lead.refresh_from_db()
        assert lead.owner == here.manager
        return here, lead

    def test_why_says_who_did_not_act_and_which_level_gave_it(
        self, moved: tuple[factories.Company, Lead]
    ) -> None:
        _, lead = moved
        told = why(lead)
        assert "had it and did not act in time. Level “Level two” gave it to" in told
        assert "it is yours" in told

    def test_the_record_replays_and_tells_who_else_would_have_had_it(
        self, moved: tuple[factories.Company, Lead]
    ) -> None:
        here, lead = moved
        row = Decision.objects.filter(lead=lead).latest("pk")
        assert replay.of(row).is_same
        backup = next(one["meant"]["user"] for one in row.tried if one["target"] == "BACKUP")
        made = replay.suppose(row, [Supposed(backup, at_work=True)])
        assert made.user == backup
        assert "is the backup of" in made.because
        gone = replay.suppose(row, [Supposed(here.manager.pk, is_gone=True)])
        assert gone.unknown or gone.user is None
        client = Client()
        client.force_login(here.revops)
        page = client.get(f"/decisions/{row.pk}/?who={backup}&had=AT_WORK&again=1")
        assert "would have got it instead" in page.content.decode()
        assert "goes to the same owner" in page.content.decode()
