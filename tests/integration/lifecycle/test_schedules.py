"""Schedules are what the table says: each resolves, and nothing made by hand stays."""

from __future__ import annotations

import datetime as dt
import inspect

import pytest
from django.contrib import admin
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.models import Schedule as Row

from core import database, queue
from lifecycle import schedules

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("schedule", schedules.SCHEDULES, ids=lambda schedule: schedule.name)
def test_every_schedule_calls_something_that_needs_no_arguments(schedule: queue.Schedule) -> None:
    function = import_string(schedule.function)
    assert all(
        parameter.default is not parameter.empty
        for parameter in inspect.signature(function).parameters.values()
    )
    assert schedule.purpose


def stored() -> dict[str | None, tuple[str, int | None]]:
    return {row.name: (row.func, row.minutes) for row in Row.objects.all()}


WANTED = {one.name: (one.function, one.every_minutes) for one in schedules.SCHEDULES}


def test_the_first_start_writes_the_table_and_the_next_changes_nothing() -> None:
    assert schedules.sync() == [f"added {one.name}" for one in schedules.SCHEDULES]
    assert schedules.sync() == []
    assert stored() == WANTED


def test_what_was_made_by_hand_is_removed() -> None:
    schedules.sync()
    Row.objects.create(name="mine", func="os.getcwd", schedule_type=Row.ONCE)
    Row.objects.create(name=None, func="os.getcwd", schedule_type=Row.ONCE)
    Row.objects.create(name="sweep", func="os.getcwd", schedule_type=Row.ONCE)
    assert len(schedules.sync()) == 3
    assert stored() == WANTED


@pytest.mark.parametrize(
    "tampered",
    [
        {"func": "os.getcwd"},
        {"args": "('/tmp/x',)"},
        {"kwargs": "now=1"},
        {"hook": "os.getcwd"},
        {"repeats": 0},
        {"minutes": 9_999},
        {"schedule_type": Row.YEARLY},
        {"cluster": "elsewhere"},
        {"intended_date_kwarg": "when"},
    ],
    ids=lambda tampered: next(iter(tampered)),
)
def test_what_was_changed_by_hand_is_put_right(tampered: dict[str, object]) -> None:
    schedules.sync()
    before = Row.objects.get(name="sweep")
    Row.objects.filter(name="sweep").update(**tampered)
    assert len(schedules.sync()) == 1
    after = Row.objects.get(name="sweep")
    for field in Row._meta.concrete_fields:
        assert getattr(after, field.name) == getattr(before, field.name)


def test_a_schedule_put_off_by_hand_runs_at_its_next_turn() -> None:
    schedules.sync()
    far = database.now() + dt.timedelta(days=400)
    Row.objects.filter(name="sweep").update(next_run=far)
    schedules.sync()
    assert Row.objects.get(name="sweep").next_run <= database.now() + dt.timedelta(minutes=1)


def test_only_what_resolves_can_be_enqueued() -> None:
    with pytest.raises(ImportError):
        queue.enqueue("lifecycle.jobs.no_such_job")
    assert not OrmQ.objects.exists()


def test_nobody_can_edit_the_queue_by_hand() -> None:
    import_string("leadgov.urls.urlpatterns")
    registered = [model._meta.label for model in admin.site._registry]
    assert "lifecycle.Notice" in registered
    assert not [label for label in registered if label.startswith("django_q.")]
