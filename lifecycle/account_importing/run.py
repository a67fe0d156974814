"""A table of accounts into the books, in batches; parents once all of them are in.

Pass one makes and changes accounts and sets each row's fate aside on disk; pass two gives them
their parents, which may stand further down in the file, and reports. Nothing is held but a batch.
"""

from __future__ import annotations

import csv
import dataclasses
import itertools
import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

from django.db import transaction

from core import database, errors, spreadsheets
from governance import selectors as kits
from leads import cleansing, industries, references
from leads.ledger import Ledger
from leads.references import Kind
from lifecycle import account_families, account_upserts, companies
from lifecycle.account_importing.headings import Meanings
from lifecycle.account_importing.translating import Known, Told, translate
from lifecycle.account_upserts import Done, Outcome
from lifecycle.importing.reading import Table
from people.models import User

BATCH = 500
HEADINGS = ("row", "line", "verdict", "account", "external id", "changed", "remarks")
ACTOR = "import_accounts"
FIRST = 10
T = TypeVar("T")


class Unwritable(errors.DomainError):
    """The report cannot be written where it should."""

    code = "unwritable_report"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one row; `parent` is what it says stands above it."""

    row: int
    line: int
    verdict: str
    account: int | None
    external_id: str
    changed: tuple[str, ...]
    remarks: tuple[str, ...]
    parent: str = ""


@dataclass(slots=True)
class Tally:
    """How many rows met which fate, and the first of those that need a look."""

    total: int
    counts: Counter[str] = field(default_factory=Counter)
    remarked: int = 0
    first: list[Fate] = field(default_factory=list)

    def add(self, fate: Fate) -> None:
        """Count one row."""
        self.counts[fate.verdict] += 1
        self.remarked += bool(fate.remarks)
        if fate.verdict == Outcome.REJECTED and len(self.first) < FIRST:
            self.first.append(fate)


def known() -> Known:
    """Active users by what exports call them, and the industries the kit speaks of.

    Raises NoActiveKit.
    """
    found: dict[str, set[int]] = defaultdict(set)
    for user in User.objects.filter(is_active=True):
        for word in {user.email, user.username, user.get_full_name()} - {""}:
            found[" ".join(word.casefold().split())].add(user.pk)
    users = {word: next(iter(ids)) for word, ids in found.items() if len(ids) == 1}
    with transaction.atomic():
        kit = kits.active_kit()
    return Known(users, industries.looked_for(kit.document))


def run(
    table: Table,
    meanings: Meanings,
    *,
    report: Path | None = None,
    dry_run: bool = False,
    progress: Callable[[int], object] = lambda rows: None,
    batch: int = BATCH,
) -> Tally:
    """Take a whole table; `progress` is told how many more rows are done after each batch.

    A dry run does the same work in one transaction that is then rolled back. Raises NoActiveKit
    without a kit, Unwritable when the report cannot be written.
    """
    tally = Tally(table.rows)
    with (
        _sheet(report) as write,
        tempfile.TemporaryFile("w+", encoding="utf-8") as aside,
        transaction.atomic() if dry_run else nullcontext(),
    ):
        context = known()
        for rows in _chunks(table, batch):
            _set_aside([translate(row, meanings, context) for row in rows], meanings, aside)
            progress(len(rows))
        aside.seek(0)
        for fates in _chunks(map(_read, aside), batch):
            for fate in _with_parents(fates, meanings):
                tally.add(fate)
                write(fate)
        if dry_run:
            transaction.set_rollback(True)
    return tally


def _set_aside(told: Sequence[Told], meanings: Meanings, aside: IO[str]) -> None:
    legible = [one for one in told if not one.faults]
    done = iter(_upsert(legible, meanings))
    for one in told:
        became = Done(Outcome.REJECTED, remarks=list(one.faults)) if one.faults else next(done)
        remarks = [*one.remarks, *became.remarks]
        fate = Fate(
            one.row,
            one.line,
            became.outcome.value,
            became.account,
            one.external_id,
            tuple(became.fields),
            tuple(f"{each.field}: {each.message}".removeprefix(": ") for each in remarks),
            one.parent,
        )
        aside.write(json.dumps(dataclasses.asdict(fate)) + "\n")


def _upsert(told: Sequence[Told], meanings: Meanings) -> list[Done]:
    said = [one.said for one in told]
    source = f"import:{meanings.system}"
    return account_upserts.upsert(
        said, source=source, actor=ACTOR, reason=f"Import from {meanings.system}"
    )


def _read(line: str) -> Fate:
    told = json.loads(line)
    return Fate(**{**told, "changed": tuple(told["changed"]), "remarks": tuple(told["remarks"])})


@transaction.atomic
def _with_parents(fates: Sequence[Fate], meanings: Meanings) -> Iterable[Fate]:
    """These rows, their accounts now under their parents."""
    asking = [one for one in fates if one.parent and one.account is not None]
    if not asking:
        return fates
    parents = _parents({one.parent for one in asking}, meanings)
    wanted = {
        one.account: parents[one.parent]
        for one in asking
        if one.account is not None and parents.get(one.parent, one.account) != one.account
    }
    ledger = Ledger(
        kit=kits.active_kit(),
        now=database.now(),
        actor=ACTOR,
        reason=f"Import from {meanings.system}",
    )
    rows = account_families.lock(wanted.keys(), set(wanted.values()))
    before = {pk: rows[pk].parent_id for pk in wanted}
    refused = account_families.set_parents(wanted, rows, ledger=ledger)
    ledger.flush()
    moved = {pk for pk in wanted if rows[pk].parent_id != before[pk]}
    return [_told(one, parents, moved, refused) for one in fates]


def _told(fate: Fate, parents: dict[str, int], moved: set[int], refused: dict[int, str]) -> Fate:
    if not fate.parent or fate.account is None:
        return fate
    remarks, changed, verdict = fate.remarks, fate.changed, fate.verdict
    if fate.parent not in parents:
        text = f"parent: “{fate.parent}” is no account, or several; it has none from this file."
        remarks = (*remarks, text)
    elif fate.account in refused:
        remarks = (*remarks, f"parent: {refused[fate.account]}")
    elif fate.account in moved:
        changed = (*changed, "parent")
        verdict = Outcome.UPDATED.value if verdict == Outcome.UNCHANGED else verdict
    return dataclasses.replace(fate, remarks=remarks, changed=changed, verdict=verdict)


def _parents(words: set[str], meanings: Meanings) -> dict[str, int]:
    """Accounts by what the export calls a parent: its id there, its domain, or its name."""
    referred = {word: references.read(meanings.system, word) for word in words if len(word) <= 200}
    known = references.find(Kind.ACCOUNT, referred.values())
    found = {word: known[one.key] for word, one in referred.items() if one.key in known}
    rest = words - found.keys()
    domains = {word: cleansing.company_domain(domain=word).domain for word in rest}
    keys = {word: cleansing.company_name_key(word) for word in rest}
    directory = companies.look_up({one for one in domains.values() if one}, set(keys.values()))
    for word in rest:
        domain, key = domains[word], keys[word]
        by_domain = directory.domains.get(domain or "") or directory.domain_aliases.get(
            domain or ""
        )
        named = list(directory.names.get(key, {}).values()) or [
            one for one in [directory.name_aliases.get(key)] if one is not None
        ]
        if by_domain is not None:
            found[word] = by_domain.account
        elif len(named) == 1:
            found[word] = named[0].account
    return found


def _chunks(some: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(some)
    while chunk := list(itertools.islice(rest, size)):
        yield chunk


@contextmanager
def _sheet(path: Path | None) -> Iterator[Callable[[Fate], None]]:
    if path is None:
        yield lambda fate: None
        return
    try:
        stream = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise Unwritable(f"The report cannot be written to {path}: {error.strerror}.") from None
    with stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        yield lambda fate: writer.writerow(_line(fate))


def _line(fate: Fate) -> list[Any]:
    account = str(fate.account or "")
    told = (fate.external_id, " ".join(fate.changed), " ".join(fate.remarks))
    return [fate.row, fate.line, fate.verdict, account, *map(spreadsheets.safe, told)]
