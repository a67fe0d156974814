from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devtools import address
from devtools.problem import Problem

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://ann:s3cr3t@db:5432/leads", "postgres://ann:***@db:5432/leads"),
        ("postgres://ann@db/leads", "postgres://ann@db/leads"),
        ("postgres://:s3cr3t@db/leads", "postgres://:***@db/leads"),
        ("postgres://ann:s3cr3t@[::1]:5432/leads", "postgres://ann:***@[::1]:5432/leads"),
        (
            "postgres://db/leads?user=ann&password=s3cr3t",
            "postgres://db/leads?user=ann&password=***",
        ),
        ("postgres://postgres@/leads?host=/run/x", "postgres://postgres@/leads?host=/run/x"),
        ("postgres://ann:s3cr3t@x@db/leads", "postgres://ann:***@db/leads"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert address.masked(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "postgres://ann:1/s3cr3t@db/leads",
        "postgres://ann:1?s3cr3t@db/leads",
        "postgres://ann:1#s3cr3t@db/leads",
        "postgres://[ann:s3cr3t@db/leads",
        "s3cr3t",
        "ann:s3cr3t@db",
    ],
)
def test_an_address_cut_in_the_wrong_place_gives_no_part_of_the_password_away(url: str) -> None:
    assert SECRET not in address.masked(url)
    with pytest.raises(Problem) as refusal:
        address.server(url)
    assert SECRET not in str(refusal.value)


@given(
    password=st.text(min_size=1).filter(lambda text: text not in "postgres://ann:***@db:5432/leads")
)
def test_no_escaped_password_is_ever_shown(password: str) -> None:
    escaped = quote(password, safe="")
    shown = address.masked(f"postgres://ann:{escaped}@db:5432/leads")
    assert shown == "postgres://ann:***@db:5432/leads"
    assert address.server(f"postgres://ann:{escaped}@db/leads").parameters["password"] == password


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://ann@db/leads", "must be of the form postgres://"),
        ("db/leads", "must be of the form postgres://"),
        ("postgres://ann@db", "names no database"),
        ("postgres://ann@db/", "names no database"),
        ("postgres://ann@db:port/leads", "cannot be read"),
        ("postgres://ann@db:99999/leads", "cannot be read"),
    ],
)
def test_what_is_no_database_address_is_refused(url: str, told: str) -> None:
    with pytest.raises(Problem, match=told):
        address.server(url)


def test_a_socket_folder_in_the_query_is_the_host() -> None:
    named = address.server("postgresql://postgres@/leads?host=/run/some%20place&conn_max_age=60")
    assert (named.host, named.name) == ("/run/some place", "leads")
    assert "conn_max_age" not in named.parameters


def test_an_unreachable_database_is_told_in_one_line_without_the_password() -> None:
    with pytest.raises(Problem) as refusal:
        address.connect(f"postgres://ann:{SECRET}@127.0.0.1:1/leads")
    said = str(refusal.value)
    assert "'leads' on 127.0.0.1:1" in said
    assert SECRET not in said
    assert "\n" not in said
