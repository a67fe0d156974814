"""Single touches through a real web server."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import queue
import random
import secrets
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command

from bench import _company, _crowd, _place
from bench._place import Spent
from core import database
from devtools import launch, port
from leads.models import Lead, Touch
from people.models import ApiKey, Role, User

PATH = "/api/v1/capture/"
ATTEMPTS = 50
"""Clients at once, where a thousand posts of one buyer arrive together."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    clients: Sequence[int]
    posts: int
    rounds: int
    existing: int
    same: int


@dataclass(frozen=True, slots=True)
class Server:
    """A running web server, and the key to its door."""

    number: int
    process: int
    key: str

    def processes(self) -> list[int]:
        """The server's master and its workers."""
        children = Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()
        return [self.process, *map(int, children)]


@dataclass(frozen=True, slots=True)
class Result:
    """How long each post took, and what all of them cost."""

    seconds: list[float]
    statuses: Counter[int]
    routed: int
    spent: Spent

    @property
    def cpu_ms(self) -> float:
        """CPU a post, the server's and the database's."""
        return self.spent.cpu * 1000 / len(self.seconds)


def measure(plan: Plan, *, keep: str, verify: bool) -> None:
    """Print a line for each number of clients."""
    with _place.database(keep):
        print(_place.facts())
        boss = User.objects.filter(username="rita").first() or _company.found(
            now=database.now() - 2 * _crowd.PAST
        )
        _crowd.grow(plan.existing, boss=boss)
        with _served(_key()) as server:
            _warm(server)
            print(
                f"\n{'clients':>8} {'what':<22} {'a second':>9} {'p50':>7} {'p95':>7} {'p99':>7} "
                f"{'ms of CPU':>10} {'server':>7} {'database':>9} {'routed':>7}"
            )
            for number in list(plan.clients) * plan.rounds:
                _tell(number, "refused (422)", _posted(server, number, plan.posts, _refused))
                _tell(number, "captured and routed", _posted(server, number, plan.posts, _new))
            _one_buyer(server, plan.same)
        if verify:
            call_command("verify")


def _key() -> str:
    name = f"bench-{secrets.token_hex(4)}"
    user = User.objects.create(username=name, email=f"{name}@bench.test", role=Role.SERVICE)
    _, key = ApiKey.objects.create(user=user, name=name, scope="CAPTURE", expiry=None)
    return str(key)


@contextlib.contextmanager
def _served(key: str) -> Iterator[Server]:
    """A web server as `make run` starts it, on this database."""
    with socket.socket() as trial:
        trial.bind((port.HOST, 0))
        number = trial.getsockname()[1]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "leadgov.settings",
        "DATABASE_URL": _place.url(),
        "LEADGOV_SECRET_KEY": secrets.token_hex(32),
        "LEADGOV_LOG_LEVEL": "ERROR",
        "GUNICORN_CMD_ARGS": "--log-level error",
        "PYTHONWARNINGS": "ignore",
    }
    running = subprocess.Popen(
        launch.web_command(number), env=launch.web_environment(environment), cwd=_place.PROJECT
    )
    try:
        while not port.serves(number):
            if running.poll() is not None:
                raise AssertionError("the web server did not start")
            time.sleep(0.1)
        yield Server(number, running.pid, key)
    finally:
        running.terminate()
        running.wait(timeout=30)


def _warm(server: Server) -> None:
    """Every thread of every process has its connection, its kit and its plans."""
    result = _posted(server, 8, 80, _new)
    if set(result.statuses) != {201}:
        raise AssertionError(f"the web server answers {dict(result.statuses)}")


def _new(chance: random.Random) -> dict[str, Any]:
    return _company.touch(chance, chance.randrange(10**7), asks=1.0, place="web-")


def _refused(chance: random.Random) -> dict[str, Any]:
    return {**_new(chance), "channel": "PIGEON"}


def _posted(
    server: Server, clients: int, posts: int, body: Callable[[random.Random], dict[str, Any]]
) -> Result:
    work: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    chance = random.Random()
    for _ in range(posts):
        work.put(json.dumps(body(chance)).encode())
    answers: list[tuple[float, int, bool]] = []
    threads = [
        threading.Thread(target=_client, args=(server, work, answers)) for _ in range(clients)
    ]
    began = _place.spent(_place.backends(), processes=server.processes())
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = _place.spent(_place.backends(), processes=server.processes()) - began
    return Result(
        sorted(seconds for seconds, _, _ in answers),
        Counter(status for _, status, _ in answers),
        sum(routed for _, _, routed in answers),
        spent,
    )


def _client(
    server: Server, work: queue.SimpleQueue[bytes], answers: list[tuple[float, int, bool]]
) -> None:
    headers = {"Authorization": f"Api-Key {server.key}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(port.HOST, server.number, timeout=60)
    with contextlib.closing(connection), contextlib.suppress(queue.Empty):
        while True:
            body = work.get_nowait()
            began = time.perf_counter()
            key = secrets.token_hex(12)
            connection.request("POST", PATH, body, {**headers, "Idempotency-Key": key})
            response = connection.getresponse()
            text = response.read()
            took = time.perf_counter() - began
            owner = json.loads(text).get("owner") if response.status == 201 else None
            answers.append((took, response.status, owner is not None))


def _one_buyer(server: Server, posts: int) -> None:
    """The same buyer from everywhere at once: one lead, and every post is answered well."""
    body = _company.touch(random.Random(), 10**8 + secrets.randbelow(10**8), place="same-")
    leads, touches = Lead.objects.count(), Touch.objects.count()
    result = _posted(server, ATTEMPTS, posts, lambda _: body)
    _tell(ATTEMPTS, "one buyer, all at once", result)
    print(
        f"{'':>8} {Touch.objects.count() - touches:,} touches, "
        f"{Lead.objects.count() - leads} lead, answers {dict(result.statuses)}"
    )


def _tell(clients: int, what: str, result: Result) -> None:
    posts = len(result.seconds)

    def at(share: float) -> float:
        return result.seconds[min(posts - 1, int(posts * share))] * 1000

    print(
        f"{clients:>8} {what:<22} {posts / result.spent.wall:>9.1f} {at(0.5):>7.1f} "
        f"{at(0.95):>7.1f} {at(0.99):>7.1f} {result.cpu_ms:>10.1f} "
        f"{result.spent.ours / posts * 1000:>7.1f} {result.spent.database / posts * 1000:>9.1f} "
        f"{result.routed / posts:>7.0%}",
        flush=True,
    )
