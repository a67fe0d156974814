"""Nothing grows into a wall: files, functions, views, templates, scripts and styles have limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import source

LIMITS = {"*.html": ("templates", 150), "*.js": ("static/js", 120), "*.css": ("static/css", 300)}


def test_no_python_file_is_longer_than_400_lines() -> None:
    files = source.python_files(*source.APPS, "devtools", "bench", "tests")
    sizes = {source.name(path): len(path.read_text().splitlines()) for path in files}
    assert {name: size for name, size in sizes.items() if size > 400} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    long = [
        f"{source.name(path)}:{node.lineno} {node.name} ({source.lines(node)})"
        for path in source.python_files(*source.APPS, "devtools")
        for node in source.functions(path)
        if source.lines(node) > 60
    ]
    assert long == []


def test_no_view_is_longer_than_25_lines() -> None:
    views = [
        path
        for path in source.python_files("web")
        if "views" in path.parts or path.stem in ("views", "health")
    ]
    assert views
    long = [
        f"{source.name(path)}:{node.lineno} {node.name} ({source.lines(node)})"
        for path in views
        for node in source.functions(path)
        if source.lines(node) > 25
    ]
    assert long == []


@pytest.mark.parametrize("pattern", LIMITS)
def test_templates_scripts_and_styles_stay_small(pattern: str) -> None:
    folder, limit = LIMITS[pattern]
    files: list[Path] = [
        path for path in (source.ROOT / folder).rglob(pattern) if "vendor" not in path.parts
    ]
    assert files
    sizes = {source.name(path): len(path.read_text().splitlines()) for path in files}
    assert {name: size for name, size in sizes.items() if size > limit} == {}
