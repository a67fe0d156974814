"""The catalogs of the product's texts, without the GNU tools: `make texts` or `… texts de`.

Without a language it says how many texts there are. With one it writes `locale/LL/LC_MESSAGES/
django.po`, keeps what is translated there, and compiles it to the `.mo` that is read.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from django.template.base import Lexer, Token, TokenType
from django.utils.translation import trim_whitespace
from django.utils.translation.template import (
    block_re,
    constant_re,
    endblock_re,
    inline_re,
    plural_re,
)

from devtools import catalog
from devtools.database import PROJECT

APPS = ("core", "people", "governance", "leads", "routing", "sla", "lifecycle", "reports",
        "integrations", "web", "leadgov")  # fmt: skip
ONE = frozenset(("_", "gettext", "gettext_lazy", "lazy"))
Text = tuple[str, str]
"""A text, and its plural or nothing."""


def of_python(source: str) -> Iterator[Text]:
    """The texts that a module marks."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else _name(node.func)
        given = [
            one.value if isinstance(one, ast.Constant) and isinstance(one.value, str) else ""
            for one in node.args
        ]
        if name in ONE and given and given[0]:
            yield given[0], ""
        elif name == "ngettext" and given[0]:
            yield given[0], given[1]
        elif name == "plural" and len(given) > 1 and given[1]:
            many = [*given, ""][2] or f"{given[1]}s"
            yield f"{{count}} {given[1]}", f"{{count}} {many}"


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def of_template(source: str) -> Iterator[Text]:
    """The texts that a template marks, as its tags ask for them when it is shown."""
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type not in (TokenType.BLOCK, TokenType.VAR):
            continue
        contents = token.contents
        if token.token_type == TokenType.BLOCK and block_re.match(contents):
            yield _block(tokens, trims="trimmed" in contents.split())
            yield from _constants(contents)
        elif token.token_type == TokenType.BLOCK and (found := inline_re.match(contents)):
            yield found.group(1).strip("\"'").replace("%", "%%"), ""
        else:
            yield from _constants(contents)


def _block(tokens: Iterator[Token], *, trims: bool) -> Text:
    """What stands up to the end of the tag: the text, and its plural where it has one."""
    forms = [""]
    for token in tokens:
        if token.token_type == TokenType.VAR:
            forms[-1] += f"%({token.contents})s"
        elif token.token_type == TokenType.TEXT:
            forms[-1] += token.contents.replace("%", "%%")
        elif plural_re.match(token.contents):
            forms.append("")
        elif endblock_re.match(token.contents):
            break
    one, many = [*map(trim_whitespace if trims else str, forms), ""][:2]
    return one, many


def _constants(contents: str) -> Iterator[Text]:
    for found in constant_re.findall(contents):
        yield found.strip("\"'").replace("%", "%%"), ""


def every() -> dict[Text, list[str]]:
    """Every text of the product, and the files that say it."""
    found: dict[Text, list[str]] = {}
    for path in files():
        read = of_python if path.suffix == ".py" else of_template
        for text in read(path.read_text()):
            found.setdefault(text, []).append(path.relative_to(PROJECT).as_posix())
    return found


def files() -> Iterator[Path]:
    """Where texts are: modules but migrations, and templates."""
    for app in APPS:
        yield from (p for p in sorted((PROJECT / app).rglob("*.py")) if "migrations" not in p.parts)
    for path in sorted((PROJECT / "templates").rglob("*.*")):
        if re.fullmatch(r"\.html|\.txt", path.suffix):
            yield path


def main(arguments: list[str]) -> int:
    """Say how many there are; for each language named, bring its catalog up to them."""
    texts = every()
    print(f"{len(texts)} texts in {len({one for where in texts.values() for one in where})} files")
    for language in arguments:
        folder = PROJECT / "locale" / language.replace("-", "_") / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        print(catalog.bring_up(folder / "django.po", texts, language))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
