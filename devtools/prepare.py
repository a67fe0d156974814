"""What must be in place before the web server and the worker start, each step when needed."""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from devtools import address, children, database, progress, run_state, template
from devtools.problem import Problem

Say = Callable[[str], None]
DEMO_MARK = "demo-unfinished"


def environment(project: Path, number: int) -> dict[str, str]:
    """The environment of every child. What the caller's environment sets is kept."""
    found = dict(os.environ)
    found.setdefault("LEADGOV_SECRET_KEY", secret_key(project / ".leadgov" / "secret_key"))
    found.setdefault("LEADGOV_BASE_URL", f"http://localhost:{number}")
    if not found.get("DATABASE_URL"):
        found["DATABASE_URL"] = database.url(project=project)
    found["PYTHONUNBUFFERED"] = "1"
    found[run_state.MARK] = run_state.mark(project)
    found.pop("LEADGOV_DB_POOL", None)
    return found


def secret_key(path: Path) -> str:
    """The installation's own key, made once, readable by its owner only."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(path)
    except OSError as error:
        raise Problem(f"No permission to write {path}: {error.strerror}.") from error
    key = secrets.token_urlsafe(50)
    with os.fdopen(handle, "w") as file:
        file.write(key + "\n")
    return key


def _read_key(path: Path) -> str:
    try:
        key = path.read_text().strip()
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}.") from error
    if not key:
        raise Problem(f"{path} is empty: delete it, a new one is made (log-ins then end).")
    return key


def everything(project: Path, environment: Mapping[str, str], *, say: Say) -> None:
    """Database, schema, static files and, the first time, the demo company.

    Raises Problem, in one line, at the first step that fails.
    """
    own = not os.environ.get("DATABASE_URL")
    if own:
        database.start(project=project)
        _write_env(project, environment)
    with address.connect(environment["DATABASE_URL"]):
        say("  database   " + ("its own PostgreSQL" if own else _named(environment)))
    mark = project / ".leadgov" / DEMO_MARK
    if own and mark.exists():
        _start_afresh(environment["DATABASE_URL"])
        mark.unlink()
    _schema(project, environment, own=own, say=say)
    _static(project, environment, say=say)
    _demo(project, environment, mark, say=say)


def _schema(project: Path, environment: Mapping[str, str], *, own: bool, say: Say) -> None:
    """Migrate; our own database remembers for which migrations that was done last."""
    wanted = template.fingerprint(project)
    url = environment["DATABASE_URL"]
    with address.connect(url) as connection:
        query = """
            SELECT shobj_description(oid, 'pg_database') FROM pg_database
            WHERE datname = current_database()
        """
        found = connection.execute(query).fetchone()
    if not own or found != (wanted,):
        say("  schema     bringing the tables up to date; a new database takes a minute or two…")
        _step("schema", ["migrate", "--noinput"], project, environment, say=say)
    if own:
        with address.connect(url) as connection:
            name = sql.Identifier(address.server(url).name)
            connection.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(wanted))
            )
    say("  schema     up to date")


def _named(environment: Mapping[str, str]) -> str:
    return str(address.server(environment["DATABASE_URL"]))


def _write_env(project: Path, environment: Mapping[str, str]) -> None:
    """Let `manage.py` typed by hand find the same database and key."""
    path = project / ".leadgov" / "env"
    path.touch(mode=0o600)
    path.write_text(
        "".join(f"{key}={environment[key]}\n" for key in ("DATABASE_URL", "LEADGOV_SECRET_KEY"))
    )


def _start_afresh(url: str) -> None:
    """A demo company cut off half-way is thrown away; nobody has worked with it yet."""
    name = address.server(url).name
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
        for statement in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}"):
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def _demo(project: Path, environment: Mapping[str, str], mark: Path, *, say: Say) -> None:
    if environment.get("LEADGOV_DEMO", "1") == "0" or not _nobody_yet(environment):
        return
    say("  demo       making up ninety days of a company, this first time only: some minutes…")
    began = time.monotonic()
    mark.touch()
    try:
        _step("demo", ["demo"], project, environment, say=say)
    except Problem as problem:
        raise Problem(f"{problem} `LEADGOV_DEMO=0 make run` goes without.") from problem
    mark.unlink()
    say(f"  demo       loaded in {time.monotonic() - began:.0f} s")


def _nobody_yet(environment: Mapping[str, str]) -> bool:
    with address.connect(environment["DATABASE_URL"]) as connection:
        return connection.execute("SELECT 1 FROM people_user LIMIT 1").fetchone() is None


def ask_log_ins(project: Path, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """Ask for the demo's log-ins; the answer is there by the time the web server is."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--logins"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        cwd=project, env=dict(environment), start_new_session=True,
    )  # fmt: skip


def show_log_ins(asked: subprocess.Popen[str], *, say: Say) -> None:
    """Print the demo's log-ins, where the demo company is there."""
    answer, _ = asked.communicate()
    if asked.returncode == 0 and answer.strip():
        say(answer.rstrip() + "\n")


def _static(project: Path, environment: Mapping[str, str], *, say: Say) -> None:
    """Collect the static files when one of them, or a package, has changed."""
    stamp = project / ".leadgov" / "static.stamp"
    wanted = _static_fingerprint(project)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    _step("static", ["collectstatic", "--noinput", "--clear"], project, environment)
    stamp.write_text(wanted)
    say("  pages      static files collected")


def _static_fingerprint(project: Path) -> str:
    digest = hashlib.sha256((project / "requirements.lock").read_bytes())
    for path in sorted(project.glob("static/**/*")):
        if path.is_file():
            found = path.stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _step(
    name: str,
    arguments: Sequence[str],
    project: Path,
    environment: Mapping[str, str],
    *,
    say: Say | None = None,
) -> None:
    """Run one management command, its words going to a log. Raises Problem when it fails."""
    command = [sys.executable, "manage.py", *arguments]
    log = project / ".leadgov" / "log" / f"{name}.log"
    log.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    child = children.Child(name, command, environment, log, project)
    child.start()
    handle = child.running
    told = progress.Progress(log, say, now=time.monotonic()) if say is not None else None
    try:
        while handle is not None and handle.poll() is None:
            if told is not None:
                told.look(time.monotonic())
            time.sleep(0.1)
    except BaseException:
        children.stop([child])
        raise
    if told is not None:
        told.end()
    if handle is None or handle.returncode:
        raise Problem(f"`manage.py {' '.join(arguments)}` failed: {_last_line(log)} (see {log})")


def _last_line(log: Path) -> str:
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return ""
    lines = [line for line in text.replace("\r", "\n").splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
