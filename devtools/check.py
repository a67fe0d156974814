"""What must hold before a change goes in: `python -m devtools.check [step …]`.

One list of steps. Every step is run, also after one has failed; the last line tells the outcome.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devtools import database, template
from devtools.database import PROJECT
from devtools.problem import Problem

PYTEST_NOTHING_COLLECTED = 5
LINT_IMPORTS = "from importlinter import cli; cli.lint_imports_command(['--no-logo'])"


@dataclass(frozen=True, slots=True)
class Step:
    """One check. `shown` ones print as they go, the others only when they fail."""

    name: str
    module: Sequence[str]
    shown: bool = False
    usual: bool = True
    may_be_empty: bool = False


STEPS = (
    Step("format", ["ruff", "format", "--check", "--quiet", "."]),
    Step("lint", ["ruff", "check", "--quiet", "."]),
    Step("layers", ["-c", LINT_IMPORTS]),
    Step("types", ["mypy"]),
    Step("migrations", ["manage.py", "makemigrations", "--check", "--dry-run"]),
    Step("deployment", ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]),
    Step("tests", ["pytest", "-n", "2", "--dist", "worksteal", "-q"], shown=True),
    Step(
        "faults",
        ["pytest", "tests", "-m", "faults", "-q", "--timeout", "3600"],
        shown=True,
        usual=False,
        may_be_empty=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step went."""

    name: str
    passed: bool
    seconds: float


def chosen(names: Sequence[str]) -> list[Step]:
    """The steps of those names, in the order of the list; the usual ones when none is named.

    Raises Problem for a name that is no step.
    """
    unknown = sorted(set(names) - {step.name for step in STEPS})
    if unknown:
        known = ", ".join(step.name for step in STEPS)
        raise Problem(f"No step is called {', '.join(unknown)}; there are: {known}.")
    return [step for step in STEPS if (step.name in names if names else step.usual)]


def command(step: Step) -> list[str]:
    """The command line of a step, under the Python we run under."""
    if step.module[0] in {"-c", "manage.py"}:
        return [sys.executable, *step.module]
    return [sys.executable, "-m", *step.module]


def environment(database_url: str) -> dict[str, str]:
    """The environment of the steps: a production server behind TLS, on the tests' database."""
    return {
        **os.environ,
        "DATABASE_URL": database_url,
        "LEADGOV_SECRET_KEY": secrets.token_urlsafe(50),
        "LEADGOV_TLS": "1",
        "LEADGOV_ALLOWED_HOSTS": "leads.example.com",
        "PYTHONUNBUFFERED": "1",
    }


def run(step: Step, variables: Mapping[str, str]) -> Outcome:
    """Run one step and print how it went."""
    if step.shown:
        print(f"{step.name}:", flush=True)
        # The tests choose their own settings; a DATABASE_URL of the caller is theirs as well.
        variables = os.environ
    began = time.monotonic()
    done = subprocess.run(
        command(step), cwd=PROJECT, env=dict(variables), check=False, text=True,
        stdout=None if step.shown else subprocess.PIPE,
        stderr=None if step.shown else subprocess.STDOUT,
    )  # fmt: skip
    seconds = time.monotonic() - began
    empty = step.may_be_empty and done.returncode == PYTEST_NOTHING_COLLECTED
    passed = done.returncode == 0 or empty
    if not passed and not step.shown:
        print(done.stdout.rstrip())
    print(f"{step.name:12} {'ok' if passed else 'FAILED':6} {seconds:6.1f} s", flush=True)
    return Outcome(step.name, passed, seconds)


def summary(outcomes: Sequence[Outcome]) -> str:
    """The last line: what failed, or that all is well, and how long it took."""
    seconds = sum(outcome.seconds for outcome in outcomes)
    failed = [outcome.name for outcome in outcomes if not outcome.passed]
    if failed:
        return f"FAILED after {seconds:.0f} s: {', '.join(failed)}"
    return f"All well after {seconds:.0f} s: {', '.join(outcome.name for outcome in outcomes)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen steps; 0 when all passed."""
    parser = argparse.ArgumentParser(prog="python -m devtools.check", description=__doc__)
    parser.add_argument("steps", nargs="*", help=", ".join(step.name for step in STEPS))
    given = parser.parse_args(arguments)
    try:
        steps = chosen(given.steps)
        url = os.environ.get("DATABASE_URL") or database.start(test=True)
        if any(step.shown for step in steps) and "DATABASE_URL" not in os.environ:
            _migrate_meanwhile()
        variables = environment(url)
        outcomes = [run(step, variables) for step in steps]
    except Problem as problem:
        print(f"LeadGov: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(summary(outcomes))
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def _migrate_meanwhile() -> None:
    """The tests' databases are copies of one that takes half a minute to make: begin it now."""
    wanted = (database.the_cluster(test=True), PROJECT)
    threading.Thread(target=template.provide, args=wanted).start()


if __name__ == "__main__":
    sys.exit(main())
