"""No task ends the queue, is started for ever, or is lost."""

from __future__ import annotations

import base64
import datetime as dt
import pickle
from typing import Any

import pytest
from django.core import signing
from django.utils import timezone
from django_q import scheduler
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule, Task
from django_q.signing import PickleSerializer, SignedPackage

from core import database, queue
from lifecycle import jobs, operations, queue_broker, schedules
from lifecycle.models import QueuedTask
from lifecycle.queue_broker import MOST_STARTS, Broker
from people.models import Role
from tests import factories, small_company
from tests.factories import DAY, MINUTE

pytestmark = pytest.mark.django_db

WORK = "lifecycle.jobs.tidy"


def due_again() -> None:
    """The queue believes that whoever took them has died."""
    OrmQ.objects.update(lock=database.now() - DAY)


def delivered() -> list[str]:
    """The functions of the tasks that are handed out now."""
    due_again()
    taken = Broker().dequeue() or []
    return [SignedPackage.loads(payload)["func"] for _, payload in taken]


def test_a_task_that_is_over_leaves_nothing() -> None:
    queue.enqueue(WORK)
    assert delivered() == [WORK]
    begun = QueuedTask.objects.get()
    assert (begun.function, begun.arguments, begun.starts) == (WORK, [], 1)
    Broker().acknowledge(begun.number)
    assert not OrmQ.objects.exists()
    assert not QueuedTask.objects.exists()


def test_a_task_that_ends_its_process_is_started_five_times_and_then_set_aside() -> None:
    queue.enqueue("os.abort")
    assert [delivered() for _ in range(8)] == [["os.abort"]] * MOST_STARTS + [[]] * 3
    aside = QueuedTask.objects.get()
    assert aside.set_aside_at is not None
    assert "5 starts" in aside.why
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("off", [-DAY, 10 * MINUTE, DAY])
class TestOnAHostWhoseClockIsWrong:
    @pytest.fixture(autouse=True)
    def wrong(self, off: dt.timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
        right = timezone.now
        monkeypatch.setattr(timezone, "now", lambda: right() + off)
        monkeypatch.setattr(Conf, "POLL", 0)
        monkeypatch.setattr(scheduler, "close_old_django_connections", lambda: None)  # the test's

    def test_a_task_is_handed_out_at_once_and_once(self) -> None:
        queue.enqueue(WORK)
        assert Broker().queue_size() == 1
        assert len(Broker().dequeue() or []) == 1
        assert Broker().dequeue() is None
        assert (Broker().queue_size(), Broker().lock_size()) == (0, 1)
        left_for = OrmQ.objects.get().lock - database.now()
        assert dt.timedelta() < left_for <= Conf.RETRY * dt.timedelta(seconds=1)

    def test_what_recurs_comes_when_it_is_due(self) -> None:
        schedules.sync()
        Schedule.objects.exclude(name="sweep").delete()
        for _ in range(2):  # the second time nothing is due
            scheduler.scheduler(broker=Broker())
        assert OrmQ.objects.count() == 1
        to_go = Schedule.objects.get().next_run - database.now()
        assert dt.timedelta() < to_go <= MINUTE


def forged(content: bytes) -> str:
    """A payload with the right signature around anything."""
    text = base64.urlsafe_b64encode(content).strip(b"=").decode()
    return signing.TimestampSigner(key=Conf.SECRET_KEY, salt=Conf.PREFIX).sign(text)


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (lambda: forged(b"cno_such_module\nGone\n."), "cannot be read"),
        (lambda: forged(b"not a pickle"), "cannot be read"),
        (lambda: forged(pickle.dumps(["no", "task"])), "cannot be read"),
        (lambda: "nonsense", "another key"),
        (lambda: signing.dumps({"func": WORK}, key="x" * 50, salt=Conf.PREFIX,
                               serializer=PickleSerializer), "another key"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_set_aside_and_the_next_goes_on(payload: Any, word: str) -> None:
    OrmQ.objects.create(key=Conf.CLUSTER_NAME, payload=payload(), lock=database.now())
    assert delivered() == []
    aside = QueuedTask.objects.get()
    assert aside.set_aside_at is not None
    assert word in aside.why
    queue.enqueue(WORK)
    assert delivered() == [WORK]


def test_with_its_old_key_as_a_fallback_no_task_is_lost_by_a_new_key(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.enqueue(WORK)
    monkeypatch.setattr(Conf, "SECRET_KEY", "new" * 20)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    assert delivered() == [WORK]


def test_without_it_they_wait_for_it(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    queue.enqueue(WORK)
    monkeypatch.setattr(Conf, "SECRET_KEY", "new" * 20)
    assert delivered() == []
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    assert queue_broker.again(QueuedTask.objects.get().pk)
    assert delivered() == [WORK]


def test_who_operates_tries_a_task_again_or_discards_it() -> None:
    rita = small_company.person("Rita", role=Role.REVOPS)
    queue.enqueue("os.abort")
    while delivered():
        continue
    aside = QueuedTask.objects.get()
    operations.try_task(aside.pk, by=rita)
    assert delivered() == ["os.abort"]
    while delivered():
        continue
    operations.discard_task(QueuedTask.objects.get().pk, by=rita)
    assert not QueuedTask.objects.exists()
    assert not OrmQ.objects.exists()


def test_a_start_that_nothing_came_of_is_forgotten_and_what_is_set_aside_is_not() -> None:
    then = database.now() - 3 * DAY
    QueuedTask.objects.create(number=1, first_at=then, last_at=then)
    queue_broker.set_aside(2, "payload", "a reason")
    QueuedTask.objects.update(last_at=then)
    jobs.tidy()
    assert [row.number for row in QueuedTask.objects.all()] == [2]


def test_a_failed_task_is_put_into_the_queue_anew() -> None:
    rita = small_company.person("Rita", role=Role.REVOPS)
    now = database.now()
    Task.objects.create(
        id="a" * 32, name="one", func=WORK, args=(), success=False, result="It broke : Traceback",
        started=now, stopped=now,
    )  # fmt: skip
    operations.try_failure("a" * 32, by=rita)
    assert delivered() == [WORK]
    assert not Task.objects.exists()


def test_the_figures_of_the_queue() -> None:
    now = database.now()
    assert queue.depth(now) == queue.Depth(0, None, 0)
    queue.enqueue(WORK)
    queue.enqueue(WORK)
    late = now + factories.HOUR
    depth = queue.depth(late)
    assert (depth.waiting, depth.in_work) == (2, 0)
    assert depth.oldest is not None
    Broker().dequeue()
    assert queue.depth(now + factories.MINUTE).in_work == 1
