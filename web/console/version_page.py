"""One version of the kit: where it stands, what it changes, what stands against it, who signed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlencode

from core.texts import _, lazy
from governance import authorship, change_values, signing
from governance.authorship import Place
from governance.findings import Finding
from governance.models import KitStatus, KitVersion, Signature, Simulation
from lifecycle.simulation import wording
from people.models import User
from web.console import (
    draft_clocks_page,
    kit_changes,
    kit_links,
    kit_people,
    kit_side,
    route_page,
    version_acts,
    version_case,
    version_steps,
    version_story,
    words,
)
from web.console.kit_changes import Group
from web.console.version_acts import Act
from web.console.version_case import Case
from web.console.version_steps import Step
from web.console.version_story import Entry

EDITED = lazy("void: the text was edited since")
REBASED = lazy("void: given on another base")


@dataclass(frozen=True, slots=True)
class Found:
    """One finding; `url` is where it is mended."""

    where: str
    text: str
    fix: str
    url: str


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature; `void` says why it does not count."""

    name: str
    line: str
    void: str


@dataclass(frozen=True, slots=True)
class Run:
    """The last simulation in a sentence; `start` is where another is asked for."""

    sentence: str
    tone: str
    word: str
    url: str
    start: str
    is_next: bool = False


@dataclass(frozen=True, slots=True)
class VersionPage:
    """The page. For readers of words only, what is for writers and signers is empty."""

    number: int
    title: str
    notes: str
    review_note: str
    setback: str
    emergency_reason: str
    expires_at: datetime | None
    state: str
    tone: str
    sentence: str
    steps: tuple[Step, ...]
    groups: tuple[Group, ...]
    changed: str
    compare: str
    errors: tuple[Found, ...]
    warnings: tuple[Found, ...]
    checked: bool
    run: Run | None
    signed: tuple[Signed, ...]
    waits: tuple[str, ...]
    story: tuple[Entry, ...]
    acts: tuple[Act, ...]
    parts: str
    text: str
    shadow: str
    clocks: str
    routes: str
    edit_next: bool


def build(version: KitVersion, *, reader: User, now: datetime, zone: tzinfo) -> VersionPage:
    """One version before one reader. The number of queries is fixed."""
    case = version_case.build(version, reader=reader, now=now)
    told = case.read.changes
    edits = authorship.last_edits(version, case.read.document, kit_changes.places(told))
    subjects = {(one.part, one.key): one.subject for one in told}
    waits: tuple[str, ...] = ()
    if case.asks_for_signatures:
        waits = kit_people.awaited(case.read.consent, kit_people.signers(now=now))
    base, inside = version.base, case.looks_in
    return VersionPage(
        number=version.number,
        title=version.title,
        notes=version.notes,
        review_note=version.review_note,
        setback=version.setback if case.is_open else "",
        emergency_reason=version.emergency_reason,
        expires_at=version.expires_at if case.is_emergency else None,
        state=version.get_status_display(),
        tone=kit_side.TONES[KitStatus(version.status)],
        sentence=version_steps.sentence(case, waits, zone=zone),
        steps=version_steps.track(case),
        groups=kit_changes.groups(told, edits, now=now, zone=zone, editor=_editor(case)),
        changed=_changed(case),
        compare=kit_links.url("kit-compare", base.number, version.number) if base else "",
        errors=_found(case, case.errors) if inside else (),
        warnings=_found(case, case.warnings) if inside else (),
        checked=inside and case.is_open,
        run=_run(case, zone) if inside and case.needs_simulation else None,
        signed=tuple(_signatures(case, zone)),
        waits=waits,
        story=version_story.entries(case, edits, subjects, zone=zone) if inside else (),
        acts=version_acts.offer(case) if inside else (),
        parts=kit_links.url("kit-parts", version.number) if inside else "",
        text=kit_links.url("kit-text", version.number),
        shadow=_shadow(case),
        clocks=draft_clocks_page.link(version, reader),
        routes=route_page.link(version=version) if inside and case.is_open else "",
        edit_next=_edit_next(case),
    )


def _changed(case: Case) -> str:
    base = case.version.base
    if base is None:
        return _("The first version: everything in it is new.")
    if not case.read.changes:
        return _("Says the same as v{number}.").format(number=base.number)
    count = words.plural(len(case.read.changes), "part")
    differ = "differs" if len(case.read.changes) == 1 else "differ"
    return _("{count} {differ} from v{number}.").format(
        count=count, differ=differ, number=base.number
    )


