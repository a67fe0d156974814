"""The one error of this package: something the reader can put right, told in one line."""

from __future__ import annotations


class Problem(Exception):
    """What is wrong and what to do about it; commands print it without a traceback."""
