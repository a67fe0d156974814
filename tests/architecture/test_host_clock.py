"""Only the database's clock decides: whatever reads the clock of its own host is named here.

Hosts disagree about the time, and none of them is asked. The monotonic clock measures how long
something takes and is free.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

import pytest

from tests.architecture import source

HOST = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "django.core.signing.TimestampSigner",
    "django.core.signing.dumps",
    "django.core.signing.loads",
    "django.utils.timezone.localdate",
    "django.utils.timezone.localtime",
    "django.utils.timezone.now",
    "time.asctime",
    "time.clock_gettime",
    "time.ctime",
    "time.gmtime",
    "time.localtime",
    "time.strftime",
    "time.time",
    "time.time_ns",
}
BY_FIELD = {"auto_now", "auto_now_add"}

ALLOWED = {
    "people/adapters.py": "how long ago somebody logged in at this host, to ask them again",
    "web/capture/hooks.py": "counts deliveries by the minute, to brake a sender",
    "web/capture/limits.py": "counts forms by ten minutes, to brake a sender",
    "web/capture/tickets.py": "how long a page was open, for the host that made it and takes it",
    "web/console/target_words.py": "“until Monday” in words, for the reader",
    "web/models/inbound_hook.py": "since when an address is there, for people to read",
    "web/templatetags/charts.py": "where a page names no instant: how far a bar is drawn",
    "web/templatetags/console.py": "where a page names no instant: “5 min ago” in words",
}
"""Files that may, and what for: nothing that is decided, counted as time or owed to anybody."""


def readings(text: str) -> Iterator[tuple[int, str]]:
    """Every place that reads a host's clock, or hands on what does, by whatever name."""
    tree = ast.parse(text)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                names[one.asname or one.name.split(".")[0]] = (
                    one.name if one.asname else one.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and _path(node, names) in HOST:
            yield node.lineno, _path(node, names)
        elif isinstance(node, ast.keyword) and node.arg in BY_FIELD:
            yield node.value.lineno, node.arg


def _path(node: ast.expr, names: Mapping[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_path(node.value, names)}.{node.attr}"
    return names.get(node.id, "") if isinstance(node, ast.Name) else ""


def test_nothing_but_words_and_brakes_reads_the_clock_of_its_host() -> None:
    found = {
        source.name(path): hits
        for path in source.python_files()
        if (hits := list(readings(path.read_text())))
    }
    assert {name: hits for name, hits in found.items() if name not in ALLOWED} == {}
    assert ALLOWED.keys() - found.keys() == set(), "these need no leave any more"


@pytest.mark.parametrize(
    "line",
    [
        "import time\nat = time.time()",
        "import time as clock\nat = clock.time_ns()",
        "from time import time\nat = time()",
        "import datetime as dt\nat = dt.datetime.now(dt.UTC)",
        "from datetime import datetime\nat = datetime.utcnow()",
        "from datetime import date as day\nat = day.today()",
        "from django.utils import timezone\nat = models.DateTimeField(default=timezone.now)",
        "from django.utils.timezone import now\nat = now()",
        "import django.utils.timezone\nat = django.utils.timezone.now()",
        "at = models.DateTimeField(auto_now_add=True)",
        "from django.core import signing\nread = signing.loads(text, max_age=60)",
    ],
)
def test_each_way_of_reading_it_is_found(line: str) -> None:
    assert list(readings(line))


@pytest.mark.parametrize(
    "line",
    [
        "import time\nuntil = time.monotonic() + 5",
        "from core import database\nat = database.now()",
        "import datetime as dt\nat = dt.datetime.fromisoformat(told)",
        "def decide(now):\n    return now",
    ],
)
def test_what_reads_no_clock_is_left_alone(line: str) -> None:
    assert not list(readings(line))
