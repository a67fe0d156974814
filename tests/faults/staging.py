"""`python -m tests.faults.staging …`: prepares a house for a fault, through the product's code.

clocks COUNT FIRST LAST    leads whose clocks fall due within FIRST..LAST seconds from now
ended                      what is due first and what is due last is done this instant
session NAME               log somebody in; prints what their cookie says
task NAME NUMBERS          one task in the queue, also of a function there is not
payload TEXT               something in the queue that is no task at all
company                    the playbook in seconds, levels that act; prints two keys
"""

from __future__ import annotations

import datetime as dt
import sys

import django

django.setup()

from django.contrib import auth  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import transaction  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django_q import tasks  # noqa: E402
from django_q.models import OrmQ  # noqa: E402

from core import database  # noqa: E402
from governance import selectors  # noqa: E402
from leads import services  # noqa: E402
from people.models import ApiKey, Role, User  # noqa: E402
from sla.models import Clock  # noqa: E402
from tests import acting_levels, factories  # noqa: E402
from tests import small_company as company  # noqa: E402


def _owner() -> User:
    if selectors.active_version() is None:
        company.publish_kit(now=database.now())
        boss = company.person("Bo", role=Role.MANAGER)
        company.person("Ana", team=company.team("East", manager=boss))
    return User.objects.get(username="ana")


def clocks(count: int, first: float, last: float) -> None:
    owner = _owner()
    begun = database.now()
    for number in range(count):
        seconds = first + (last - first) * number / max(1, count - 1)
        due_at, name = begun + dt.timedelta(seconds=seconds), f"Acme of {first:.0f}"
        company.lead(owner=owner, due_at=due_at, now=database.now(), company=name)


def ended() -> None:
    """Somebody did at last, and this instant, what was due first, and what is due last."""
    running = list(Clock.objects.filter(state="RUNNING").order_by("due_at"))
    for clock in (running[0], running[-1]):
        with transaction.atomic():
            services.lock(clock.lead_id)
            clock.refresh_from_db()  # a sweep may have been by
            company.stop_clock(clock, now=database.now())


def session(name: str) -> None:
    store = SessionStore()
    person = User.objects.get(username=name)
    request = HttpRequest()
    request.session = store
    auth.login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    store.save()
    sys.stdout.write(f"{store.session_key}\n")


def found() -> None:
    """Reps round the clock, clocks of a minute, a level that gives leads anew; keys for clients."""
    document = acting_levels.text(first="anew", anew={**acting_levels.ANEW, "after_minutes": 1})
    for entry in document["parts"]["clock_policy"]:
        entry |= {"minutes": 1, "calendar": "always"}
    here = factories.company(now=database.now(), text=document)
    service = User.objects.create(username="door", email="door@example.com", role=Role.SERVICE)
    for name, scope, user in (("capture", "CAPTURE", service), ("write", "WRITE", here.manager)):
        _, key = ApiKey.objects.create(user=user, name=name, scope=scope, expiry=None)
        sys.stdout.write(f"{key}\n")


def main(words: list[str]) -> None:
    if words[0] == "clocks":
        clocks(int(words[1]), float(words[2]), float(words[3]))
    elif words[0] == "company":
        found()
    elif words[0] == "task":
        tasks.async_task(words[1], *map(int, words[2:]))
    elif words[0] == "ended":
        ended()
    elif words[0] == "session":
        session(words[1])
    elif words[0] == "payload":
        OrmQ.objects.create(key="leadgov", payload=words[1], lock=database.now())
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
