"""What a draft would have done: the run that found it out, and its report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from core import errors
from core.texts import _, lazy
from governance import selectors, signing
from governance.kit import checksum
from governance.models import KitStatus, KitVersion, Simulation
from governance.texts import document_of
from lifecycle.simulation import replay, runs, wording
from people.models import User
from web.console import kit_links, simulation_tables, words
from web.console.lead_list import Option
from web.console.simulation_tables import Table

WHAT_IT_DOES = lazy(
    "Replay the leads of the last days under this version and under the one in "
    "force. Nothing is changed by it."
)
DAYS = (7, 14, 30, 60, 90)
TONES = {
    Simulation.State.WAITING: "info",
    Simulation.State.RUNNING: "info",
    Simulation.State.DONE: "ok",
    Simulation.State.FAILED: "late",
}


@dataclass(frozen=True, slots=True)
class Run:
    """The newest run of a version, and what may be done about it."""

    word: str
    tone: str
    sentence: str
    done: int
    total: int
    is_open: bool
    start: str
    cancel: str
    days: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that stands out."""

    name: str
    value: str
    line: str


@dataclass(frozen=True, slots=True)
class Report:
    """A finished run in words and numbers; `stale` says why it no longer speaks of the draft."""

    stale: str
    lead: str
    figures: tuple[Figure, ...]
    sentences: tuple[str, ...]
    caveats: tuple[str, ...]
    tables: tuple[Table, ...]
    empty: bool


@dataclass(frozen=True, slots=True)
class SimulationPage:
    """The page of one version; `run` and `report` may be of different runs."""

    number: int
    title: str
    url: str
    version_url: str
    run: Run
    report: Report | None
    shown: Simulation | None


def require_sight(reader: User, number: int, *, now: datetime) -> KitVersion:
    """The version, for those who see drafts. Raises `NotFound` for everybody else."""
    if not kit_links.sees_drafts(reader, now=now):
        raise errors.NotFound(_("There is no such simulation, or none you may see."))
    return kit_links.version(number, reader=reader, now=now)


def shown_run(version: KitVersion) -> Simulation | None:
    """The last run with a report, whatever text it was of."""
    done = Simulation.objects.filter(kit=version, state=Simulation.State.DONE)
    return done.order_by("-finished_at", "-pk").first()


def build(version: KitVersion, *, reader: User, now: datetime, zone: tzinfo) -> SimulationPage:
    """The newest run, and the newest report there is."""
    newest = (
        Simulation.objects.filter(kit=version)
        .select_related("requested_by")
        .order_by("-requested_at", "-pk")
        .first()
    )
    shown = shown_run(version)
    return SimulationPage(
        number=version.number,
        title=version.title,
        url=kit_links.url("kit-simulation", version.number),
        version_url=kit_links.url("kit-version", version.number),
        run=_run(version, newest, reader=reader, now=now, zone=zone),
        report=_report(version, shown, now=now, zone=zone) if shown else None,
        shown=shown,
    )


def _run(
    version: KitVersion, newest: Simulation | None, *, reader: User, now: datetime, zone: tzinfo
) -> Run:
    is_open = newest is not None and newest.state in runs.UNFINISHED
    works = signing.works_on_kits(reader)
    may_start = works and version.status in runs.OPEN and selectors.active_version() is not None
    chosen = newest.days if newest else runs.USUAL_DAYS
    return Run(
        word=newest.get_state_display() if newest else _("Not simulated"),
        tone=TONES[Simulation.State(newest.state)] if newest else "warn",
        sentence=_sentence(version, newest, now=now, zone=zone),
        done=newest.done if newest else 0,
        total=newest.total if newest else 0,
        is_open=is_open,
        start=kit_links.url("kit-simulation-start", version.number) if may_start else "",
        cancel=kit_links.url("kit-simulation-cancel", version.number) if works and is_open else "",
        days=tuple(
            Option(str(one), words.plural(one, "day"), one == chosen)
            for one in sorted({*DAYS, chosen})
        ),
    )


def _sentence(version: KitVersion, run: Simulation | None, *, now: datetime, zone: tzinfo) -> str:
    if run is None:
        still_open = version.status in runs.OPEN
        return WHAT_IT_DOES if still_open else _("It was never simulated.")
    asked = words.moment(run.requested_at, now=now, zone=zone)
    by = _(" by {requested_by}").format(requested_by=run.requested_by) if run.requested_by else ""
    took = run.finished_at - run.started_at if run.finished_at and run.started_at else None
    return {
        Simulation.State.WAITING: _(
            "Asked for{by} at {asked}. The worker takes it up in a moment."
        ).format(by=by, asked=asked),
        Simulation.State.RUNNING: _progress(run),
        Simulation.State.FAILED: _("The run of {asked} ended without a report. {error}").format(
            asked=asked, error=run.error
        ),
        Simulation.State.DONE: _("Asked for{by} at {asked}, done in {took}.").format(
            by=by, asked=asked, took=words.span(took)
        ),
    }[Simulation.State(run.state)]


