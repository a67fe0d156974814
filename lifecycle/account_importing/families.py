"""Accounts under their parents, once all of a file are in: a parent may stand further down."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from core import database
from governance import selectors as kits
from leads import cleansing, references
from leads.ledger import Ledger
from leads.overwriting import Source
from leads.references import Kind
from lifecycle import account_families, account_upserts, companies
from lifecycle.account_importing.fates import Fate
from lifecycle.account_upserts import Outcome
from lifecycle.first_word import FirstWord

PARENT = "parent"


@dataclass(slots=True)
class Families:
    """The second pass: batches of fates, in the order of the file."""

    system: str
    actor: str
    by_id: int | None
    first: FirstWord
    _said: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Of accounts of several rows: the row that named a parent first, and that parent."""

    @transaction.atomic
    def settle(self, fates: Sequence[Fate]) -> list[Fate]:
        """These rows, their accounts now under their parents."""
        asking = [one for one in fates if one.parent and one.came_to is not None]
        if not asking:
            return list(fates)
        kit = kits.active_kit()
        parents = _named({one.parent for one in asking}, self.system)
        judged = {one.row: self._judge(one, parents) for one in asking}
        followed = {
            one.came_to: one
            for one in reversed(asking)
            if one.came_to is not None and not judged[one.row]
        }
        wanted = {pk: parents[one.parent] for pk, one in sorted(followed.items(), key=_place)}
        reason = f"Import from {self.system}"
        ledger = Ledger(
            kit=kit, now=database.now(), actor=self.actor, by_id=self.by_id, reason=reason
        )
        rows = account_families.lock(wanted.keys(), set(wanted.values()))
        refused = account_families.set_parents(
            wanted,
            rows,
            source=Source(f"import:{self.system}", account_upserts.CONFIDENCE, ledger.now),
            ledger=ledger,
        )
        moved = {one.row for pk, one in followed.items() if ledger.has_changed(rows[pk])}
        ledger.flush()
        return [_told(one, judged.get(one.row), moved, refused) for one in fates]

    def _judge(self, fate: Fate, parents: dict[str, int]) -> str:
        """What is wrong with what a row says of its parent; empty if it can be followed."""
        parent, account = parents.get(fate.parent), fate.came_to
        if parent is None:
            return f"“{fate.parent}” is no account, or several; it has none from this row."
        if account is None or parent == account:
            return f"“{fate.parent}” is this account itself; none stands above itself."
        if not self.first.is_shared(account):
            return ""
        row, before = self._said.setdefault(account, (fate.row, parent))
        return "" if before == parent else self.first.contradict(row, fate.row, PARENT)


def _place(followed: tuple[int, Fate]) -> int:
    return followed[1].row


def _told(fate: Fate, judged: str | None, moved: set[int], refused: dict[int, str]) -> Fate:
    if judged is None or fate.came_to is None:
        return fate
    if text := judged or refused.get(fate.came_to, ""):
        return fate.remarking(PARENT, text)
    if fate.row not in moved:
        return fate
    unchanged = fate.verdict == Outcome.UNCHANGED
    verdict = Outcome.UPDATED.value if unchanged else fate.verdict
    return dataclasses.replace(fate, changed=(*fate.changed, PARENT), verdict=verdict)


def _named(words: set[str], system: str) -> dict[str, int]:
    """Accounts by what the export calls a parent: its id there, its domain, or its name."""
    referred = {word: references.read(system, word) for word in words if len(word) <= 200}
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
