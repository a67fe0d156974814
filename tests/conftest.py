"""What all tests share. The database starts with the first test that wants one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from devtools import database, template


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Start the tests' own cluster; the test database becomes a copy of a migrated one."""
    if os.environ.get("LEADGOV_TEST_CLUSTER"):
        database.start(test=True)
        database.drop_left_over_tests()
        connection.settings_dict["TEST"]["TEMPLATE"] = template.provide(
            database.the_cluster(test=True), database.PROJECT
        )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Cut what threads have left connected, so that the test database can be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
