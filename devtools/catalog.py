"""A catalog of translations: a `.po` that people edit, and the `.mo` made of it."""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

Text = tuple[str, str]
PLURALS = {"de": "nplurals=2; plural=(n != 1);", "fr": "nplurals=2; plural=(n > 1);"}
"""How languages count; for another one the header of its catalog is edited by hand."""


def bring_up(path: Path, texts: Mapping[Text, Iterable[str]], language: str) -> str:
    """Write the catalog with exactly these texts, keep what is translated, and compile it."""
    known = read(path.read_text("utf-8")) if path.exists() else {}
    header = known.get(("", "")) or [
        f"Language: {language}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
        f"Content-Transfer-Encoding: 8bit\n"
        f"Plural-Forms: {PLURALS.get(language, PLURALS['de'])}\n"
    ]
    kept = {text: known[text] for text in texts if any(known.get(text, ()))}
    entries = [_entry(("", ""), header)]
    for text in sorted(texts):
        where = "".join(f"#: {name}\n" for name in sorted(set(texts[text])))
        entries.append(where + _entry(text, kept.get(text, [])))
    path.write_text("\n".join(entries), "utf-8")
    path.with_suffix(".mo").write_bytes(compiled({("", ""): header, **kept}))
    return f"{path.name}: {len(kept)} of {len(texts)} translated"


def _entry(text: Text, told: list[str]) -> str:
    one, many = text
    if not many:
        return f"msgid {_quoted(one)}\nmsgstr {_quoted((told or [''])[0])}\n"
    forms = told or ["", ""]
    lines = [f"msgid {_quoted(one)}", f"msgid_plural {_quoted(many)}"]
    return (
        "\n".join((*lines, *(f"msgstr[{n}] {_quoted(form)}" for n, form in enumerate(forms))))
        + "\n"
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def read(source: str) -> dict[Text, list[str]]:
    """What a `.po` says; texts marked fuzzy are left out."""
    found: dict[Text, list[str]] = {}
    for block in re.split(r"\n\s*\n", source):
        if re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE):
            continue
        parts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            said = re.match(r'(msg\w+(?:\[\d\])?)?\s*(".*")\s*$', line)
            if said is None:
                continue
            name = said.group(1) or name
            parts[name] = parts.get(name, "") + str(ast.literal_eval(said.group(2)))
        forms = [parts[key] for key in sorted(parts) if key.startswith("msgstr")]
        if "msgid" in parts:
            found[parts["msgid"], parts.get("msgid_plural", "")] = forms
    return found


def compiled(told: Mapping[Text, list[str]]) -> bytes:
    """The same as the `.mo` that is read when the product runs."""
    pairs = sorted(
        ("\0".join(filter(None, text)).encode(), "\0".join(forms).encode())
        for text, forms in told.items()
    )
    count, at = len(pairs), 28 + 16 * len(pairs)
    tables: list[bytes] = []
    bodies = b""
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), at + len(bodies)))
            bodies += pair[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0)
    return head + b"".join(tables) + bodies
