"""Events go to endpoints once, signed, again after failures, and to nobody else."""

from __future__ import annotations

import datetime as dt
import json
import threading
from typing import Any

import pytest

from core import sealing
from governance.kit import Kit
from integrations import fanning, noting, replaying, requests, retrying, sending, steps, taking
from integrations.models import Attempt, Endpoint, Sending
from leads.models import Outbox
from lifecycle.invariants import run as invariants
from people.models import User
from sla import sweeps
from tests import provider_server
from tests import small_company as company
from tests.integration.integrations.conftest import endpoint
from tests.provider_server import Server, refuses, says
from web.capture import signatures

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
PRIVATE = ("Petra", "Private", "buyer.test", "Acme", "Ana")


@pytest.fixture
def ana(kit: Kit) -> User:
    return company.person("Ana")


def step(now: dt.datetime) -> None:
    steps.outward(now, 0.0)


def bodies(server: Server) -> list[dict[str, Any]]:
    return [json.loads(body) for body in server.bodies]


def ids(server: Server) -> list[str]:
    return [headers["webhook-id"] for headers in server.headers]


def test_nothing_is_kept_for_nobody(ana: User, now: dt.datetime) -> None:
    company.lead(owner=ana, now=now)
    assert not Outbox.objects.filter(consumer=fanning.CONSUMER).exists()


def test_an_assignment_is_told_signed_and_without_names(
    ana: User, server: Server, now: dt.datetime
) -> None:
    row = endpoint(server.url + "/in", former_secret=sealing.seal("whsec_" + "QUJD" * 8))
    lead = company.lead(owner=ana, now=now)
    step(now)
    step(now)
    assigned = [body for body in bodies(server) if body["type"] == "lead.assigned"]
    assert len(assigned) == 1
    data = assigned[0]["data"]
    assert assigned[0]["timestamp"] == "2026-03-03T10:00:00Z"
    assert (data["lead"], data["owner"], data["kit_version"]) == (lead.pk, ana.pk, 1)
    assert not [word for word in PRIVATE for body in server.bodies if word in body.decode()]
    for headers, body in zip(server.headers, server.bodies, strict=True):
        for secret in (row.secret, row.former_secret):
            assert not signatures.fault(
                signatures.Scheme.STANDARD, secrets=[sealing.unseal(secret)], header="",
                headers=headers, body=body, now=now,
            )  # fmt: skip
    assert set(Sending.objects.values_list("state", flat=True)) == {"SENT"}


def test_names_are_told_where_they_are_asked_for(
    ana: User, server: Server, now: dt.datetime
) -> None:
    endpoint(server.url, with_names=True, kinds=["ASSIGNED"])
    company.lead(owner=ana, now=now)
    step(now)
    (body,) = bodies(server)
    assert body["data"]["names"]["person"] == "Petra Private"
    assert body["data"]["names"]["owner"] == "Ana"


def test_a_breach_tells_its_clock(ana: User, server: Server, now: dt.datetime) -> None:
    endpoint(server.url, kinds=["BREACHED"])
    company.lead(owner=ana, due_at=now + HOUR, now=now)
    sweeps.warn_and_breach(now=now + 2 * HOUR)
    step(now + 2 * HOUR)
    (body,) = bodies(server)
    assert body["type"] == "lead.breached"
    assert body["data"]["obligation"] == "accept"
    assert body["data"]["due_at"] == "2026-03-03T11:00:00Z"
    assert body["data"]["owner"] == ana.pk


def test_what_fails_is_sent_again_under_one_id_until_it_is_given_up(
    ana: User, server: Server, now: dt.datetime
) -> None:
    endpoint(server.url, kinds=["ASSIGNED"])
    server.behaviour = refuses(500)
    company.lead(owner=ana, now=now)
    for _ in range(40):
        step(now)
        row = Sending.objects.get()
        if row.state != "RETRYING":
            break
        resting = Endpoint.objects.get().resting_until or now
        now = max(row.due_at or now, resting)
    assert (row.state, row.attempts, row.last_error) == ("DEAD", 10, "It answered 500.")
    assert (len(set(ids(server))), len(server.bodies)) == (1, 10)
    assert list(Attempt.objects.order_by("id").values_list("number", "status", "arrived")) == [
        (number, 500, False) for number in range(1, 11)
    ]
    server.behaviour = says({})
    now += DAY
    assert replaying.replay(Sending.objects.all(), by=company.person("Rita"), now=now) == 1
    step(now)
    row.refresh_from_db()
    assert (row.state, row.round, row.attempts) == ("SENT", 2, 1)
    assert len(set(ids(server))) == 1


