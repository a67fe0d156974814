"""Team chats are told of leads at once: whom it calls, where it leads, forty as one."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from typing import Any

import pytest

from governance.kit import Kit
from integrations import fanning, requests, steps
from integrations.models import Attempt, Endpoint, Sending
from leads.models import Lead
from lifecycle.deliveries import Drained
from people.models import Role, User
from sla import sweeps
from tests import provider_server
from tests import small_company as company
from tests.integration.integrations.conftest import NOW, endpoint
from tests.provider_server import Server, refuses, says_raw

HOUR = dt.timedelta(hours=1)
IN_CHATS = ["ASSIGNED", "BREACHED", "ESCALATED"]


@pytest.fixture
def ana(kit: Kit) -> User:
    east = company.team(
        "East", manager=company.person("Bo", role=Role.MANAGER, slack_id="U0BOSSBO")
    )
    return company.person("Ana", team=east, slack_id="U012ABCDEF", teams_id="ana@example.com")


def chat(server: Server, *, kind: str = "SLACK", **columns: Any) -> Endpoint:
    given = {"kinds": IN_CHATS, "secret": "", "kind": kind, **columns}
    return endpoint(server.url, **given)


def step(now: dt.datetime) -> None:
    steps.outward(now, 0.0)


def texts(server: Server) -> list[str]:
    return [body.decode() for body in server.bodies]


def test_a_new_lead_calls_its_rep_in_slack_with_a_link(
    ana: User, server: Server, settings: Any, now: dt.datetime
) -> None:
    settings.BASE_URL = "https://leads.example.com/"
    chat(server)
    lead = company.lead(owner=ana, company="Acme <!here>", now=now)
    step(now)
    (said,) = (json.loads(body) for body in server.bodies)
    assert said["text"] == "New lead: Acme &lt;!here&gt;"
    shown = said["blocks"][1]["text"]["text"]
    assert shown.startswith("<@U012ABCDEF>\n")
    assert shown.endswith(f"<https://leads.example.com/leads/{lead.pk}/|Open>")
    assert "Petra" not in texts(server)[0]
    assert Sending.objects.get().state == "SENT"


def test_whose_the_lead_is_stands_there_for_who_has_no_id_in_the_chat(
    ana: User, server: Server, now: dt.datetime
) -> None:
    chat(server)
    ben = company.person("Ben", team=ana.team)
    company.lead(owner=ben, company="Acme", now=now)
    step(now)
    assert f"Acme is with {ben} now." in texts(server)[0]


def test_the_same_in_teams(ana: User, server: Server, now: dt.datetime) -> None:
    chat(server, kind="TEAMS")
    lead = company.lead(owner=ana, now=now)
    step(now)
    (said,) = (json.loads(body) for body in server.bodies)
    card = said["attachments"][0]["content"]
    assert card["msteams"]["entities"][0]["mentioned"]["id"] == "ana@example.com"
    assert card["actions"][0]["url"].endswith(f"/leads/{lead.pk}/")


def test_a_breach_calls_the_rep_and_the_manager(
    ana: User, server: Server, now: dt.datetime
) -> None:
    chat(server, kinds=["BREACHED"])
    company.lead(owner=ana, due_at=now + HOUR, now=now)
    sweeps.warn_and_breach(now=now + 2 * HOUR)
    step(now + 2 * HOUR)
    (said,) = texts(server)
    assert "<@U012ABCDEF> <@U0BOSSBO>" in said
    assert "overdue" in said


def test_a_channel_hears_of_its_team_and_its_pool_only(
    ana: User, server: Server, now: dt.datetime
) -> None:
    company.pool("smb")
    west = company.team("West")
    chat(server, label="east", team=ana.team)
    chat(server, label="west", team=west)
    chat(server, label="smb", pool="smb")
    chat(server, label="both", pool="smb", team=west)
    company.lead(owner=ana, now=now)
    company.lead(owner=company.person("Wim", team=west), via="smb", now=now)
    step(now)
    heard = sorted(Sending.objects.values_list("endpoint__label", flat=True))
    assert heard == ["both", "east", "smb", "west"]


def test_who_takes_a_lead_themselves_is_not_called(
    ana: User, server: Server, now: dt.datetime
) -> None:
    chat(server)
    company.lead(owner=ana, by=ana, now=now)
    step(now)
    assert server.bodies == []


def test_a_lead_that_went_on_meanwhile_is_told_of_its_new_owner_only(
    ana: User, server: Server, now: dt.datetime
) -> None:
    chat(server)
    server.behaviour = refuses(500)
    lead = company.lead(owner=ana, now=now)
    step(now)
    Lead.objects.filter(pk=lead.pk).update(owner=company.person("Ben"))
    server.behaviour = refuses(200)
    step(now + HOUR)
    assert len(server.bodies) == 1
    assert Sending.objects.get().last_error == "Not sent: what it asked for was done meanwhile."


def test_forty_at_once_are_one_message(ana: User, server: Server, now: dt.datetime) -> None:
    chat(server)
    for _ in range(40):
        company.lead(owner=ana, now=now)
    step(now)
    (said,) = (json.loads(body) for body in server.bodies)
    assert said["text"] == "40 leads: New lead 40"
    shown = said["blocks"][1]["text"]["text"]
    assert (shown.count("|Open>"), shown.count("<@U012ABCDEF>")) == (13, 1)
    assert "and 28 more" in shown
    assert shown.count(f" · {ana} <") == 12
    assert set(Sending.objects.values_list("state", flat=True)) == {"SENT"}
    assert Attempt.objects.filter(arrived=True).count() == 40


def test_a_lead_with_several_notices_counts_once(
    ana: User, server: Server, now: dt.datetime
) -> None:
    chat(server)
    for _ in range(8):
        company.lead(owner=ana, due_at=now + HOUR, now=now)
    sweeps.warn_and_breach(now=now + 2 * HOUR)
    step(now + 2 * HOUR)
    (said,) = (json.loads(body) for body in server.bodies)
    assert said["text"] == "16 notices about 8 leads: New lead 8, Overdue 8"
    assert "and 4 more notices" in said["blocks"][1]["text"]["text"]


def test_a_failure_that_teams_tells_under_200_is_tried_again(
    ana: User, server: Server, now: dt.datetime
) -> None:
    chat(server, kind="TEAMS")
    server.behaviour = says_raw(b"Webhook message delivery failed with error: 429")
    company.lead(owner=ana, now=now)
    step(now)
    row = Sending.objects.get()
    assert (row.state, row.last_error) == ("RETRYING", "Teams answered that the message failed.")


def test_what_is_a_day_old_is_no_news(ana: User, server: Server, now: dt.datetime) -> None:
    chat(server)
    company.lead(owner=ana, now=now)
    step(now + 25 * HOUR)
    assert server.bodies == []


def test_outside_their_hours_nobody_is_called_and_what_came_goes_together_in_the_morning(
    ana: User, server: Server, now: dt.datetime
) -> None:
    for user in User.objects.filter(is_active=True):
        for day in range(5):
            user.shifts.create(weekday=day, starts=dt.time(9), ends=dt.time(17))
    chat(server)
    night = now.replace(hour=22)
    for _ in range(6):
        company.lead(owner=ana, now=night)
    step(night)
    assert server.bodies == []
    step(now.replace(day=now.day + 1, hour=9))
    (said,) = (json.loads(body) for body in server.bodies)
    assert said["text"] == "6 leads: New lead 6"


def test_of_those_it_concerns_only_who_is_at_work_is_called(
    ana: User, server: Server, now: dt.datetime
) -> None:
    ana.shifts.create(weekday=0, starts=dt.time(9), ends=dt.time(10))
    chat(server, kinds=["BREACHED"])
    company.lead(owner=ana, due_at=now + HOUR, now=now)
    sweeps.warn_and_breach(now=now + 2 * HOUR)
    step(now + 2 * HOUR)
    (said,) = texts(server)
    assert "<@U0BOSSBO>" in said
    assert "<@U012ABCDEF>" not in said


def test_a_channel_that_hangs_keeps_nobody_waiting_who_is_assigned_a_lead_meanwhile(
    ana: User, server: Server, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    drain, looks = fanning.drain, itertools.count()

    def comes_meanwhile(*, now: dt.datetime | None) -> Drained:
        if slow.bodies and next(looks) == 0:
            company.lead(owner=ana, now=now or NOW)
        return drain(now=now)

    def waits_for_the_other(handler: provider_server.Handler) -> None:
        while len(server.bodies) < 2 and not handler.server.ending.wait(0.01):
            pass
        handler.reply(200)

    monkeypatch.setattr(fanning, "drain", comes_meanwhile)
    monkeypatch.setattr(requests.post, "__kwdefaults__", {"seconds": 20.0})
    with provider_server.running() as slow:
        slow.behaviour = waits_for_the_other
        chat(server)
        endpoint(slow.url, label="Slow", kind="SLACK", secret="", kinds=IN_CHATS)
        company.lead(owner=ana, now=now)
        step(now)
    assert (len(server.bodies), len(slow.bodies)) == (2, 2)