def _progress(run: Simulation) -> str:
    if not run.total:
        return _("Looking for the leads of that time.")
    if run.done >= run.total:
        judged = _("All") if run.total > 1 else _("The")
        all_of = (
            _("{total} leads are").format(total=f"{run.total:,}") if run.total > 1 else _("lead is")
        )
        return _("{judged} {all_of} judged. Giving owners and comparing.").format(
            judged=judged, all_of=all_of
        )
    return _("{done} of {plural} judged under both versions.").format(
        done=f"{run.done:,}", plural=words.plural(run.total, "lead")
    )


def _report(version: KitVersion, run: Simulation, *, now: datetime, zone: tzinfo) -> Report:
    summary = replay.report_of(run.summary)
    until = run.until.astimezone(zone)
    to = f"{until:%H:%M on} {until.day} {until:%b %Y}"
    lead = _("Leads touched in the {plural} to {to}.").format(
        plural=words.plural(run.days, "day"), to=to
    )
    if not summary or not summary["leads"]:
        text = (
            wording.replayed(summary)
            if summary
            else _("An earlier release kept this report in another form. Run it again.")
        )
        caveats = (*wording.not_replayed(summary), *wording.blind(summary)) if summary else ()
        stale = _stale(version, run)
        return Report(stale, lead, (), (text,), caveats, (), empty=True)
    return Report(
        stale=_stale(version, run),
        lead=lead,
        figures=tuple(_figures(summary)),
        sentences=(
            wording.replayed(summary),
            wording.mqls(summary),
            wording.owners(summary),
            wording.waiting(summary),
            *filter(None, [wording.levels(summary)]),
            wording.clocks(summary),
            wording.bands(summary),
        ),
        caveats=(
            wording.fidelity(summary),
            *wording.not_replayed(summary),
            *wording.unplayed(summary),
            *wording.blind(summary),
        ),
        tables=tuple(simulation_tables.of(summary)),
        empty=False,
    )


def _stale(version: KitVersion, run: Simulation) -> str:
    """Why the report does not speak of the version as it stands; empty when it does."""
    if version.status not in (*runs.OPEN, KitStatus.WITHDRAWN):
        return ""
    if run.checksum != checksum(document_of(version)):
        return _("The draft was edited since; this report is of an earlier text. Run it again.")
    active = selectors.active_version()
    if active is not None and run.base_checksum != active.checksum:
        return _(
            "v{number} became active since; this report compares with an earlier "
            "version. Run it again."
        ).format(number=active.number)
    return ""


def _figures(summary: Mapping[str, Any]) -> Iterator[Figure]:
    mqls, kinds, clocks = summary["mqls"], summary["kinds"], wording.totals(summary)
    yield Figure(
        _("MQLs"),
        f"{mqls['before']:,} → {mqls['after']:,}",
        _("{mqls} gained, {mqls2} lost").format(
            mqls=f"{mqls['gained']:,}", mqls2=f"{mqls['lost']:,}"
        ),
    )
    yield Figure(
        _("Other pool"),
        f"{kinds.get('POOL', 0):,}",
        _("{kinds} more to another rep by turn").format(kinds=f"{kinds.get('OWNER', 0):,}"),
    )
    yield Figure(
        _("Deadlines moved"),
        f"{clocks['moved']:,}",
        _("{clocks} of them earlier").format(clocks=f"{clocks['earlier']:,}"),
    )
    yield Figure(
        _("Breaches"),
        f"{clocks['caused'] - clocks['avoided']:+,}"
        if clocks["caused"] or clocks["avoided"]
        else "0",
        _("{clocks} caused, {clocks2} avoided").format(
            clocks=f"{clocks['caused']:,}", clocks2=f"{clocks['avoided']:,}"
        ),
    )
    waits = summary["routing"]
    yield Figure(
        _("Found nobody"),
        f"{waits['before']['waiting']:,} → {waits['after']['waiting']:,}",
        _("fit no rule: {waits} → {waits2}").format(
            waits=f"{waits['before']['unrouted']:,}", waits2=f"{waits['after']['unrouted']:,}"
        ),
    )
