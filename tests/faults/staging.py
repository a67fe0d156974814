"""`python -m tests.faults.staging …`: prepares a house for a fault, through the product's code.

clocks COUNT FIRST LAST    leads whose clocks fall due within FIRST..LAST seconds from now
task NAME                  one task in the queue
"""

from __future__ import annotations

import datetime as dt
import sys

import django

django.setup()

from core import database, queue  # noqa: E402
from governance import selectors  # noqa: E402
from people.models import Role, User  # noqa: E402
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


def main(words: list[str]) -> None:
    if words[0] == "clocks":
        clocks(int(words[1]), float(words[2]), float(words[3]))
    elif words[0] == "task":
        queue.enqueue(words[1])
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
