"""The list of leads as a file: batch by batch, each download written down before it begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import F
from django.http.response import HttpResponseBase

from core import database, errors
from core.texts import _
from leads.models import Lead
from people.models import User
from reports.declaration import Value
from web import csv_files, xlsx_files
from web.console import lead_columns, lead_list
from web.console.lead_list import Asked
from web.models import LeadExport

BATCH = 2_000
"""Rows read at once: memory does not grow with the list."""
Form = LeadExport.Form


def send(reader: User, asked: Asked, form: str, *, now: datetime) -> HttpResponseBase:
    """The download, noted beforehand. Raises NotAllowed for who may not take the list away."""
    if not lead_list.may_export(reader):
        raise errors.NotAllowed(_("Your role may not export leads; ask RevOps for the file."))
    keys = asked.columns or lead_columns.EXPORTED
    kept = {name: value for name, value in asked.query.items() if name not in ("q", "columns")}
    note = LeadExport.objects.create(
        by=reader, form=form, query=urlencode(kept), searched="q" in asked.given,
        columns=list(keys), begun_at=now,
    )  # fmt: skip
    rows = _rows(reader, asked, keys, note, now)
    if form == Form.XLSX:
        return xlsx_files.stream("leads.xlsx", rows)
    return csv_files.stream("leads.csv", rows)


def _rows(
    reader: User, asked: Asked, keys: Sequence[str], note: LeadExport, now: datetime
) -> Iterator[Sequence[Value]]:
    """Headings, then one row a lead. How many were sent is noted after each batch."""
    columns = [lead_columns.BY_KEY[key] for key in keys]
    yield [column.label for column in columns]
    kept = LeadExport.objects.filter(pk=note.pk)
    last: Lead | None = None
    while True:
        leads = lead_list.chosen(reader, asked, now=now)
        if last is not None:
            at = last.next_due_at if asked.sort == "due" and last.next_due_at else last.created_at
            leads = lead_list.following(leads, at, last.pk, asked.sort)
        batch = list(lead_list.ordered(lead_list.beside(leads, now), asked.sort)[:BATCH])
        for lead in batch:
            yield [column.value(lead) for column in columns]
        kept.update(leads=F("leads") + len(batch))
        if len(batch) < BATCH:
            kept.update(ended_at=database.now())
            return
        last = batch[-1]
