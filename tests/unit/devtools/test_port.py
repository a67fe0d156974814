from __future__ import annotations

import os
import socket

import pytest

from devtools import port
from devtools.problem import Problem


@pytest.mark.parametrize(
    ("text", "number"),
    [(None, 8000), ("", 8000), ("  ", 8000), ("1", 1), (" 8001 ", 8001), ("65535", 65535)],
)
def test_a_port_is_read(text: str | None, number: int) -> None:
    assert port.parse(text) == number


@pytest.mark.parametrize(
    "text", ["0", "65536", "-1", "80.0", "8e3", "http", "8000 8001", "٨٠٠٠", "9" * 5000, "0x50"]
)
def test_what_is_no_port_is_refused_by_name(text: str) -> None:
    with pytest.raises(Problem, match="PORT must be a number from 1 to 65535"):
        port.parse(text)


def test_a_taken_port_is_named_with_another_one_to_try() -> None:
    with socket.create_server((port.HOST, 0)) as other:
        number = other.getsockname()[1]
        with pytest.raises(Problem, match=rf"Port {number} is taken.*PORT=\d+ make run"):
            port.require_free(number)


def test_a_port_is_free_again_once_its_server_has_gone() -> None:
    with socket.create_server((port.HOST, 0)) as other:
        number = other.getsockname()[1]
        with socket.create_connection((port.HOST, number)):
            pass
    port.require_free(number)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may use every port")
def test_a_port_that_needs_more_rights_is_told_apart_from_a_taken_one() -> None:
    with pytest.raises(Problem, match="needs more rights"):
        port.require_free(80)


def test_nothing_serves_where_nothing_listens() -> None:
    with socket.create_server((port.HOST, 0)) as other:
        number = other.getsockname()[1]
    assert not port.serves(number)
