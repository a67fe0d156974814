"""Rows of a table of quotas: what each says, and what would become of it."""

from __future__ import annotations

import dataclasses
import datetime as dt

from core.errors import DomainError, FieldError
from core.texts import _
from leads.exchange import Rates
from lifecycle.importing.reading import Row
from people.models import User
from reports import ledger_rights, quota_acts, quotas, statements
from reports.models import QuotaEntry
from reports.models.statement import Via
from reports.quota_acts import Said
from reports.quotas import Party
from reports.stated_files import plan
from reports.stated_files.columns import Cells, Meanings
from reports.stated_files.plan import Line, Told, Verdict

KEPT = ("deals", "sqls", "external_id", "note")
"""What a quota keeps where a table has no column for it."""


class Parties:
    """Whose a quota is by name; each name is looked up once."""

    def __init__(self) -> None:
        self._known: dict[str, Party | DomainError] = {}

    def named(self, text: str) -> Party:
        """As `quotas.party_named`. Raises InvalidInput."""
        if text not in self._known:
            try:
                self._known[text] = quotas.party_named(text)
            except DomainError as refusal:
                self._known[text] = refusal
        found = self._known[text]
        if isinstance(found, DomainError):
            raise found
        return found


def told(row: Row, meanings: Meanings, parties: Parties) -> Told[Said]:
    """What a row says. One that cannot be read has `faults`, with the heading of each."""
    if row.fault:
        return Told(row.number, row.line, None, (FieldError("", row.fault),))
    cells = Cells(row.cells, meanings)
    span, amount, entry = cells.span(), cells.amount(), cells.entry()
    deals, sqls = cells.count("deals"), cells.count("sqls")
    party: Party = None
    try:
        if not cells.text("party"):
            cells.refuse("party", _("Say whose it is: a user name, a team, or Company."))
        else:
            party = parties.named(cells.text("party"))
    except DomainError as refusal:
        cells.refuse("party", refusal.message)
    faults, said = list(cells.faults), None
    if span is not None and amount is not None and not faults:
        try:
            said = quota_acts.checked(
                said_of(
                    party, span, amount=amount, deals=deals, sqls=sqls,
                    external_id=cells.text("external_id"), note=cells.text("note"),
                )
            )  # fmt: skip
        except DomainError as refusal:
            faults = refusal.errors
    named = {target: meanings.headings[place] for target, place in meanings.places.items()}
    silent = frozenset(name for name in KEPT if name not in meanings.places)
    return Told(
        row.number, row.line, said, plan.with_headings(faults, named), entry=entry, silent=silent
    )


def said_of(party: Party, span: tuple[dt.date, dt.date], **further: object) -> Said:
    """What is said of a party's quota."""
    rep = party if isinstance(party, User) else None
    team = party if party is not None and rep is None else None
    return Said(first_day=span[0], last_day=span[1], rep=rep, team=team, **further)  # type: ignore[arg-type]


