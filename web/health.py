"""Signs of life for load balancers and people on call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from core import database, phrases
from core.errors import FieldError
from governance import selectors
from lifecycle import heartbeats, queues
from lifecycle.signalling import standing
from sla import due
from web import problems

LATE = dt.timedelta(seconds=60)
"""So far the clocks may be behind."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: `fault` is empty when all is well."""

    check: str
    fault: str = ""
    note: str = "ok"


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "alive"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether leads can be taken in and worked: 200, or 503 naming each part that is not."""
    try:
        findings = examine()
    except Error:
        findings = [Finding("database", "The database does not answer.")]
    faults = [
        FieldError(found.check, found.fault, "not_ready") for found in findings if found.fault
    ]
    if faults:
        return problems.response(
            503,
            code="not_ready",
            detail=" ".join(fault.message for fault in faults),
            errors=faults,
            headers={"Retry-After": str(problems.RETRY_SECONDS)},
        )
    return JsonResponse(
        {"status": "ready", "checks": {found.check: found.note for found in findings}}
    )


def examine() -> list[Finding]:
    """Every check in order; later ones are left out where earlier ones make them senseless."""
    now = database.now()
    findings = [Finding("database")]
    if not _migrated():
        return [
            *findings,
            Finding("migrations", "Migrations are missing: run `manage.py migrate`."),
        ]
    version = selectors.active_version()
    kit = (
        Finding("kit", note=f"version {version.number}")
        if version
        else Finding("kit", "No kit is active: run `manage.py kit init --by USER`.")
    )
    signs = heartbeats.status(now)
    worker = (
        Finding("worker")
        if signs.worker_ok
        else Finding("worker", "The worker gives no sign of life: start `manage.py worker`.")
    )
    queue = Finding("queue", note="ok" if signs.queue_ok else "silent; the worker restarts it")
    return [*findings, Finding("migrations"), kit, worker, queue, _intake(now), _clocks(now)]


def _intake(now: dt.datetime) -> Finding:
    """What came in and was not decided in time; it is safe, so it is only told."""
    touches, signals = queues.overdue(now), standing.overdue(now)
    late = [phrases.plural(touches, "touchpoint waits", "touchpoints wait")] if touches else []
    late += [phrases.plural(signals, "signal waits", "signals wait")] if signals else []
    return Finding("intake", note=f"{', '.join(late)} too long" if late else "ok")


def _clocks(now: dt.datetime) -> Finding:
    """Whether what is due of clocks is done in time.

    Those that a sweep failed on wait for people: they are told, but no other server would do
    better, so leads are taken in all the same.
    """
    behind, left = due.first().behind, due.parked(now)
    told = phrases.span(behind)
    if behind <= LATE:
        notes = [f"{told} behind"] if behind else []
        if left.clocks:
            notes.append(f"{phrases.plural(left.clocks, 'clock')} parked")
            notes.append(f"{left.overdue:,} past the deadline without a breach")
        return Finding("clocks", note=", ".join(notes) or "ok")
    return Finding("clocks", f"Clocks are {told} behind: see that `manage.py worker` keeps up.")


class _Migrations:
    """Asked until all are applied; a running release never loses them again."""

    applied = False


def _migrated() -> bool:
    if not _Migrations.applied:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        _Migrations.applied = not plan
    return _Migrations.applied
