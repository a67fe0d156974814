"""Forms that visitors fill in, on our pages or embedded in the company's website."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from core import history

validate_key = RegexValidator(
    r"^[a-z][a-z0-9-]*$", "Use lower-case letters, digits and “-”, a letter first."
)
validate_language = RegexValidator(
    r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "Write a language tag such as en, de or pt-BR."
)


def origins_in(text: str) -> tuple[str, ...]:
    """The lines of a text as origins, as browsers write them: https://www.example.com.

    Raises ValidationError naming the line that is none.
    """
    found = [_origin(line.strip()) for line in text.splitlines() if line.strip()]
    return tuple(dict.fromkeys(found))


def _origin(line: str) -> str:
    fault = ValidationError(
        f"“{line[:100]}” is no origin: write scheme and host, such as https://www.example.com."
    )
    try:
        parts = urlsplit(line if _is_plain(line) else "")
        host, port = parts.hostname or "", parts.port
        name = host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise fault from None
    local = name in ("localhost", "127.0.0.1")
    sound = all(piece and set(piece) <= _LETTERS for piece in name.split("."))
    bare = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    if not (sound and bare and (parts.scheme == "https" or (local and parts.scheme == "http"))):
        raise fault
    usual = port in (None, {"https": 443, "http": 80}[parts.scheme])
    return f"{parts.scheme}://{name}{'' if usual else f':{port}'}"


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


def validate_origins(text: str) -> None:
    """One origin a line."""
    origins_in(text)


class HostedForm(models.Model):
    """One public form: its words, what it asks, where it may be embedded, how much it takes."""

    class ConsentWay(models.TextChoices):
        EMAIL = "EMAIL", "E-mail"
        PHONE = "PHONE", "Phone"

    key = models.CharField(
        max_length=60, unique=True, validators=[validate_key], help_text="Its address: /f/KEY/."
    )
    active = models.BooleanField(default=True, help_text="Others are not found by visitors.")
    title = models.CharField(max_length=120)
    intro = models.TextField(blank=True, max_length=500)
    points = models.TextField(blank=True, max_length=1000, help_text="One line each.")
    button = models.CharField(max_length=60, default="Send")
    thanks = models.TextField(max_length=500, help_text="What is said once it was sent.")
    signal = models.CharField(
        max_length=60, blank=True, help_text="The behaviour that sending it is, in the kit's words."
    )
    consent_words = models.CharField(
        max_length=300, blank=True, help_text="The words to agree to; empty: nothing is asked."
    )
    consent_way = models.CharField(
        max_length=5, choices=ConsentWay, default=ConsentWay.EMAIL, help_text="What it allows."
    )
    language = models.CharField(max_length=20, default="en", validators=[validate_language])
    allowed_origins = models.TextField(
        blank=True,
        max_length=4000,
        validators=[validate_origins],
        help_text="Sites that may embed it, one a line: https://www.example.com. Empty: none.",
    )
    redirect_url = models.CharField(
        max_length=500,
        blank=True,
        help_text="Where to go once it was sent, on one of the sites above. Empty: our own thanks.",
    )
    min_seconds = models.PositiveSmallIntegerField(
        default=2,
        validators=[MaxValueValidator(60)],
        help_text="Sent sooner, it is kept aside as suspected spam.",
    )
    network_limit = models.PositiveIntegerField(
        default=30,
        validators=[MinValueValidator(1)],
        help_text="Sendings in ten minutes from one network.",
    )
    form_limit = models.PositiveIntegerField(
        default=600, validators=[MinValueValidator(1)], help_text="Sendings in ten minutes in all."
    )
    daily_limit = models.PositiveIntegerField(
        default=10_000, validators=[MinValueValidator(1)], help_text="Sendings in a day in all."
    )
    history = history.records()

    class Meta:
        verbose_name = "hosted form"

    def __str__(self) -> str:
        return self.key

    @property
    def origins(self) -> tuple[str, ...]:
        """The sites that may embed it."""
        return origins_in(self.allowed_origins)

    @property
    def onward(self) -> str:
        """Where to go once it was sent, if that is a page of one of its sites; else empty."""
        url = self.redirect_url
        try:
            origin = _origin("/".join(url.split("/")[:3])) if _is_plain(url) else ""
            return url if origin.startswith("https://") and origin in self.origins else ""
        except ValidationError:
            return ""

    def clean(self) -> None:
        """A redirect leads to one of the sites above, and nowhere else."""
        if self.redirect_url and not self.onward:
            raise ValidationError(
                {"redirect_url": "Name a page (https) of one of the sites that may embed the form."}
            )


def _is_plain(url: str) -> bool:
    """Whether every browser reads an address alike: none drops or turns a letter of it."""
    return url.isprintable() and not any(letter.isspace() or letter == "\\" for letter in url)


class FormQuestion(models.Model):
    """One question of a form: about a field we know, or one of the form's own."""

    class Known(models.TextChoices):
        FIRST_NAME = "first_name", "First name"
        LAST_NAME = "last_name", "Last name"
        EMAIL = "email", "E-mail"
        PHONE = "phone", "Phone"
        TITLE = "title", "Job title"
        COMPANY = "company", "Company"
        DOMAIN = "domain", "Company's website"
        COUNTRY = "country", "Country"
        EMPLOYEES = "employees", "Number of employees"
        INDUSTRY = "industry", "Industry"
        POTENTIAL_VALUE = "potential_value", "Budget, as the potential value"
        NOTE = "note", "Message"

    class Kind(models.TextChoices):
        TEXT = "TEXT", "One line"
        LONG = "LONG", "Several lines"
        CHOICE = "CHOICE", "One of a list"
        TICK = "TICK", "Yes or no"

    form = models.ForeignKey(HostedForm, on_delete=models.PROTECT, related_name="questions")
    position = models.PositiveSmallIntegerField(default=100)
    name = models.CharField(
        "about", max_length=20, choices=Known, blank=True, help_text="Empty: a question of its own."
    )
    label = models.CharField(max_length=80)
    required = models.BooleanField(default=False)
    help = models.CharField(max_length=200, blank=True)
    kind = models.CharField(
        max_length=6, choices=Kind, default=Kind.TEXT, help_text="Of questions of its own."
    )
    options = models.TextField(blank=True, max_length=4000, help_text="Of a list: one a line.")
    history = history.records()

    class Meta:
        verbose_name = "question"
        constraints = [
            models.UniqueConstraint(fields=["form", "label"], name="question_label_once_per_form"),
            models.UniqueConstraint(
                fields=["form", "name"],
                condition=~models.Q(name=""),
                name="known_question_once_per_form",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def lines(self) -> tuple[str, ...]:
        """The options of a list."""
        found = (line.strip() for line in self.options.splitlines())
        return tuple(dict.fromkeys(line for line in found if line))

    def clean(self) -> None:
        """What is stored under its label must be nameable; a list has something to choose."""
        if not self.label.isprintable() or self.label.strip().lower() == "form":
            raise ValidationError({"label": "Choose other words for this question."})
        if not self.name and self.kind == self.Kind.CHOICE and not self.lines:
            raise ValidationError({"options": "Write the options, one a line."})


class FormSendings(models.Model):
    """How often forms were sent in one stretch of time: by a network, to a form, in all."""

    bucket = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "sendings of forms"
        verbose_name_plural = verbose_name
        constraints = [
            models.UniqueConstraint(fields=["bucket", "starts_at"], name="one_count_per_stretch")
        ]

    def __str__(self) -> str:
        return f"{self.bucket} {self.starts_at:%Y-%m-%d %H:%M}"