def _edit_next(case: Case) -> bool:
    """Whether editing its parts is what comes next for this reader."""
    is_draft = case.version.status == KitStatus.DRAFT and signing.may_write(case.reader)
    return is_draft and not case.is_stale and (bool(case.errors) or not case.read.changes)


def _shadow(case: Case) -> str:
    """Where it is compared with what is really decided: in review, or while it runs."""
    row = case.version
    runs = row.shadow_since is not None or row.status == KitStatus.IN_REVIEW
    return kit_links.url("kit-shadow", row.number) if runs and case.looks_in else ""


def _editor(case: Case) -> Callable[[str, str], str]:
    """Where a part is edited: an address for who edits drafts, while it is one."""
    row = case.version
    edits = row.status == KitStatus.DRAFT and signing.may_write(case.reader)
    back = urlencode({"next": kit_links.url("kit-version", row.number)})

    def address(kind: str, key: str) -> str:
        found = kit_links.url("kit-part", row.number, kind, key) if edits else ""
        return f"{found}?{back}" if found else ""

    return address


def _found(case: Case, findings: Iterable[Finding]) -> tuple[Found, ...]:
    return tuple(_finding(case, one) for one in findings)


def _finding(case: Case, finding: Finding) -> Found:
    place = _place(case, finding.field)
    if place is None:
        where = change_values.kind_label(finding.kind, many=True)
        return Found(where, finding.message, finding.fix, _parts(case, finding.kind))
    kind, key = place
    entries = case.read.document["parts"].get(kind, [])
    entry = next(one for one in entries if one["key"] == key)
    url = _editor(case)(kind, key)
    return Found(change_values.subject(kind, entry), finding.message, finding.fix, url)


def _parts(case: Case, kind: str) -> str:
    """Where all parts of a kind are listed."""
    found = kit_links.url("kit-parts", case.version.number)
    return f"{found}#{kind}" if found else ""


def _place(case: Case, field: str) -> Place | None:
    """The part that `kind.key.attribute` names; keys may hold dots themselves."""
    kind, _rest, rest = field.partition(".")
    keys = [str(one["key"]) for one in case.read.document["parts"].get(kind, [])]
    fitting = [key for key in keys if rest == key or rest.startswith(f"{key}.")]
    return (kind, max(fitting, key=len)) if fitting else None


def _signatures(case: Case, zone: tzinfo) -> Iterable[Signed]:
    consent = case.read.consent
    for row, void in (*((one, "") for one in consent.valid),
                      *((one, _why(case, one)) for one in consent.void)):  # fmt: skip
        told = kit_side.signer(row, now=case.now, zone=zone)
        yield Signed(told.name, told.line, void)


def _why(case: Case, row: Signature) -> str:
    return EDITED if row.checksum != case.read.text else REBASED


def _run(case: Case, zone: tzinfo) -> Run:
    number, run = case.version.number, case.simulation
    start = kit_links.url("kit-simulation-start", number) if case.is_open else ""
    is_next = bool(start) and _simulates_next(case)
    if run is None:
        told = _("Nobody has simulated this version yet.")
        return Run(told, "warn", _("Not simulated"), "", start, is_next)
    url = kit_links.url("kit-simulation", number)
    count = words.plural(run.total, "lead")
    when = words.moment(run.finished_at or run.requested_at, now=case.now, zone=zone)
    if run.state == Simulation.State.FAILED:
        told = _("The run failed: {error}").format(error=run.error or _("no reason was kept"))
        return Run(told, "late", _("Failed"), url, start, is_next)
    if run.state != Simulation.State.DONE:
        under_way = (
            _("{done} of {count} replayed.").format(done=f"{run.done:,}", count=count)
            if run.total
            else _("Waits for the worker.")
        )
        return Run(under_way, "info", run.get_state_display(), url, "")
    if case.is_open and not case.is_simulated:
        told = _("The report of {when} is of an earlier text.").format(when=when)
        return Run(told, "warn", _("Out of date"), url, start, is_next)
    told = (
        wording.replayed(run.summary) if run.summary else _("{count} replayed.").format(count=count)
    )
    return Run(
        _("{told} Run {when}.").format(told=told, when=when), "ok", _("Simulated"), url, start
    )


def _simulates_next(case: Case) -> bool:
    """Whether a simulation is what comes next."""
    is_draft = case.version.status == KitStatus.DRAFT and bool(case.read.changes)
    return is_draft and not case.is_stale and not case.errors and not case.is_simulated
