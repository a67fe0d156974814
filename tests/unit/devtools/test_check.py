from __future__ import annotations

import pytest

from devtools import check
from devtools.problem import Problem


def test_all_usual_steps_run_when_none_is_named_and_the_campaigns_do_not() -> None:
    names = [step.name for step in check.chosen([])]
    assert names[-1] == "tests"
    assert "faults" not in names


def test_named_steps_run_in_the_order_of_the_list() -> None:
    assert [step.name for step in check.chosen(["types", "format"])] == ["format", "types"]


def test_an_unknown_step_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Problem, match="called tpyes; there are: format, lint"):
        check.chosen(["tpyes"])


def test_the_last_line_names_every_step_that_failed() -> None:
    outcomes = [
        check.Outcome("format", passed=False, seconds=1),
        check.Outcome("types", passed=True, seconds=2),
        check.Outcome("tests", passed=False, seconds=3),
    ]
    assert check.summary(outcomes) == "FAILED after 6 s: format, tests"


@pytest.mark.parametrize(
    ("step", "passed"),
    [
        (check.Step("fine", ["-c", "print('said')"]), True),
        (check.Step("bad", ["-c", "import sys; print('why'); sys.exit(3)"]), False),
        (check.Step("empty", ["-c", "import sys; sys.exit(5)"]), False),
        (check.Step("empty", ["-c", "import sys; sys.exit(5)"], may_be_empty=True), True),
    ],
)
def test_a_step_passes_by_its_exit_code(
    step: check.Step, passed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.run(step, {}).passed is passed
    said = capsys.readouterr().out
    assert ("why" in said) is (step.name == "bad")
    assert "said" not in said
