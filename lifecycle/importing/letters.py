"""The letters of a text file: how they are read, and what that is called. Knows no rows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO

ENCODINGS = {
    "utf-8": "Unicode (UTF-8)",
    "cp1252": "Western Europe (Windows-1252)",
    "cp1250": "Central Europe (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)",
    "shift_jis": "Japanese (Shift JIS)",
    "euc_kr": "Korean (EUC-KR)",
    "gb18030": "Chinese, simplified (GB 18030)",
    "big5": "Chinese, traditional (Big5)",
    "mac_roman": "Old Macintosh",
}
"""Encodings that people may name. Unicode and Windows-1252 are told apart without a word."""
STRAYS = re.compile("[\udc80-\udcff]+")
"""Bytes that are no UTF-8, as they are carried through until they are read one by one."""
_UNICODE = re.compile("[^\x00-\x7f\udc80-\udcff]")
_PIECE = 1024 * 1024
_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8"} | {
    name: name.upper().removesuffix("-LE").removesuffix("-BE")
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")
}


def opened(path: Path, encoding: str) -> IO[str]:
    """The file as text. Bytes that are no UTF-8 are carried through, to be read cell by cell."""
    strays = "surrogateescape" if encoding.startswith("utf-8") else "replace"
    return path.open(encoding=encoding, errors=strays, newline="")


def of(path: Path, encoding: str) -> str:
    """What the letters of a file opened so really are, in words for people."""
    name = _NAMES.get(encoding) or ENCODINGS.get(encoding, encoding)
    if not encoding.startswith("utf-8"):
        return name
    strays = unicode = False
    with opened(path, encoding) as stream:
        while (piece := stream.read(_PIECE)) and not (strays and unicode):
            if not piece.isascii():
                strays = strays or bool(STRAYS.search(piece))
                unicode = unicode or bool(_UNICODE.search(piece))
    if not strays:
        return name
    western = ENCODINGS["cp1252"]
    return f"{name} with some cells in {western}" if unicode else western
