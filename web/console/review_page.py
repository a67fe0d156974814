"""Governance reviews as pages: the list, one review with its findings, its figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.urls import reverse

from core.texts import _
from people.models import User
from reports.models import Review, ReviewFinding, ReviewState
from reports.reviews import holding, months, rights, selectors
from web.console import review_log, review_signing, review_tables, words
from web.console.review_log import Entry
from web.console.review_signing import Signing
from web.console.review_tables import Chapter

TONES = {ReviewState.OPEN: "info", ReviewState.SIGNING: "warn", ReviewState.CLOSED: "ok"}


@dataclass(frozen=True, slots=True)
class Row:
    """One review of the list."""

    number: str
    name: str
    state: str
    tone: str
    line: str
    url: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """The list of reviews."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding as it stands."""

    id: int
    number: str
    open_url: str
    rule: str
    text: str
    evidence: str
    url: str
    owner: str
    due: str
    decision: str
    reason: str
    done: str
    tone: str


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One review."""

    number: str
    name: str
    state: str
    tone: str
    line: str
    url: str
    figures_url: str
    findings: tuple[Finding, ...]
    add_url: str
    signing: Signing
    log: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class FindingPage:
    """One finding with its story. `url` is empty for an owner who may not read the review."""

    number: str
    name: str
    url: str
    finding: Finding
    changes: bool
    reports: bool
    log: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class FiguresPage:
    """The figures of one review, chapter by chapter."""

    number: str
    name: str
    url: str
    line: str
    chapters: tuple[Chapter, ...]
    withheld: bool


def listed(reader: User, *, now: datetime, zone: tzinfo) -> ListPage:
    """The list, newest first. One query."""
    return ListPage(
        tuple(_row(one, now=now, zone=zone) for one in selectors.listed_to(reader)[:60])
    )


def build(reader: User, number: str, *, now: datetime, zone: tzinfo) -> ReviewPage:
    """One review. Raises NotFound."""
    review = selectors.one(number, reader)
    rows = review.findings.select_related("owner", "created_by", "done_by")
    return ReviewPage(
        number=review.number,
        name=months.name(review.month),
        state=review.get_state_display(),
        tone=TONES[ReviewState(review.state)],
        line=_line(review, now=now, zone=zone),
        url=_url("review", review),
        figures_url=_url("review-figures", review),
        findings=tuple(_findings(review, rows, now=now, zone=zone)),
        add_url=_url("review-finding-new", review) if _may_change(review, reader) else "",
        signing=review_signing.build(review, reader, now=now, zone=zone),
        log=_log(review, now=now, zone=zone) if rights.reads_all(reader) else (),
    )


def finding(
    reader: User, review: Review, place: int, *, now: datetime, zone: tzinfo
) -> FindingPage:
    """One finding, for who reads the review and for its owner. Raises NotFound."""
    found = holding.finding_of(review, place)
    log = found.log.select_related("by", "finding").order_by("-at", "-pk")
    return FindingPage(
        number=review.number,
        name=months.name(review.month),
        url=_url("review", review) if rights.may_read(reader, review) else "",
        finding=next(iter(_findings(review, [found], now=now, zone=zone))),
        changes=_may_change(review, reader) and found.done_at is None,
        reports=_may_report(found, reader),
        log=review_log.entries(log, now=now, zone=zone),
    )


def _may_change(review: Review, reader: User) -> bool:
    return rights.works(reader) and review.state != ReviewState.CLOSED


def _may_report(one: ReviewFinding, reader: User) -> bool:
    mine = one.owner_id == reader.pk or rights.works(reader)
    decided = one.decision not in ("", *ReviewFinding.SETTLED)
    return mine and decided and one.done_at is None and not hasattr(one, "carried_to")


def _log(review: Review, *, now: datetime, zone: tzinfo) -> tuple[Entry, ...]:
    rows = review.log.select_related("by", "finding").order_by("-at", "-pk")
    return review_log.entries(rows[: review_log.SHOWN], now=now, zone=zone)


def figures(reader: User, number: str, *, now: datetime, zone: tzinfo) -> FiguresPage:
    """The tables of one review. Raises NotFound."""
    review = selectors.one(number, reader)
    at = words.moment(review.opened_at, now=now, zone=zone)
    return FiguresPage(
        number=review.number,
        name=months.name(review.month),
        url=_url("review", review),
        line=_("As they stood when the review was opened: {at}. They never change.").format(at=at),
        chapters=review_tables.chapters(review.snapshot["sections"], reader),
        withheld=not rights.reads_all(reader),
    )


def _url(name: str, review: Review, *more: Any) -> str:
    return reverse(f"console:{name}", args=[review.number, *more])


def _row(review: Any, *, now: datetime, zone: tzinfo) -> Row:
    told = words.plural(review.count, "finding")
    if review.undecided and review.state != ReviewState.CLOSED:
        told += _(", {undecided} undecided").format(undecided=review.undecided)
    return Row(
        review.number,
        months.name(review.month),
        review.get_state_display(),
        TONES[ReviewState(review.state)],
        f"{_line(review, now=now, zone=zone)} · {told}",
        _url("review", review),
    )


def _line(review: Review, *, now: datetime, zone: tzinfo) -> str:
    opened = words.day(review.opened_at, now=now, zone=zone)
    if review.closed_at is None:
        return _("Opened {opened}").format(opened=opened)
    closed = words.day(review.closed_at, now=now, zone=zone)
    return _("Opened {opened}, closed {closed}").format(opened=opened, closed=closed)


def _findings(
    review: Review, rows: Iterable[ReviewFinding], *, now: datetime, zone: tzinfo
) -> Iterable[Finding]:
    today = months.today(now)
    for one in rows:
        late = one.due_on is not None and one.due_on < today and one.done_at is None
        place = review_tables.anchor(one.section, one.row_key)
        yield Finding(
            id=one.pk,
            number=f"{review.number}/{one.number}",
            open_url=_url("review-finding", review, one.number),
            rule=one.get_rule_display(),
            text=one.text,
            evidence=one.evidence,
            url=f"{_url('review-figures', review)}#{place}" if one.section else "",
            owner=str(one.owner or ""),
            due=f"{one.due_on:%Y-%m-%d}" if one.due_on else "",
            decision=one.get_decision_display() if one.decision else "",
            reason=one.reason,
            done=_done(one, now=now, zone=zone),
            tone="ok" if one.done_at else "late" if late else "info" if one.decision else "warn",
        )


def _done(one: ReviewFinding, *, now: datetime, zone: tzinfo) -> str:
    if one.done_at is None:
        return ""
    day = words.day(one.done_at, now=now, zone=zone)
    note = f": {one.done_note}" if one.done_note else ""
    return _("Done {day} by {by}{note}").format(day=day, by=one.done_by, note=note)
