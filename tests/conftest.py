"""What all tests share. The database starts with the first test that wants one."""

from __future__ import annotations

import os

import pytest

from devtools import database


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Start the tests' own cluster before the test database is made on it."""
    if os.environ.get("LEADGOV_TEST_CLUSTER"):
        database.start(test=True)
        database.drop_left_over_tests()
