"""Text reads on its ground: every pair of tokens that pages use, light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[3] / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text()
PAIRS = [
    *((f"{state}-text", f"{state}-tint") for state in ("ok", "warn", "late", "info", "accent")),
    *((f"{state}-text", "surface") for state in ("ok", "warn", "late", "info", "accent")),
    *((text, ground) for text in ("text", "text-2", "text-3")
      for ground in ("surface", "canvas", "sunken", "hover")),
    ("text-2", "accent-tint"), ("text-3", "accent-tint"),
    ("text", "n3"), ("on-accent", "accent"), ("on-accent", "accent-hover"),
    *(("text", f"shade-{place}") for place in range(5)), ("on-accent", "shade-5"),
]  # fmt: skip


def colour(name: str, theme: int) -> str:
    """The colour a token stands for in light (0) or dark (1)."""
    found = re.search(rf"--{name}:\s*([^;]+);", TOKENS)
    assert found, f"no token --{name}"
    value = found[1].strip()
    if value.startswith("var("):
        return colour(value[6:-1], theme)
    both = re.fullmatch(r"light-dark\((#\w+), (#\w+)\)", value)
    return both[theme + 1] if both else value


def luminance(hexadecimal: str) -> float:
    def linear(part: str) -> float:
        share = int(part, 16) / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(hexadecimal[i : i + 2]) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(text: str, ground: str, theme: int) -> None:
    lighter, darker = sorted(
        (luminance(colour(text, theme)), luminance(colour(ground, theme))), reverse=True
    )
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_every_token_that_is_used_is_defined() -> None:
    defined = set(re.findall(r"--([\w-]+):", "".join(f.read_text() for f in CSS.rglob("*.css"))))
    for sheet in CSS.rglob("*.css"):
        used = set(re.findall(r"var\(--([\w-]+)\)", sheet.read_text()))
        assert used <= defined, (sheet.name, used - defined)


def test_every_icon_a_template_names_is_drawn() -> None:
    root = CSS.parents[1]
    drawn = set(re.findall(r'id="([\w-]+)"', (root / "static/img/icons.svg").read_text()))
    sources = [*root.glob("templates/**/*.html"), *root.glob("web/console/*.py")]
    named = {
        name for file in sources for name in re.findall(r'{% icon "([\w-]+)"', file.read_text())
    }
    assert named <= drawn, named - drawn
