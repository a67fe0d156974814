"""/healthz and /readyz: what a load balancer and a person on call are told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from core import database
from lifecycle import heartbeats
from lifecycle.models import Heartbeat
from sla.models import Clock
from tests import small_company
from tests.callers import Company


@pytest.fixture
def working(company: Company) -> Company:
    """A worker that has just beaten."""
    heartbeats.beat(Heartbeat.Part.SUPERVISOR, worker="one", now=database.now())
    return company


def test_the_process_is_alive_without_any_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


def test_ready_tells_each_part(working: Company, client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    checks = answer.json()["checks"]
    assert (checks["database"], checks["migrations"], checks["worker"]) == ("ok", "ok", "ok")
    assert checks["kit"] == "version 1"


def _failing(client: Client) -> set[str]:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer["Retry-After"]
    return {fault["field"] for fault in answer.json()["errors"]}


@pytest.mark.parametrize(("age", "ready"), [(0, True), (20, True), (61, False), (3600, False)])
def test_a_worker_silent_for_a_minute_is_down(
    company: Company, client: Client, age: int, ready: bool
) -> None:
    at = database.now() - dt.timedelta(seconds=age)
    heartbeats.beat(Heartbeat.Part.SUPERVISOR, worker="one", now=at)
    if ready:
        assert client.get("/readyz").status_code == 200
    else:
        assert _failing(client) == {"worker"}


@pytest.mark.parametrize(("behind", "ready"), [(-9, True), (50, True), (70, False)])
def test_clocks_that_are_a_minute_behind_make_it_unready(
    working: Company, client: Client, behind: int, ready: bool
) -> None:
    now = database.now()
    due_at = now - dt.timedelta(seconds=behind)
    lead = small_company.lead(now=now, due_at=due_at)
    Clock.objects.filter(lead=lead).update(warn_at=due_at)
    if ready:
        told = client.get("/readyz").json()["checks"]["clocks"]
        assert told.endswith("ok" if behind < 0 else " s behind")
    else:
        assert _failing(client) == {"clocks"}


def test_a_missing_migration_is_told(
    working: Company, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.health._Migrations.applied", False)
    monkeypatch.setattr(
        "django.db.migrations.executor.MigrationExecutor.migration_plan",
        lambda *args, **options: ["leads.9999"],
    )
    assert _failing(client) == {"migrations"}


def test_a_database_that_is_away_is_told_not_raised(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Any:
        raise OperationalError("connection refused")

    monkeypatch.setattr("core.database.now", away)
    assert _failing(client) == {"database"}
