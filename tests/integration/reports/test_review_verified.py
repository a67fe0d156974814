"""A review that is not what was signed is named, by the command and by `verify`."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from lifecycle.invariants.invariant import Context
from reports.invariants import INVARIANTS
from reports.models import Review
from reports.reviews import opening
from tests.integration.reports.conftest import Drifted
from tests.reviewing import APRIL, MAY, close

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[3]
PRINTED = """
import hashlib, json, sys
from reports.reviews import pack, pack_html
content = json.load(sys.stdin)
sys.stdout.write(hashlib.sha256(pack_html.render(pack.of(content))).hexdigest())
"""


@pytest.fixture
def review(drifted: Drifted) -> Review:
    opening.open_due(APRIL)
    return close(Review.objects.get())


def broken() -> set[str]:
    context = Context(now=MAY)
    return {
        one.key for one in INVARIANTS if one.key.startswith("review.") and one.look(context).count
    }


def behind_the_guards(review: Review, **change: Any) -> None:
    guards = ("reports.Review:review_stays", "reports.Review:only_signed_reviews_close")
    with pgtrigger.ignore(*guards):
        Review.objects.filter(pk=review.pk).update(**change)
        with connection.cursor() as cursor:  # while they look away
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def check(number: str = "2026-03") -> str:
    told = io.StringIO()
    call_command("review", "--check", number, stdout=told)
    return told.getvalue()


def test_what_was_signed_holds(review: Review) -> None:
    assert broken() == set()
    assert check() == f"2026-03  as it was signed  {review.checksum}\n"
    assert check("all") == check()


def test_another_text_is_found(review: Review) -> None:
    content = review.content
    content["text"]["sections"][1]["rows"][0]["n"] += 1
    behind_the_guards(review, content=content)
    assert broken() == {"review.as_signed"}
    with pytest.raises(CommandError, match="1 of the reviews differ"):
        check()


def test_other_figures_are_found(review: Review) -> None:
    behind_the_guards(review, snapshot={**review.snapshot, "as_of": "2026-04-02T00:00:00+00:00"})
    assert broken() == {"review.as_signed"}


def test_a_signature_that_is_not_there_is_missed(review: Review) -> None:
    behind_the_guards(review, checksum="0" * 64)
    assert broken() == {"review.as_signed", "review.signed_by_both"}


def test_a_month_left_out_is_found(review: Review) -> None:
    assert opening.open_due(MAY) == 1
    latest = Review.objects.get(month="2026-04-01")
    behind_the_guards(latest, month="2026-06-01")
    assert broken() == {"review.no_gap"}


def test_the_list_and_opening_by_hand(drifted: Drifted) -> None:
    told = io.StringIO()
    opening.open_due(APRIL)
    call_command("review", "--list", stdout=told)
    assert told.getvalue() == "2026-03  open, opened 2026-04-01 00:05 UTC\n"
    with pytest.raises(CommandError, match="cannot be opened"):
        call_command("review", "--open", "2026-01")
    with pytest.raises(CommandError, match="no pack before it is closed"):
        check()
    with pytest.raises(CommandError, match="There is no review"):
        check("2026-3")


@pytest.mark.parametrize(("seed", "locale"), [("1", "C"), ("2", "de_DE.UTF-8")])
def test_another_process_prints_the_same_bytes(review: Review, seed: str, locale: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": "Asia/Tokyo",
                   "DJANGO_SETTINGS_MODULE": "leadgov.settings_test"}  # fmt: skip
    code = f"import django; django.setup()\n{PRINTED}"
    made = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], input=json.dumps(review.content),
        capture_output=True, text=True, check=True, cwd=ROOT, env=environment,
    )  # fmt: skip
    assert made.stdout == review.pack_checksum
