"""What an import says: of its rows, how far it is, and of undoing one of accounts."""

from __future__ import annotations

from collections.abc import Mapping

from core.texts import _, lazy
from lifecycle.importing import runs, undoing
from lifecycle.models import ImportRun
from web.console import words

State = ImportRun.State

VERDICTS: Mapping[str, tuple[str, str]] = {
    "CREATED": ("ok", lazy("new leads")),
    "ATTACHED": ("info", lazy("one more touchpoint of a known buyer")),
    "REVIEW": ("warn", lazy("new leads that may be somebody known")),
    "QUARANTINED": ("warn", lazy("new leads below the quality floor")),
    "PARKED": ("late", lazy("stored, in the exception queue")),
    "HELD": ("info", lazy("stored, released as reps come to work")),
    "REPLAYED": ("none", lazy("nothing happens again")),
    "REJECTED": ("late", lazy("not imported; mend and upload again")),
    "UPDATED": ("info", lazy("accounts that change")),
    "UNCHANGED": ("none", lazy("accounts that are so already")),
}
OF_ACCOUNTS = {"CREATED": lazy("new accounts")}
NO_UNDO = lazy(
    "An import of accounts is not undone at one go: the history of each account "
    "shows what it changed. Correct the file and import it again; values typed by "
    "people stay."
)


def sentence(run: ImportRun) -> str:
    """How far it is, and what was done."""
    rows = words.plural(run.total or 0, "row")
    of = _("{done} of {rows}").format(done=f"{run.done:,}", rows=rows)
    if run.state in runs.IN_WORK and run.total is None:
        reads = (
            _("It waits for the worker.") if run.beat_at is None else _("The file is being read.")
        )
        return _("{reads} Nothing is written yet.").format(reads=reads)
    fit = good(run)
    before = run.tallies.get("REPLAYED", 0)
    known = _(" {before} were imported before.").format(before=f"{before:,}") if before else ""
    waits = _("It waits for the worker.") if run.beat_at is None else ""
    if run.state == State.UPLOADED:
        return _("Its file is not kept any more, so there is nothing to map. Upload it again.")
    stopped = _("{of} were done before it stopped; they are in and stay in.").format(of=of)
    if run.dry_run or not run.done:
        stopped = _("Nothing of it was imported.")
    told = {
        State.CHECKING: _("{of} checked. {waits} Nothing is written yet.").format(
            of=of, waits=waits
        ),
        State.READY: _(
            "{rows} checked, {good} can be imported.{known} Nothing is written yet."
        ).format(rows=rows, good=f"{fit:,}", known=known),
        State.RUNNING: _(
            "{of} imported. {waits} You may leave this page; the worker goes on."
        ).format(of=of, waits=waits),
        State.DONE: _("{rows} done, {good} imported.{known}").format(
            rows=rows, good=f"{fit:,}", known=known
        ),
        State.CANCELLED: stopped,
        State.FAILED: stopped,
        State.UNDOING: _("{waits} {told} The worker goes on.").format(
            waits=waits, told=" ".join(undoing.told(run).told())
        ),
        State.UNDONE: " ".join(undoing.told(run).told()),
    }
    return " ".join(told[State(run.state)].split())


def good(run: ImportRun) -> int:
    """Rows that an import brings in, or brought in: neither refused nor there before."""
    idle = int(run.tallies.get("REJECTED", 0)) + int(run.tallies.get("REPLAYED", 0))
    return int(run.done) - idle
