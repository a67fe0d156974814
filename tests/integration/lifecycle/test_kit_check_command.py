"""`manage.py kit check`: what it tells people and machines, and what it exits with."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from governance import kit_yaml
from lifecycle import playbook
from people.models import Role
from routing.models import Pool
from tests import factories


def check(*arguments: str) -> tuple[int, str]:
    """Exit code and output."""
    out = io.StringIO()
    try:
        call_command("kit", "check", *arguments, stdout=out)
    except SystemExit as exit_:
        return int(str(exit_.code)), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., str]:
    """The playbook with a change, as a file."""

    def write(change: Callable[[dict[str, Any]], object]) -> str:
        document = playbook.document()
        change(document["parts"])
        file = tmp_path / "kit.yaml"
        file.write_text(kit_yaml.dump(document), encoding="utf-8")
        return str(file)

    return write


def test_a_clean_file_passes_on_an_empty_database(db: None) -> None:
    code, text = check(str(playbook.PATH))
    assert code == 0
    assert "Examples: all 14 passed." in text
    assert "playbook.yaml: nothing stands against it." in text


def test_errors_are_grouped_told_with_what_to_do_and_exit_with_one(
    db: None, written: Callable[..., str]
) -> None:
    def change(parts: dict[str, Any]) -> None:
        parts["clock_policy"][0]["calendar"] = "ofice_hours"
        parts["score_rule"][0]["points"] = 0

    code, text = check(written(change))
    assert code == 1
    assert text.index("Errors") < text.index("clock_policy.route.calendar")
    assert "“ofice_hours” is no calendar." in text
    assert "→ Did you mean “office_hours”?" in text
    assert text.index("clock_policy.route.calendar") < text.index("score_rule.size.points")
    assert "Examples: not tried while other errors stand." in text
    assert text.rstrip().endswith("1 error, 1 warning.")


def test_what_cannot_be_read_is_told_at_its_place(db: None, written: Callable[..., str]) -> None:
    def change(parts: dict[str, Any]) -> None:
        parts["criterion"][0]["condition"]["all"][0]["fact"] = "company.employes"

    code, text = check(written(change))
    assert code == 1
    assert "criterion.icp.condition.all[0].fact" in text
    assert "→ Mend this entry." in text
    assert "company.employees" in text


def test_warnings_alone_pass_unless_it_is_strict(db: None, written: Callable[..., str]) -> None:
    file = written(lambda parts: parts["score_rule"][-1].update(points=0))
    assert check(file)[0] == 0
    assert check(file, "--strict")[0] == 1
    assert check(str(playbook.PATH), "--strict")[0] == 0


def test_a_failing_example_is_an_error_that_names_both_outcomes(
    db: None, written: Callable[..., str]
) -> None:
    code, text = check(written(lambda parts: parts["clock_policy"][0].update(minutes=300)))
    assert code == 1
    assert "fixture.friday_afternoon.expect.due.route" in text
    assert "Mon 2026-03-09 13:00 CET" in " ".join(text.split())
    assert "Examples: 3 of 14 failed." in text


@pytest.mark.parametrize("broken", ["given", "expect"])
def test_an_example_that_is_none_is_told(
    db: None, written: Callable[..., str], broken: str
) -> None:
    code, text = check(written(lambda parts: parts["fixture"][0].update({broken: "x"})))
    assert code == 1
    assert f"fixture.friday_afternoon.{broken}" in text


def test_machines_read_json(db: None, written: Callable[..., str]) -> None:
    code, text = check(
        written(lambda parts: parts["clock_policy"][0].update(minutes=300)), "--json"
    )
    told = json.loads(text)
    assert (code, told["errors"], told["warnings"]) == (1, 3, 0)
    assert told["fixtures"]["tried"] == 14
    assert told["fixtures"]["failed"] == ["friday_afternoon", "before_easter", "pricing_thrice"]
    assert set(told["findings"][0]) == {"severity", "place", "code", "message", "fix"}


def test_a_stored_version_is_held_against_the_people_there_are(db: None) -> None:
    company = factories.company()
    Pool.objects.filter(key="americas").update(manager=None)
    code, text = check()
    assert code == 1
    assert "routing_rule.americas.pool" in text
    company.manager.role = Role.MANAGER
    Pool.objects.filter(key="americas").update(manager=company.manager)
    assert check()[0] == 0
    assert "has no active member" in check("active")[1]
