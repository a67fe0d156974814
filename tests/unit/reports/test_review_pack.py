"""The pack of a small text, held against the bytes it was first printed with."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from reports.reviews import pack, pack_html, pack_pdf

FIRST = "fc507be5cb0198e0bd6dd051e685abaf6e3c9d186b369728b52844504340da17"
"""Of format 1. Where this fails, what is printed of closed reviews has changed: make a new format
beside the old one."""


def content() -> dict[str, Any]:
    section = {
        "key": "sla.rep", "chapter": "SLA attainment", "title": "By rep", "head": "Rep",
        "meaning": "Met by “due”.", "formula": "met ÷ (met + late) – 95 %", "owner_role": "Manager",
        "columns": [
            {"key": "n", "label": "Decided", "unit": "count"},
            {"key": "rate", "label": "Attainment", "unit": "share"},
            {"key": "took", "label": "Median", "unit": "seconds"},
            {"key": "apart", "label": "Difference", "unit": "leads"},
            {"key": "at", "label": "Since", "unit": "instant"},
            {"key": "said", "label": "Said", "unit": "lines"},
        ],
        "show": ["n", "rate", "took", "apart", "at", "said"],
        "rows": [
            {"key": "1", "label": "Jürgen Groß", "n": 1200, "rate": 0.625, "took": 5400.0,
             "apart": -1.5, "at": "2026-10-05T09:30:00+00:00", "said": "<b>5 €</b>\n陳 & Ł"},
            {"key": "2", "label": "Nobody", "n": 0, "rate": None, "took": None, "apart": 0.0,
             "at": None, "said": ""},
        ],
        "totals": {"label": "All", "n": 1200, "rate": 0.625, "took": 5400.0},
        "of_people": True,
    }  # fmt: skip
    finding = {
        "number": 1, "rule": "Added by hand", "section": "sla.rep", "row": "1", "text": "Late.",
        "evidence": "", "owner": "Mia", "due_on": "2026-11-20", "decision": "Coach",
        "reason": "Twice.", "carried_from": "", "done": "",
    }  # fmt: skip
    signed = {"by": "Mia", "deputy_of": "", "party": "Sales", "checksum": "c" * 64,
              "signed_at": "2026-11-03T08:00:00+00:00"}  # fmt: skip
    return {
        "text": {
            "number": "2026-10", "name": "October 2026", "from": "2026-10-01T00:00:00+00:00",
            "to": "2026-11-01T00:00:00+00:00", "as_of": "2026-11-01T00:05:00+00:00",
            "sections": [section], "findings": [finding],
        },
        "checksum": "c" * 64,
        "closed_at": "2026-11-03T09:00:00+00:00",
        "signatures": [signed, {**signed, "party": "Marketing", "by": "Mark", "deputy_of": "Mo"}],
    }  # fmt: skip


def test_the_first_format_prints_what_it_printed() -> None:
    assert pack_html.FORMAT == 1
    assert hashlib.sha256(pack_html.render(pack.of(content()))).hexdigest() == FIRST


def test_texts_are_text_and_figures_are_in_words() -> None:
    text = pack_html.render(pack.of(content())).decode()
    for said in ("Jürgen Groß", "&lt;b&gt;5 €&lt;/b&gt;\n陳 &amp; Ł", "62.5 %", "1 h 30 min",
                 "2026-10-05 09:30 UTC", "1,200", "−1.5", "of Mo", "Coach: Twice."):  # fmt: skip
        assert said in text, said
    assert "<b>5" not in text


def test_the_order_of_keys_does_not_matter() -> None:
    turned = dict(reversed(content().items()))
    assert pack_html.checksum(turned) == pack_html.checksum(content())


def test_the_pdf_is_the_same_each_time_and_has_every_letter_it_can() -> None:
    at = dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC)
    made = pack_pdf.render(pack.of(content()), at=at)
    assert made[:5] == b"%PDF-"
    assert made == pack_pdf.render(pack.of(content()), at=at)
    paper = pack_pdf._Paper(pack.of(content()), at)
    assert paper.known("Größe: 5 € – „Łódź“, Αθήνα, Київ → 陳") == (
        "Größe: 5 € – „Łódź“, Αθήνα, Київ → □"
    )
