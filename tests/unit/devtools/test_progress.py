"""What the person who waits for a long step is told of its log."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools.progress import PAUSE, Progress, shown

MIGRATED = "Operations to perform:\n  Applying leads.0001_initial... OK\n  Applying sla.0002_x..."


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ("", ""),
        ("  3 %  90 of 3,000 leads\n\n", "3 %  90 of 3,000 leads"),
        ("one\rtwo\r", "two"),
        (MIGRATED, "2 migrations; sla.0002_x"),
    ],
)
def test_of_a_log_the_latest_is_told(log: str, told: str) -> None:
    assert shown(log) == told


def test_where_lines_are_kept_they_come_now_and_then_and_once(tmp_path: Path) -> None:
    log, said = tmp_path / "step.log", list[str]()
    progress = Progress(log, said.append, now=0.0)
    for text, at in (("", 1), ("1 %", 1), ("1 %", 2), ("2 %", 2.5), ("3 %", 2.6), ("4 %", 4)):
        log.write_text(text)
        progress.look(at * PAUSE)
    assert [line.strip() for line in said] == ["1 %", "2 %", "4 %"]
    assert not any("\x1b" in line or "\r" in line for line in said)
