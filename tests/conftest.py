"""What all tests share. The database starts with the first test that wants one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pgtrigger
import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings
from psycopg import sql
from pytest_django import DjangoDbBlocker

from core import collector
from devtools import database, template
from tests import remembered

settings.register_profile("unhurried", deadline=None)  # how long anything takes is for bench/
settings.load_profile("unhurried")


def pytest_collection_finish() -> None:
    """Thousands of collected tests need not be looked through for garbage again and again."""
    collector.settle()


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
    """Remember what migrations wrote; at the end cut what threads have left connected, so that
    the test database can be dropped.
    """
    with django_db_blocker.unblock():
        _first["rows"] = remembered.standing(without=KEPT)
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """No endpoint is looked for every few seconds; who tests them has `listening` forget this."""
    from integrations import listening  # noqa: PLC0415 - its tables need the settings

    monkeypatch.setattr(listening, "_known", {"wanted": (float("inf"), frozenset())})


@pytest.fixture(autouse=True)
def patient_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not make a search give up on names that look alike."""
    from lifecycle import finding  # noqa: PLC0415 - its tables need the settings

    monkeypatch.setattr(finding, "PATIENCE_MS", 60_000.0)


@pytest.fixture(autouse=True)
def fresh_log_of_queries() -> None:
    """The log that counts of queries are read from keeps 9,000: full, it counts none."""
    connection.queries_log.clear()


KEPT = ("django_migrations", "django_content_type", "auth_permission")
_first = {"rows": ""}
EMPTIED = sql.SQL("""DO $$ DECLARE named text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR named IN SELECT unnest(ARRAY[{tables}]) LOOP EXECUTE 'DELETE FROM ' || named; END LOOP;
END $$""")


@pytest.fixture(scope="session", autouse=True)
def light_flush() -> Iterator[None]:
    """Delete the rows a test has committed, past the triggers that keep them.

    Django would truncate every table, which makes hundreds of files anew, and then ask for each
    permission of each model. What migrations describe stays as it is. Only on a cluster of our own:
    elsewhere we may not be allowed to pass triggers.
    """
    own = bool(os.environ.get("LEADGOV_TEST_CLUSTER"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _delete_rows if own else _truncate)
        yield


_usual_teardown = TransactionTestCase._fixture_teardown


def _truncate(case: TransactionTestCase) -> None:
    """As Django does it; tables that refuse it are asked to look away."""
    with pgtrigger.ignore():
        _usual_teardown(case)


def _delete_rows(_case: TransactionTestCase) -> None:
    """Leave the database as migrations made it: tests run in any order on it."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    quoted = [sql.Literal(connection.ops.quote_name(one)) for one in tables if one not in KEPT]
    with connection.cursor() as cursor:
        cursor.execute(EMPTIED.format(tables=sql.SQL(", ").join(quoted)))
        if _first["rows"]:
            cursor.execute("SET session_replication_role = replica;" + _first["rows"])
            cursor.execute("SET session_replication_role = origin")
