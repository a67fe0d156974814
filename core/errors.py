"""The one family of refusals. Interfaces translate them; nothing else catches them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of one input: where it is (dotted path), what is wrong, what to do."""

    field: str
    message: str
    code: str = "invalid"


class DomainError(Exception):
    """A refusal that a person or a system can act upon.

    `status` is the HTTP status an API answers with; `errors` names single inputs; `state`
    tells the present state when the refusal is about being too late.
    """

    code = "refused"
    status = 409

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        errors: list[FieldError] | None = None,
        state: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.status = status or self.status
        self.errors = errors or []
        self.state = state or {}


class InvalidInput(DomainError):
    """The input cannot be used as it is; `errors` names each field."""

    code = "invalid"
    status = 422


class NotAllowed(DomainError):
    """This person or key may not do this."""

    code = "not_allowed"
    status = 403


class NotFound(DomainError):
    """No such thing, or none this person may see: the answer is the same."""

    code = "not_found"
    status = 404


class TooLate(DomainError):
    """Somebody was first, or the state has moved on; `state` tells the present one."""

    code = "too_late"
    status = 409
