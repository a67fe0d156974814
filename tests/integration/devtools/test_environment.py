from __future__ import annotations

from pathlib import Path

import pytest

from devtools import environment


@pytest.mark.faults
def test_an_installation_is_kept_until_the_lock_changes(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("# nothing to install\n")
    assert environment.make(tmp_path)
    assert not environment.make(tmp_path)
    lock.write_text("# still nothing, but changed\n")
    assert environment.make(tmp_path)


@pytest.mark.faults
def test_a_broken_virtualenv_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text("# nothing to install\n")
    assert environment.make(tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(tmp_path / "no-such-python")
    assert environment.make(tmp_path)
    assert python.resolve().exists()
