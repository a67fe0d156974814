"""What asking or telling another server ends with when it does not end well. Pure."""

from __future__ import annotations


class Failed(Exception):
    """No answer. Tells nothing personal, as it is kept; `after` says when to try again."""

    def __init__(self, why: str, *, for_good: bool = False, after: int | None = None) -> None:
        """`for_good`: asking again would be answered alike; `after`: seconds the other asks for."""
        super().__init__(why)
        self.for_good = for_good
        self.after = after
