from __future__ import annotations

from pathlib import Path

import pytest

from devtools import environment
from devtools.problem import Problem


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "WARNING: Retrying after NewConnectionError('…')\nERROR: No matching distribution",
            "No pac",
        ),
        ("ERROR: No matching distribution found for django==5.2.19", "lacks a package"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "differs"),
        ("ERROR: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: [Errno 13] Permission denied: '/x'", "No permission"),
        ("Collecting\nERROR: something new\nhint", "ERROR: something new"),
        ("", "no reason"),
    ],
)
def test_what_the_installer_says_becomes_one_line(said: str, told: str) -> None:
    line = environment.reason(said)
    assert told in line
    assert "\n" not in line


def test_another_lock_or_another_python_is_another_installation() -> None:
    marks = {
        environment.fingerprint(lock, version)
        for lock in (b"a==1", b"a==2")
        for version in ("3.11.7", "3.12.1")
    }
    assert len(marks) == 4
    assert environment.fingerprint(b"a==1", "3.11.7") in marks


def test_a_missing_lock_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"requirements\.lock cannot be read"):
        environment.make(tmp_path)
