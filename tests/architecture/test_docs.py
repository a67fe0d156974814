"""The docs name what there is: stages, steps, facts, operators, settings, schedules, commands."""

from __future__ import annotations

import re

import pytest

from governance import condition_operators, facts
from leads import diagram, stages
from lifecycle import schedules
from reports.metrics import guide
from tests.architecture.source import ROOT

DOCS = {path.name: path.read_text() for path in (ROOT / "docs").rglob("*.md")}
EVERYTHING = "\n".join(DOCS.values())


def test_the_diagram_in_the_docs_is_the_one_the_code_gives() -> None:
    drawn = DOCS["lifecycle.md"].split("```mermaid\n", 1)[1].split("\n```", 1)[0]
    assert drawn == diagram.mermaid()


def test_the_page_of_metrics_is_the_one_the_code_gives() -> None:
    assert DOCS["metrics.md"] == guide.page(), "run `manage.py metrics --write`"


@pytest.mark.parametrize(
    "name", [*(stage.value for stage in stages.Stage), *stages.TRANSITIONS, stages.UNDO]
)
def test_every_stage_and_step_is_told(name: str) -> None:
    assert f"`{name}`" in DOCS["lifecycle.md"]


def test_every_fact_is_told() -> None:
    silent = [fact.name for fact in facts.registry if f"`{fact.name}`" not in DOCS["facts.md"]]
    assert silent == []


def test_every_operator_is_told() -> None:
    known = DOCS["facts.md"] + DOCS["add-an-operator.md"]
    silent = [name for name in condition_operators.OPERATORS if f"`{name}`" not in known]
    assert silent == []


def test_every_setting_is_told() -> None:
    read = re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "leadgov" / "settings.py").read_text())
    read += re.findall(r'db_url\("(\w+)"', (ROOT / "leadgov" / "settings.py").read_text())
    silent = [name for name in sorted(set(read)) if f"`{name}`" not in DOCS["operations.md"]]
    assert len(read) > 20
    assert silent == []


def test_every_schedule_and_command_is_told() -> None:
    commands = [
        path.stem
        for path in ROOT.glob("*/management/commands/*.py")
        if not path.stem.startswith("_")
    ]
    names = [*commands, *(one.name for one in schedules.SCHEDULES)]
    silent = [name for name in names if name not in DOCS["operations.md"]]
    assert silent == []


def test_links_between_the_docs_lead_somewhere() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
    broken = [
        f"{path.name}: {target}"
        for path in pages
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text())
        if not (path.parent / target).exists()
    ]
    assert broken == []