def test_a_redirect_an_error_and_a_late_answer_are_tried_again(
    ana: User, server: Server, now: dt.datetime
) -> None:
    endpoint(server.url, kinds=["ASSIGNED"])
    company.lead(owner=ana, now=now)
    for behaviour in (
        refuses(301, Location="http://169.254.169.254/"),
        refuses(429, Retry_After="90"),
        provider_server.hangs_up,
        provider_server.does_and_hangs,
    ):
        server.behaviour = behaviour
        step(now)
        row = Sending.objects.get()
        assert row.state == "RETRYING"
        assert row.due_at is not None
        now = row.due_at
    server.behaviour = provider_server.floods  # ten megabytes, and 200
    step(now)
    assert Sending.objects.get().state == "SENT"
    assert len(set(ids(server))) == 1
    said = list(Attempt.objects.order_by("id").values_list("why", flat=True))
    assert said[0] == "It answered 301, a redirect; those are not followed."
    assert said[3] == "No complete answer within 0.4 seconds."


def test_who_asks_for_time_is_given_it(ana: User, server: Server, now: dt.datetime) -> None:
    endpoint(server.url, kinds=["ASSIGNED"])
    server.behaviour = refuses(503, Retry_After="3600")
    company.lead(owner=ana, now=now)
    step(now)
    assert Sending.objects.get().due_at == now + HOUR


def test_a_gone_endpoint_is_switched_off_and_the_rest_given_up(
    ana: User, server: Server, now: dt.datetime
) -> None:
    row = endpoint(server.url)
    server.behaviour = refuses(410)
    for _ in range(4):
        company.lead(owner=ana, now=now)
    step(now)
    step(now)
    row.refresh_from_db()
    assert not row.active
    assert row.history.first().history_change_reason == "It answered 410: it wants no more."
    assert set(Sending.objects.values_list("state", flat=True)) == {"DEAD"}
    assert 1 <= len(server.bodies) <= 4
    assert replaying.replay(Sending.objects.all(), by=company.person("Rita"), now=now) == 0


def test_an_endpoint_that_fails_again_and_again_rests_and_is_then_tried_once(
    ana: User, server: Server, now: dt.datetime
) -> None:
    row = endpoint(server.url, kinds=["ASSIGNED"])
    server.behaviour = refuses(500)
    for _ in range(12):
        company.lead(owner=ana, now=now)
    step(now)
    row.refresh_from_db()
    asked = len(server.bodies)
    assert retrying.TRIPS_AT <= asked <= retrying.TRIPS_AT + 1
    assert row.resting_until is not None
    step(now + dt.timedelta(seconds=1))
    assert len(server.bodies) == asked
    step(row.resting_until)
    assert len(server.bodies) == asked + 1


def test_an_endpoint_that_hangs_keeps_no_other_waiting(
    ana: User, server: Server, monkeypatch: pytest.MonkeyPatch, now: dt.datetime
) -> None:
    def waits_for_the_other(handler: provider_server.Handler) -> None:
        while len(server.bodies) < 6 and not handler.server.ending.wait(0.01):
            pass
        handler.reply(200)

    monkeypatch.setattr(requests.post, "__kwdefaults__", {"seconds": 20.0})
    with provider_server.running() as slow:
        slow.behaviour = waits_for_the_other
        endpoint(slow.url, label="Slow", kinds=["ASSIGNED"])
        endpoint(server.url, label="Quick", kinds=["ASSIGNED"])
        for _ in range(6):
            company.lead(owner=ana, now=now)
        fanning.drain(now=now)
        ran = sending.run(now=now, seconds=30.0)
    assert (ran.sent, ran.failed, len(slow.bodies)) == (12, 0, 6)


