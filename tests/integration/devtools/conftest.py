from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools import cluster as clusters
from devtools import housing
from devtools.cluster import Cluster


@pytest.fixture
def project() -> Iterator[Path]:
    """An empty project folder that the database's user may enter, as a fresh clone has it."""
    folder = Path(tempfile.mkdtemp(prefix="leadgov-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cluster(project: Path) -> Iterator[Cluster]:
    """A cluster of its own, not started."""
    made = housing.cluster(project, name="postgres", fast=True)
    yield made
    clusters.stop(made)
