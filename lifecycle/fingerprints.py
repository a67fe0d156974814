"""What a preview showed, in one line of text, so that nobody confirms what they have not seen.

A fingerprint names the kit and every row with what was to become of it. Pure.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Collection, Mapping

from core import errors
from governance.kit import Kit

ENTRY = struct.Struct(">QI")
MOST_BYTES = 16_000_000


class LookAgain(errors.TooLate):
    """What was confirmed is not what would happen now."""

    code = "look_again"


def take(kit: Kit, fates: Mapping[int, str]) -> str:
    """The fingerprint of rows by id, each with its fate in a few words."""
    packed = b"".join(ENTRY.pack(row, zlib.crc32(fates[row].encode())) for row in sorted(fates))
    return f"{kit.checksum[:16]}.{base64.urlsafe_b64encode(zlib.compress(packed)).decode()}"


def require(
    seen: str, kit: Kit, fates: Mapping[int, str], *, noun: str, among: Collection[int] | None
) -> None:
    """Hold what would happen now against what was seen; `among` keeps to rows that were chosen.

    Raises LookAgain, saying how many rows are not as they were shown, or that the kit is another.
    """
    checksum, _, packed = seen.partition(".")
    if checksum != kit.checksum[:16]:
        raise LookAgain(f"Kit v{kit.number} is in force now, not the one you saw. Look again.")
    then, now = _entries(packed), _entries(take(kit, fates).partition(".")[2])
    if among is not None:
        then = {row: fate for row, fate in then.items() if row in among}
        now = {row: fate for row, fate in now.items() if row in among}
    changed = sum(then.get(row) != now.get(row) for row in then.keys() | now.keys())
    if changed:
        have = "has" if changed == 1 else "have"
        raise LookAgain(
            f"{changed:,} {noun}{'' if changed == 1 else 's'} {have} changed since. Look again.",
            state={"changed": changed},
        )


def _entries(packed: str) -> dict[int, int]:
    try:
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.urlsafe_b64decode(packed), MOST_BYTES)
        return dict(ENTRY.iter_unpack(data))
    except (binascii.Error, zlib.error, struct.error, ValueError):
        raise LookAgain("What you confirmed cannot be read. Look again.") from None
