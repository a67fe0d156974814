"""One application of the kit to leads that were there before it: how far it is, what it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from core import errors
from core.texts import _, lazy
from lifecycle import applying, permissions
from lifecycle.models import KitApplication
from people.models import User
from sla.models import Clock
from web.console import lead_names, words
from web.console.kit_answers import TONES

TITLES = {
    KitApplication.Act.RECALCULATE: (lazy("SLAs recalculated"), "clock", "console:kit-recalculate"),
    KitApplication.Act.REQUALIFY: (lazy("Leads re-qualified"), "lead", "console:kit-requalify"),
    KitApplication.Act.RESCORE: (lazy("Leads rescored"), "lead", "console:kit-rescore"),
}
PASSED_OVER = {
    "moved_on": lazy("had moved on meanwhile"),
    "stays": lazy("stay as they are"),
    "failed": lazy("could not be done"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One row that could not be done."""

    lead: int
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """The page."""

    id: int
    title: str
    sentence: str
    state: str
    tone: str
    is_open: bool
    done: int
    total: int
    facts: tuple[tuple[str, str], ...]
    reason: str
    passed_over: tuple[str, ...]
    failures: tuple[Failure, ...]
    error: str
    again: str


def build(application_id: int, reader: User, *, now: datetime, zone: tzinfo) -> ApplicationPage:
    """The page for this reader: RevOps sees all, managers their own. Raises NotFound."""
    row = _seen(application_id, reader)
    title, noun, again = TITLES[KitApplication.Act(row.act)]
    return ApplicationPage(
        id=row.pk,
        title=title,
        sentence=_sentence(row, noun),
        state=row.get_state_display(),
        tone=TONES[row.state],
        is_open=row.state in applying.OPEN,
        done=row.done,
        total=row.total,
        facts=_facts(row, now=now, zone=zone),
        reason=row.reason,
        passed_over=tuple(
            f"{words.plural(count, noun)} {PASSED_OVER.get(why, why)}"
            for why, count in sorted(row.passed_over.items())
        ),
        failures=_failures(row),
        error=row.error,
        again=again,
    )


def _seen(application_id: int, reader: User) -> KitApplication:
    reach = permissions.reach(reader)
    rows = KitApplication.objects.select_related("kit", "by").defer("selection")
    row = rows.filter(pk=min(application_id, 2**63 - 1)).first()
    if row is None or not (reach.everywhere or row.by_id == reader.pk):
        raise errors.NotFound(_("There is no such record, or none you may see."))
    return row


def _sentence(row: KitApplication, noun: str) -> str:
    changed = words.plural(row.changed, noun)
    under = _("under kit v{number}").format(number=row.kit.number)
    in_blocks = row.act in applying.OF_BLOCKS
    if row.state in applying.OPEN:
        of = words.plural(row.total, "block of leads" if in_blocks else noun)
        of = _("{done} of {of}").format(done=words.number(row.done), of=of)
        return _(
            "{of} dealt with, {changed} changed so far {under}. The worker goes on by itself."
        ).format(of=of, changed=changed, under=under)
    if in_blocks:
        return _("{changed} changed {under}.").format(changed=changed, under=under)
    return _("{changed} changed {under}, of {total} chosen.").format(
        changed=changed, under=under, total=words.number(row.total)
    )


def _facts(row: KitApplication, *, now: datetime, zone: tzinfo) -> tuple[tuple[str, str], ...]:
    told = [(_("By"), str(row.by)), (_("Kit"), f"v{row.kit.number}"),
            (_("Asked for"), words.moment(row.requested_at, now=now, zone=zone))]  # fmt: skip
    if row.finished_at is not None:
        told.append((_("Finished"), words.moment(row.finished_at, now=now, zone=zone)))
    return tuple(told)


def _failures(row: KitApplication) -> tuple[Failure, ...]:
    leads = {one["id"]: one["id"] for one in row.failures}
    if row.act == KitApplication.Act.RECALCULATE:
        leads = dict(Clock.objects.filter(pk__in=list(leads)).values_list("pk", "lead_id"))
    named = lead_names.of(leads.values())
    return tuple(
        Failure(leads[one["id"]], named[leads[one["id"]]].name, one["why"])
        for one in row.failures
        if leads.get(one["id"]) in named
    )
