"""The uploaded file itself, in pieces in the database: web and worker may be different machines.

It is kept for some days, for the result file and for going on; then only the rows' fates stay.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from core import errors
from lifecycle.models import ImportChunk, ImportRun

CHUNK = 1024 * 1024
LONGEST_NAME = 120
State = ImportRun.State


class TooLarge(errors.DomainError):
    """The file is larger than may be uploaded."""

    code = "too_large"
    status = 413


@dataclass(frozen=True, slots=True)
class Landed:
    """An upload as a file of ours, for as long as the folder is there."""

    path: Path
    size: int
    digest: str


def plain_name(name: str) -> str:
    """A file name without folders and signs that a file system or a page could mistake."""
    last = name.replace("\\", "/").rpartition("/")[2]
    safe = "".join(sign if sign.isalnum() or sign in " ._-()" else "_" for sign in last)
    return safe.strip(". ")[-LONGEST_NAME:] or "table"


@contextmanager
def landed(content: Iterable[bytes], *, name: str) -> Iterator[Landed]:
    """Write an upload to disk, piece by piece. Raises TooLarge as soon as it is."""
    most: int = settings.IMPORT_MAX_BYTES
    digest = hashlib.sha256()
    size = 0
    with tempfile.TemporaryDirectory(prefix="leadgov-import-") as folder:
        path = Path(folder) / plain_name(name)
        with path.open("wb") as out:
            for piece in content:
                size += len(piece)
                if size > most:
                    raise too_large()
                digest.update(piece)
                out.write(piece)
        yield Landed(path, size, digest.hexdigest())


def too_large() -> TooLarge:
    """The refusal, with what to do."""
    most = settings.IMPORT_MAX_BYTES / 1_048_576
    return TooLarge(
        f"The file is larger than {most:,.0f} MB. Split it, or have it imported by "
        "“manage.py import_leads”, which takes any size."
    )


def store(run: ImportRun, path: Path) -> None:
    """Keep the file with the run, in the transaction the run is made in."""
    with path.open("rb") as stream:
        for place, piece in enumerate(iter(lambda: stream.read(CHUNK), b"")):
            ImportChunk.objects.create(run=run, place=place, content=piece)


@contextmanager
def fetched(run: ImportRun) -> Iterator[Path]:
    """The file on this machine's disk, for as long as one works on it. Raises NotFound."""
    if run.file_until is None:
        raise errors.NotFound(
            f"The file {run.name} is not kept any more. Upload it again; rows that are in are "
            "recognised."
        )
    with tempfile.TemporaryDirectory(prefix="leadgov-import-") as folder:
        path = Path(folder) / plain_name(run.name)
        with path.open("wb") as out:
            pieces = run.chunks.order_by("place").values_list("content", flat=True)
            for piece in pieces.iterator(chunk_size=1):
                out.write(piece)
        yield path


@transaction.atomic
def forget(*, now: dt.datetime) -> int:
    """Delete files whose time is over, but for those in work; returns of how many runs."""
    over = ImportRun.objects.filter(file_until__lte=now).exclude(
        state__in=[State.CHECKING, State.RUNNING]
    )
    ids = list(over.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
    ImportChunk.objects.filter(run__in=ids).delete()
    ImportRun.objects.filter(pk__in=ids, state__in=[State.UPLOADED, State.READY]).update(
        state=State.CANCELLED, finished_at=now, error="It was never imported; its file is deleted."
    )
    return ImportRun.objects.filter(pk__in=ids).update(file_until=None)
