"""Make `.venv` from requirements.lock: `python3 -m devtools.environment`, what `make setup` runs.

It runs before anything is installed, under the machine's own Python: standard library only. Done
again only when the lock or the Python has changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from devtools import port
from devtools.problem import Problem

PROJECT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
STAMP = ".leadgov-installed"

# What pip says, and what the reader should do about it; the first that fits is told.
REASONS: Mapping[str, str] = {
    "DO NOT MATCH THE HASHES": (
        "A package differs from the one in requirements.lock: the index or a proxy serves other "
        "files. Nothing of it was installed."
    ),
    "No space left on device": "The disk is full.",
    "Permission denied": "No permission to write in .venv: it belongs to another user.",
    "NewConnectionError": "No package index answers: check the network or pip's configuration.",
    "Failed to establish a new connection": (
        "No package index answers: check the network or pip's configuration."
    ),
    "ConnectTimeoutError": "No package index answers: check the network or pip's configuration.",
    "Temporary failure in name resolution": (
        "No package index answers: check the network or pip's configuration."
    ),
    "No matching distribution found": (
        "The package index lacks a package of requirements.lock: check pip's configuration."
    ),
}


def fingerprint(lock: bytes, version: str) -> str:
    """What the installed set depends on: the lock and the Python."""
    return hashlib.sha256(lock + version.encode()).hexdigest()


def reason(said: str) -> str:
    """Turn what pip said into one line that tells what to do."""
    for sign, meaning in REASONS.items():
        if sign in said:
            return meaning
    errors = [line for line in said.splitlines() if line.startswith("ERROR")]
    lines = errors or [line for line in said.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "pip gave no reason."


def make(project: Path, *, python: str = sys.executable) -> bool:
    """Bring `.venv` in line with the lock; True when there was something to do.

    Raises Problem when it cannot be done.
    """
    venv = project / ".venv"
    stamp = venv / STAMP
    lock = project / "requirements.lock"
    try:
        wanted = fingerprint(lock.read_bytes(), platform.python_version())
    except OSError as error:
        raise Problem(f"{lock} cannot be read: {error.strerror}.") from error
    healthy = _healthy(venv)
    if healthy and stamp.is_file() and stamp.read_text().strip() == wanted:
        return False
    if not os.access(venv if venv.exists() else project, os.W_OK):
        raise Problem(f"No permission to write in {venv if venv.exists() else project}.")
    stamp.unlink(missing_ok=True)
    if not healthy:
        _make_venv(venv, python)
    _install(venv, lock)
    stamp.write_text(wanted + "\n")
    return True


def _healthy(venv: Path) -> bool:
    """True when the virtualenv's Python runs, is the same as ours, and has pip."""
    code = "import pip, platform; print(platform.python_version())"
    try:
        said = subprocess.run(
            [str(venv / "bin" / "python"), "-c", code],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except OSError:
        return False
    return said.returncode == 0 and said.stdout.strip() == platform.python_version()


def _make_venv(venv: Path, python: str) -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise Problem(
            "This Python cannot make virtualenvs: on Debian or Ubuntu, "
            "`apt-get install python3-venv`, then again."
        )
    made = subprocess.run(
        [python, "-m", "venv", "--clear", str(venv)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise Problem(f"The virtualenv could not be made: {reason(made.stderr or made.stdout)}")


def _install(venv: Path, lock: Path) -> None:
    command = [
        str(venv / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "--no-deps",
        "--disable-pip-version-check", "--no-input", "--retries", "2", "--timeout", "20",
        "--quiet", "-r", str(lock),
    ]  # fmt: skip
    environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise Problem(reason(done.stdout))


def main(arguments: Sequence[str]) -> int:
    """Set up, saying little; 0 when all is in place. `--run`: look at PORT before slow work."""
    if sys.version_info < OLDEST:
        print(f"LeadGov needs Python 3.11 or newer; this is {platform.python_version()}.")
        return 1
    began = time.monotonic()
    try:
        if not (PROJECT / ".venv" / STAMP).exists():
            if "--run" in arguments:
                port.require_free(port.parse(os.environ.get("PORT")))
            print("Installing the locked packages into .venv (a minute or two)…", flush=True)
        if make(PROJECT):
            print(f"Installed in {time.monotonic() - began:.0f} s.", flush=True)
    except Problem as problem:
        print(f"LeadGov: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
