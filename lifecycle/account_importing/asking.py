"""What people ask of an uploaded table of accounts: check it by a mapping. See `importing.runs`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from core import errors
from lifecycle.account_importing import headings
from lifecycle.importing import files, runs, tables
from lifecycle.models import ImportRun
from people.models import User


def check(
    run_id: int,
    *,
    document: Mapping[str, Any],
    by: User,
    sheet: str = "",
    encoding: str = "",
    now: dt.datetime | None = None,
) -> ImportRun:
    """Ask the worker for a dry run by this mapping, which names system, columns, words of status.

    Raises BadMapping or InvalidInput for what cannot be used, TooLate in the wrong state.
    """
    run = runs.one(run_id, by)
    if not runs.of_accounts(run):
        raise errors.InvalidInput("This file was uploaded as one of leads, not of accounts.")
    runs.require_encoding(encoding)
    with files.fetched(run) as path:
        seen = tables.peek(path, sheet=sheet or run.sheet, encoding=encoding)
    headings.bind(seen.headings, mapping=document)
    return runs.ask(run_id, document, seen, by=by, encoding=encoding, now=now)
