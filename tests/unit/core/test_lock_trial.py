"""Locks are left out in tests only."""

from __future__ import annotations

import pytest

from core import lock_trial


@pytest.mark.parametrize(
    ("environment", "left_out"),
    [
        ({}, set()),
        ({"LEADGOV_WITHOUT_LOCK": "lead,sweep"}, set()),
        ({"LEADGOV_WITHOUT_LOCK": "lead", "LEADGOV_TESTING": ""}, set()),
        ({"LEADGOV_TESTING": "1"}, set()),
        ({"LEADGOV_WITHOUT_LOCK": "lead,sweep", "LEADGOV_TESTING": "1"}, {"lead", "sweep"}),
    ],
)
def test_a_lock_is_left_out_only_under_test(
    environment: dict[str, str], left_out: set[str]
) -> None:
    assert lock_trial.left_out(environment) == left_out


def test_these_tests_leave_out_none() -> None:
    assert not lock_trial.LEFT_OUT
