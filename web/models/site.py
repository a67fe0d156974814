"""Websites of the company whose pages tell us what visitors look at, once they agree."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from core import history
from web.models.hosted_form import origins_in, validate_key, validate_origins

LONGEST_PATTERN = 300


def rules_in(text: str) -> tuple[tuple[str, str], ...]:
    """The lines of a text as pairs of a path and the signal that looking at it is.

    Raises ValidationError naming the line that is none.
    """
    return tuple(_rule(line.strip()) for line in text.splitlines() if line.strip())


def _rule(line: str) -> tuple[str, str]:
    pattern, _, signal = line.partition(" ")
    if not pattern.startswith(("/", "*")) or len(pattern) > LONGEST_PATTERN or not signal.strip():
        raise ValidationError(
            f"“{line[:100]}” is no rule: write a path and a signal, such as "
            "/pricing* pricing_page_view."
        )
    return pattern, signal.strip()


def validate_rules(text: str) -> None:
    """One rule a line."""
    rules_in(text)


class Site(models.Model):
    """One website: from where it may send, what its pages mean, and how much it may send."""

    key = models.CharField(
        max_length=60,
        unique=True,
        validators=[validate_key],
        help_text="In the snippet: data-site.",
    )
    active = models.BooleanField(default=True)
    label = models.CharField(max_length=80)
    allowed_origins = models.TextField(
        max_length=4000,
        validators=[validate_origins],
        help_text="From where it may send, one a line: https://www.example.com.",
    )
    rules = models.TextField(
        blank=True,
        max_length=20_000,
        validators=[validate_rules],
        help_text="A path and the signal that looking at it is, one a line: /pricing* "
        "pricing_page_view. “*” stands for anything; the first that fits counts.",
    )
    page_signal = models.CharField(
        max_length=60, blank=True, default="page_view",
        help_text="What looking at any other page is. Empty: nothing.",
    )  # fmt: skip
    events = models.TextField(
        blank=True, max_length=4000,
        help_text="Signals that pages may send by themselves with leadgov.track(…), one a line.",
    )  # fmt: skip
    network_limit = models.PositiveIntegerField(
        default=300,
        validators=[MinValueValidator(1)],
        help_text="Signals in ten minutes from one network.",
    )
    site_limit = models.PositiveIntegerField(
        default=30_000, validators=[MinValueValidator(1)], help_text="In ten minutes in all."
    )
    daily_limit = models.PositiveIntegerField(
        default=1_000_000, validators=[MinValueValidator(1)], help_text="In a day in all."
    )
    history = history.records()

    class Meta:
        verbose_name = "website"

    def __str__(self) -> str:
        return self.label

    @property
    def origins(self) -> tuple[str, ...]:
        """From where it may send."""
        return origins_in(self.allowed_origins)

    @property
    def own_events(self) -> tuple[str, ...]:
        """Signals that its pages may send by themselves."""
        return tuple(line.strip() for line in self.events.splitlines() if line.strip())

    @property
    def kinds(self) -> frozenset[str]:
        """Every signal it speaks of."""
        named = {self.page_signal, *self.own_events, *(kind for _, kind in rules_in(self.rules))}
        return frozenset(named - {""})
