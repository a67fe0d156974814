"""A private database for the faults, a mail server, and houses on them."""

from __future__ import annotations

import dataclasses
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools import cluster as clusters
from devtools import housing
from devtools.cluster import Cluster
from tests import mail_sink
from tests.faults import house as houses
from tests.faults.house import PROJECT, House
from tests.mail_sink import Sink

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def private_cluster() -> Iterator[Cluster]:
    """PostgreSQL in a folder of its own, migrated once, removed in the end."""
    fast = housing.cluster(PROJECT, name="postgres-faults", fast=True)
    # What is committed must outlive the server's process, though not the machine's power.
    safe = {"synchronous_commit": "on", "full_page_writes": "on"}
    cluster = dataclasses.replace(fast, settings={**fast.settings, **safe})
    clusters.stop(cluster)
    shutil.rmtree(cluster.folder, ignore_errors=True)
    clusters.start(cluster)
    try:
        House(cluster, clusters.DATABASE, Path(), 25).run("manage.py", "migrate", "-v0")
        yield cluster
    finally:
        clusters.stop(cluster)
        shutil.rmtree(cluster.folder)


@pytest.fixture
def mails() -> Iterator[tuple[Sink, int]]:
    with mail_sink.serving() as serving:
        yield serving


@pytest.fixture
def house(private_cluster: Cluster, tmp_path: Path, mails: tuple[Sink, int]) -> Iterator[House]:
    name = f"house_{next(_numbers)}"
    with houses.opened(private_cluster, name, tmp_path, mail_port=mails[1]) as opened:
        yield opened
