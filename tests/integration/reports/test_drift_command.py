"""`manage.py drift`: every verdict in a line, exit 1 while an alarm stands."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from reports.drift import alarms
from tests import factories
from tests.integration.reports.conftest import LATER, Drifted

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command at the end of the story; returns its exit code and what it printed."""
    monkeypatch.setattr("core.database.now", lambda: LATER)

    def command(*arguments: str) -> tuple[int, str]:
        out = io.StringIO()
        try:
            call_command("drift", *arguments, stdout=out)
        except CommandError as refusal:
            return refusal.returncode, f"{out.getvalue()}{refusal}"
        return 0, out.getvalue()

    return command


def test_it_names_figure_version_and_part_and_fails_while_an_alarm_stands(
    drifted: Drifted, run: Any
) -> None:
    code, text = run()
    assert code == 1
    assert "Kit v2 since 2026-03-18: 13 whole days, compared with 13 under v1" in text
    assert "20.0 % of 45 decisions, was 80.0 %" in text
    assert "9 of 30 rejections under v1 to compare with" in text
    assert "Acceptance rate: v2 changed " in text
    assert "Ideal customer profile" in text
    assert f"{alarms.open_alarms().count()} alarms open." in text


def test_as_json_it_says_the_same(drifted: Drifted, run: Any) -> None:
    code, text = run("--json")
    data = json.loads(text.splitlines()[0])
    assert (code, data["ok"], data["kit"], data["base"], len(data["after"])) == (1, False, 2, 1, 13)
    found = next(one for one in data["verdicts"] if one["state"] == "BELOW")
    assert (found["metric"], found["slice"], found["observed"], found["n"]) == (
        "ACCEPTANCE",
        "",
        0.2,
        45,
    )
    assert any("Ideal customer profile" in part for part in found["parts"])
    lacking = next(one for one in data["verdicts"] if one["state"] == "TOO_FEW")
    assert lacking["lacks"] == {"have": 9, "need": 30, "of": "rejection", "side": "before"}


def test_a_version_that_replaced_none_or_is_not_there_is_said(drifted: Drifted, run: Any) -> None:
    code, text = run("--kit", "1")
    assert (code, "replaced no version" in text) == (0, True)
    code, text = run("--kit", "7")
    assert (code, "There is no published kit v7." in text) == (1, True)


def test_it_is_quiet_where_nothing_drifted(drifted: Drifted, run: Any) -> None:
    factories.next_kit(
        lambda parts: parts["criterion"][0].update(prose="Again."),
        by=drifted.company.revops,
        now=LATER,
    )
    code, text = run()
    assert code == 0, text
    assert "Below" not in text
