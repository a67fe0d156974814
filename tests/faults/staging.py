"""`python -m tests.faults.staging …`: prepares a house for a fault, through the product's code.

clocks COUNT FIRST LAST    leads whose clocks fall due within FIRST..LAST seconds from now
task NAME                  one task in the queue, also of a function there is not
payload TEXT               something in the queue that is no task at all
company                    the playbook in seconds, levels that act; prints two keys
"""

from __future__ import annotations

import datetime as dt
import sys

import django

django.setup()

from django_q import tasks  # noqa: E402
from django_q.models import OrmQ  # noqa: E402

from core import database  # noqa: E402
from governance import selectors  # noqa: E402
from people.models import ApiKey, Role, User  # noqa: E402
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
        company.lead(owner=owner, due_at=begun + dt.timedelta(seconds=seconds), now=database.now())


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
        tasks.async_task(words[1])
    elif words[0] == "payload":
        OrmQ.objects.create(key="leadgov", payload=words[1], lock=database.now())
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
