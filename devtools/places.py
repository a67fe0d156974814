"""Where the embedded database lives: a decision over permissions, without touching the disk.

PostgreSQL refuses to run as root, so root runs it as another user. That user must be able to reach
the data and the programs. Permissions of folders outside the project are never changed: where the
project lies behind a closed door (a home folder is 0700), another folder is chosen and told.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

# sun_path holds 108 bytes with its closing zero; PostgreSQL names its socket .s.PGSQL.<port>.
SOCKET_PATH_LIMIT = 107
SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True, slots=True)
class Account:
    """The operating-system user the database runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What decides about access to one file or folder."""

    mode: int
    uid: int
    gid: int


# The permission table: an entry for each path that exists, None for the others.
Probe = Callable[[Path], Entry | None]


def probe(path: Path) -> Entry | None:
    """Read one row of the permission table from the disk."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Entry(mode=found.st_mode, uid=found.st_uid, gid=found.st_gid)


def allows(entry: Entry, account: Account, right: int) -> bool:
    """True when the mode bits give the account all of `right` (4 read, 2 write, 1 enter)."""
    if account.uid == 0:
        return True
    if entry.uid == account.uid:
        bits = entry.mode >> 6
    elif entry.gid == account.gid:
        bits = entry.mode >> 3
    else:
        bits = entry.mode
    return bits & right == right


def closed_door(path: Path, account: Account, *, probe: Probe) -> Path | None:
    """The outermost existing folder on the way to `path` that the account may not enter."""
    for folder in reversed(path.parents):
        entry = probe(folder)
        if entry is not None and not allows(entry, account, stat.S_IXOTH):
            return folder
    return None


def reachable(candidates: Sequence[Path], account: Account, *, probe: Probe) -> Path | None:
    """The first candidate whose parents the account may all enter."""
    for path in candidates:
        if closed_door(path, account, probe=probe) is None:
            return path
    return None


def runnable(program: Path, account: Account, *, probe: Probe) -> bool:
    """True when the account may reach, read and run the program."""
    entry = probe(program)
    if entry is None or not allows(entry, account, stat.S_IROTH | stat.S_IXOTH):
        return False
    return closed_door(program, account, probe=probe) is None


def short_name(project: Path) -> str:
    """A short name that is the same for the same project folder and differs between two."""
    return "leadgov-" + hashlib.sha256(bytes(project)).hexdigest()[:8]


def socket_fits(folder: Path) -> bool:
    """True when the system can take the path of a socket in this folder, and clients can name it.

    A client reads a comma in a host as the start of another host.
    """
    return len(bytes(folder / SOCKET_NAME)) <= SOCKET_PATH_LIMIT and "," not in str(folder)


def socket_folder(candidates: Sequence[Path]) -> Path | None:
    """The first folder in which a socket's path is short enough."""
    return next((folder for folder in candidates if socket_fits(folder)), None)