class Planner:
    """Decides row by row, and minds what the rows before have said."""

    model = QuotaEntry

    def __init__(self, *, by: User) -> None:
        self.by = by
        rows = statements.heads(QuotaEntry).select_related("by", "rep__team", "team")
        self._heads = {row.number: row for row in rows.order_by("pk")}
        self._said: dict[int, Said] = {}
        """What counts, by entry; what rows of the table add, by minus the row."""
        self._of: dict[tuple[int | None, int | None], list[int]] = {}
        self._by_id: dict[str, int] = {}
        self._withdrawn: list[QuotaEntry] = []
        for number, head in self._heads.items():
            if head.withdrawn:
                self._withdrawn.append(head)
            else:
                self._index(number, quota_acts.said_by(head))
        self._rows: dict[int, int] = {}
        self._may: dict[tuple[int | None, int | None], bool] = {}

    def decide(self, row: Told[Said]) -> Line[Said]:
        """What would become of a row."""
        said = row.said
        if said is None or row.faults:
            return plan.refused(row)
        if not self._allowed(said):
            told = _("You set quotas of your own teams and reps only.")
            return plan.refused(row, FieldError("party", told))
        found = self._named(row.entry) if row.entry is not None else self._same(said)
        if isinstance(found, str):
            return plan.refused(row, FieldError("entry", found))
        if found is not None and found in self._rows:
            told = _("Row {row} of the file is of the same quota.")
            return plan.refused(row, FieldError("party", told.format(row=self._rows[found])))
        if found is not None:
            return self._again(row, found)
        return self._apart(row, said, None) or self._new(row, said)

    def write(
        self, line: Line[Said], *, via: Via, reason: str, now: dt.datetime, rates: Rates
    ) -> QuotaEntry:
        """Write down what was decided. Quotas are in the base currency: rates are not asked."""
        assert line.said is not None  # noqa: S101 - only such lines are written
        if line.verdict is Verdict.NEW:
            return quota_acts.write(line.said, by=self.by, via=via, now=now)
        head = self._heads[line.number or 0]
        return quota_acts.restate(head, line.said, reason=reason, by=self.by, via=via, now=now)

    def _new(self, row: Told[Said], said: Said) -> Line[Said]:
        for head in self._withdrawn:
            number = head.number
            kept = dataclasses.replace(said, external_id=head.external_id, note=head.note)
            if quota_acts.said_by(head) == kept:
                told = _(
                    "Quota #{number} said this and was withdrawn by {who} ({reason}). Set it on "
                    "the page if it counts after all."
                ).format(number=number, who=head.by or _("the worker"), reason=head.reason)
                return plan.refused(row, FieldError("", told))
        self._index(-row.row, said)
        self._rows[-row.row] = row.row
        return Line(row.row, row.line, Verdict.NEW, said)

    def _again(self, row: Told[Said], number: int) -> Line[Said]:
        """The same as a quota, or something else: then it restates it."""
        before = self._said[number]
        assert row.said is not None  # noqa: S101 - asked before
        kept = {name: getattr(before, name) for name in row.silent}
        for name in ("external_id", "note"):
            if not getattr(row.said, name):
                kept[name] = getattr(before, name)
        said = dataclasses.replace(row.said, **kept)
        if not self._allowed(before):
            told = _("You set quotas of your own teams and reps only.")
            return plan.refused(row, FieldError("party", told))
        if refused := self._apart(row, said, number):
            return refused
        head = self._heads[number]
        changes = differences(before, said)
        self._index(number, said)
        self._rows[number] = row.row
        verdict = Verdict.RESTATES if changes else Verdict.SAME
        return Line(row.row, row.line, verdict, said, number, head.version, changes=changes)

    def _apart(self, row: Told[Said], said: Said, but: int | None) -> Line[Said] | None:
        """The refusal where another quota of the same party has a day in common."""
        for number in self._of.get(_party(said), []):
            other = self._said[number]
            same = number != but and other.party == said.party
            if same and other.first_day <= said.last_day and other.last_day >= said.first_day:
                what = (
                    _("quota #{number}").format(number=number)
                    if number > 0
                    else _("row {row} of the file").format(row=self._rows[number])
                )
                told = _("It shares days with {what}, of {first} to {last}.").format(
                    what=what, first=other.first_day, last=other.last_day
                )
                return plan.refused(row, FieldError("first_day", told))
        return None

    def _named(self, number: int) -> int | str:
        """The quota a row names, or why it cannot be meant."""
        head = self._heads.get(number)
        if head is None:
            return _("There is no entry #{number}: leave its number empty.").format(number=number)
        if head.withdrawn:
            return _("Entry #{number} was withdrawn by {who}; it does not count.").format(
                number=number, who=head.by or _("the worker")
            )
        return number

    def _same(self, said: Said) -> int | None:
        """The quota with its id, else of the same party and days."""
        if said.external_id and said.external_id in self._by_id:
            return self._by_id[said.external_id]
        for number in self._of.get(_party(said), []):
            other = self._said[number]
            days = (other.first_day, other.last_day) == (said.first_day, said.last_day)
            told_apart = said.external_id and other.external_id
            if days and other.party == said.party and not told_apart:
                return number
        return None

    def _index(self, number: int, said: Said) -> None:
        """Remember what an entry or a row says; of one that was there before, what it says now."""
        self._said[number] = said
        of_party = self._of.setdefault(_party(said), [])
        if number not in of_party:
            of_party.append(number)
        if said.external_id:
            self._by_id[said.external_id] = number

    def _allowed(self, said: Said) -> bool:
        key = _party(said)
        if key not in self._may:
            self._may[key] = ledger_rights.sets_quota(self.by, rep=said.rep, team=said.team)
        return self._may[key]


def differences(before: Said, said: Said) -> tuple[tuple[str, str, str], ...]:
    """Which fields say something else: name, before, after."""
    found = []
    if before.party != said.party:
        found.append(("party", str(before.party or "Company"), str(said.party or "Company")))
    for one in dataclasses.fields(Said):
        old, new = getattr(before, one.name), getattr(said, one.name)
        if one.name not in ("rep", "team") and old != new:
            found.append((one.name, _text(old), _text(new)))
    return tuple(found)


def _party(said: Said) -> tuple[int | None, int | None]:
    """Whose a quota is, to be looked up by."""
    return (said.rep.pk if said.rep else None, said.team.pk if said.team else None)


def _text(value: object) -> str:
    return "" if value is None else str(value)
