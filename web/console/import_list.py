"""All imports, newest first, and the upload of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse

from core.errors import FieldError, InvalidInput
from core.texts import _, lazy
from lifecycle import permissions
from lifecycle.importing import files, runs, undoing
from lifecycle.models import ImportRun
from people.models import User
from web.console import words

PAGE = 30
ACCOUNTS = ImportRun.Subject.ACCOUNTS
SUBJECTS = (("LEADS", lazy("Buyers: leads and their companies")),
            ("ACCOUNTS", lazy("Accounts: owner, status, parent")))  # fmt: skip
TONES: Mapping[str, str] = {
    "UPLOADED": "warn",
    "CHECKING": "info",
    "READY": "warn",
    "RUNNING": "info",
    "DONE": "ok",
    "CANCELLED": "none",
    "FAILED": "late",
    "UNDOING": "info",
    "UNDONE": "none",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One import."""

    url: str
    name: str
    meta: str
    state: str
    tone: str
    told: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ImportList:
    """The page."""

    rows: tuple[Line, ...]
    older_url: str
    limit: str
    days: str
    problem: str
    subjects: tuple[tuple[str, str], ...]
    subject: str


def upload(
    reader: User,
    file: UploadedFile[bytes] | None,
    asked: Mapping[str, str],
    *,
    too_large: bool,
) -> ImportRun:
    """Keep what was sent. Raises DomainError."""
    permissions.require_importer(reader)
    if too_large:
        raise files.too_large()
    if file is None:
        message = _("Choose a file first: CSV, TSV or XLSX.")
        raise InvalidInput(message, errors=[FieldError("file", message)])
    return runs.upload(file.chunks(), name=file.name or "table", by=reader, subject=_subject(asked))


def build(
    reader: User, asked: Mapping[str, str], *, problem: str, now: datetime, zone: tzinfo
) -> ImportList:
    """The page, in one query beside the frame's. Raises NotAllowed."""
    permissions.require_import_reader(reader)
    before = asked.get("before", "")
    rows = ImportRun.objects.select_related("by").order_by("-pk")
    of_accounts = permissions.sees_account_imports(reader)
    if not of_accounts:
        rows = rows.exclude(subject=ACCOUNTS)
    if before.isascii() and before.isdigit():
        rows = rows.filter(pk__lt=min(int(before), 2**63 - 1))
    shown = list(rows[: PAGE + 1])
    address = reverse("console:import")
    return ImportList(
        rows=tuple(_line(one, now=now, zone=zone) for one in shown[:PAGE]),
        older_url=f"{address}?before={shown[PAGE - 1].pk}" if len(shown) > PAGE else "",
        limit=_("{IMPORT_MAX_BYTES} MB").format(
            IMPORT_MAX_BYTES=f"{settings.IMPORT_MAX_BYTES / 1048576:,.0f}"
        ),
        days=words.plural(settings.IMPORT_FILE_DAYS, "day"),
        problem=problem,
        subjects=SUBJECTS if of_accounts else (),
        subject=_subject(asked),
    )


def _subject(asked: Mapping[str, str]) -> str:
    return asked.get("subject") or str(ImportRun.Subject.LEADS)


def who(run: ImportRun) -> str:
    """Who brought it in, in words."""
    return str(run.by) if run.by else _("manage.py import_leads")


def told(run: ImportRun) -> str:
    """How far it is, in a few words."""
    if run.state == ImportRun.State.UPLOADED:
        return _("Its columns are to be mapped")
    if run.state in (ImportRun.State.UNDOING, ImportRun.State.UNDONE):
        return " ".join(undoing.told(run).told())
    rejected = run.tallies.get("REJECTED", 0)
    of = (
        _("{done} of {plural}").format(done=f"{run.done:,}", plural=words.plural(run.total, "row"))
        if run.total is not None
        else _("not begun")
    )
    what = "checked" if run.dry_run else "imported"
    if run.total is not None and run.done == run.total:
        of = words.plural(run.total, "row")
    bad = _(", {rejected} rejected").format(rejected=f"{rejected:,}") if rejected else ""
    return f"{of} {what}{bad}" if run.total is not None else of


def _line(run: ImportRun, *, now: datetime, zone: tzinfo) -> Line:
    kind = "accounts" if run.subject == ACCOUNTS else "live" if run.live else "history"
    return Line(
        url=reverse("console:import-run", args=[run.pk]),
        name=run.name,
        meta=f"{who(run)} · {words.moment(run.uploaded_at, now=now, zone=zone)} · {kind}",
        state=run.get_state_display(),
        tone=TONES[run.state],
        told=told(run),
        at=run.uploaded_at,
    )