def test_no_more_than_two_requests_are_made_at_once(
    ana: User, server: Server, now: dt.datetime
) -> None:
    lock, there, most = threading.Lock(), [0], [0]

    def counts(handler: provider_server.Handler) -> None:
        with lock:
            there[0] += 1
            most[0] = max(most[0], there[0])
        handler.server.ending.wait(0.03)
        with lock:
            there[0] -= 1
        handler.reply(200)

    server.behaviour = counts
    endpoint(server.url, kinds=["ASSIGNED"])
    for _ in range(7):
        company.lead(owner=ana, now=now)
    step(now)
    assert (len(server.bodies), most[0]) == (7, taking.AT_ONCE)


def test_two_workers_together_take_no_more_than_two(
    ana: User, server: Server, now: dt.datetime
) -> None:
    endpoint(server.url, kinds=["ASSIGNED"])
    for _ in range(5):
        company.lead(owner=ana, now=now)
    fanning.drain(now=now)
    assert [len(taking.take(now, room=16)) for _ in range(3)] == [2, 0, 0]
    assert len(taking.take(now + taking.LEASE, room=16)) == 2


def test_an_answer_that_comes_after_another_attempt_changes_nothing(
    ana: User, server: Server, now: dt.datetime
) -> None:
    endpoint(server.url, kinds=["ASSIGNED"])
    company.lead(owner=ana, now=now)
    fanning.drain(now=now)
    (slow,) = taking.take(now, room=16)
    later = now + taking.LEASE
    (quick,) = taking.take(later, room=16)
    for portion in (quick, slow):
        verdict, took = requests.post(requests.of(portion, now=later))
        noting.note(portion, verdict, milliseconds=took, now=later)
    assert Sending.objects.get().state == "SENT"
    assert list(Attempt.objects.order_by("id").values_list("number", "arrived")) == [
        (2, True), (1, False),
    ]  # fmt: skip
    assert broken() == {}


def test_an_address_that_leads_inside_is_never_connected_to(
    ana: User, server: Server, settings: Any, now: dt.datetime
) -> None:
    settings.ALLOW_PRIVATE_PROVIDERS = False
    endpoint("https://127.0.0.1/", kinds=["ASSIGNED"])
    company.lead(owner=ana, now=now)
    step(now)
    row = Sending.objects.get()
    assert (row.state, row.attempts) == ("DEAD", 1)
    assert "not on the internet" in row.last_error


def test_an_event_that_is_no_more_is_given_up(ana: User, server: Server, now: dt.datetime) -> None:
    endpoint(server.url, kinds=["ASSIGNED"])
    company.lead(owner=ana, now=now)
    fanning.drain(now=now)
    Sending.objects.update(event=10**9)
    step(now)
    assert Sending.objects.get().last_error == "The event is no more: its import was undone."
    assert server.bodies == []


def test_a_test_event_tells_of_nothing(ana: User, server: Server, now: dt.datetime) -> None:
    row = endpoint(server.url)
    replaying.send_test(row, now=now)
    step(now)
    assert [body["type"] for body in bodies(server)] == ["test"]


def test_a_lost_key_is_told_and_tried_again(ana: User, server: Server, now: dt.datetime) -> None:
    row = endpoint(server.url)
    Endpoint.objects.update(url="gAAAA-not-ours")
    replaying.send_test(row, now=now)
    step(now)
    found = Sending.objects.get()
    assert found.state == "RETRYING"
    assert "cannot be decrypted" in found.last_error


def broken() -> dict[str, int]:
    found = invariants.check(now=NOON, replay=0)
    return {
        one.invariant.key: one.found.count
        for one in found
        if one.invariant.key in invariants.FURTHER and one.found.count
    }


NOON = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("key", "columns"),
    [
        ("sending.state", {"state": "SENT", "due_at": None, "sent_at": NOON}),
        ("sending.tried", {}),
        ("sending.once", {"due_at": NOON}),
    ],
)
def test_what_is_broken_is_named(
    key: str, columns: dict[str, Any], ana: User, server: Server, now: dt.datetime
) -> None:
    row = endpoint(server.url)
    sent = replaying.send_test(row, now=now)
    step(now)
    assert broken() == {}
    if key == "sending.once":
        Sending.objects.update(event=7)
    Sending.objects.create(
        endpoint=row, key="other", event=7, **{"created_at": now, "due_at": now, **columns}
    )
    assert broken() == {key: 1}
    assert set(invariants.FURTHER) >= {"sending.state", "sending.tried", "sending.once"}
    assert sent.pk
