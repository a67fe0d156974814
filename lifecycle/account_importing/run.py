"""A table of accounts into the books, in batches; parents once all of them are in.

Pass one makes and changes accounts and sets each row's fate aside on disk; pass two gives them
their parents, which may stand further down in the file; the last one reports, also to rows that
later ones contradict. Nothing is held but a batch, and which rows spoke of which account.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, TypeVar

from django.db import transaction

from governance import selectors as kits
from leads import industries
from lifecycle import account_upserts
from lifecycle.account_importing import fates
from lifecycle.account_importing.families import Families
from lifecycle.account_importing.fates import Fate
from lifecycle.account_importing.headings import Meanings
from lifecycle.account_importing.translating import Known, Told, translate
from lifecycle.account_upserts import Done, Outcome
from lifecycle.first_word import FirstWord
from lifecycle.importing import upserted
from lifecycle.importing.tables import Table
from lifecycle.importing.upserted import Tally
from people import holders
from people.models import User

BATCH = 500
ACTOR = "import_accounts"
T = TypeVar("T")


class Watch(Protocol):
    """Who follows a run."""

    def taken(self, fates: Sequence[Fate]) -> bool:
        """A batch is in, but for its parents; whether to go on with the next."""

    def settled(self, fates: Sequence[Fate]) -> None:
        """What finally became of a batch; of a dry run, once it is rolled back."""


@dataclass(frozen=True, slots=True)
class Unwatched:
    """Tells how many rows are in, nothing else."""

    progress: Callable[[int], object]

    def taken(self, fates: Sequence[Fate]) -> bool:
        """Go on."""
        self.progress(len(fates))
        return True

    def settled(self, fates: Sequence[Fate]) -> None:
        """Nothing to do."""


UNWATCHED = Unwatched(lambda rows: None)


def known() -> Known:
    """Users by what exports call them, and the industries the kit speaks of.

    Raises NoActiveKit.
    """
    found: dict[str, set[int]] = defaultdict(set)
    left: set[str] = set()
    for user in User.objects.all():
        for word in {user.email, user.username, user.get_full_name()} - {""}:
            plain = " ".join(word.casefold().split())
            if holders.works_leads(user):
                found[plain].add(user.pk)
            else:
                left.add(plain)
    users = {word: next(iter(ids)) for word, ids in found.items() if len(ids) == 1}
    with transaction.atomic():
        kit = kits.active_kit()
    return Known(users, industries.looked_for(kit.document), left=frozenset(left - found.keys()))


def run(
    table: Table,
    meanings: Meanings,
    *,
    by_id: int | None = None,
    report: Path | None = None,
    dry_run: bool = False,
    watch: Watch = UNWATCHED,
    batch: int = BATCH,
) -> Tally:
    """Take a whole table, batch by batch, until `watch` has enough.

    A dry run does the same work in one transaction that is then rolled back. Raises NoActiveKit
    without a kit, Unwritable when the report cannot be written.
    """
    tally = Tally(table.rows)
    first = FirstWord()
    columns = {name: table.headings[found[0]] for name, found in meanings.places.items()}
    families = Families(meanings.system, ACTOR, by_id, first)
    with upserted.report(report, "account") as write, _spool() as taken, _spool() as settled:
        with transaction.atomic() if dry_run else nullcontext():
            context = known()
            for rows in _chunks(table, batch):
                told = [translate(row, meanings, context) for row in rows]
                some = list(_take(told, meanings, first, by_id))
                fates.put(some, taken)
                if not watch.taken([fates.in_words(one, columns) for one in some]):
                    break
            for some in _chunks(fates.taken(taken), batch):
                fates.put(families.settle(some), settled)
            if dry_run:
                transaction.set_rollback(True)
        for some in _chunks(fates.taken(settled), batch):
            last = [fates.in_words(_warned(fate, first), columns) for fate in some]
            watch.settled(last)
            for fate in last:
                tally.add(fate)
                write(fate)
    return tally


def _warned(fate: Fate, first: FirstWord) -> Fate:
    later = first.told_first(fate.row)
    return fate.remarking("", later) if later else fate


def _take(
    told: Sequence[Told], meanings: Meanings, first: FirstWord, by_id: int | None
) -> Iterator[Fate]:
    """Make and change the accounts of a batch of rows."""
    said = [one.said for one in told if not one.faults]
    done = iter(
        account_upserts.upsert(
            said,
            source=f"import:{meanings.system}",
            actor=ACTOR,
            by_id=by_id,
            reason=f"Import from {meanings.system}",
            first=first,
        )
    )
    for one in told:
        became = Done(Outcome.REJECTED, remarks=list(one.faults)) if one.faults else next(done)
        remarks = [*one.remarks, *became.remarks]
        yield Fate(
            one.row,
            one.line,
            became.outcome.value,
            became.account,
            one.external_id,
            tuple(became.fields),
            fates.told(remarks),
            one.parent,
        )


def _spool() -> IO[str]:
    return tempfile.TemporaryFile("w+", encoding="utf-8")


def _chunks(some: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(some)
    while chunk := list(itertools.islice(rest, size)):
        yield chunk
