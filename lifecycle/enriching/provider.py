"""What a provider is: it is asked a question about a buyer and answers with values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

PERSON = ("first_name", "last_name", "title", "seniority", "function", "phone", "country")
COMPANY = ("name", "industry", "employees", "annual_revenue", "currency", "country", "region",
           "postal_code")  # fmt: skip
FIELDS = (*(f"person.{one}" for one in PERSON), *(f"company.{one}" for one in COMPANY))
"""What an answer may fill. Not what people and companies are recognised by: e-mail and domain."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is known of a buyer when a provider is asked; empty where it is not."""

    domain: str = ""
    email: str = ""
    company: str = ""
    country: str = ""
    title: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider says, by field as in `FIELDS`, and how sure it is, 0 to 100."""

    values: Mapping[str, Any] = field(default_factory=dict)
    confidence: int = 0


class Provider(Protocol):
    """Anything that answers. Raises Failed; never writes."""

    def ask(self, question: Question) -> Answer:
        """What is known for this question; an empty answer if nothing is."""
        ...
