"""A hosted form as the public door needs it, read once a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.http import Http404

from web.models import FormQuestion, HostedForm

OWN = "q"
"""What the names of a form's own questions begin with; the row's id follows."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask. `known` are the fields we know; others are kept under their label."""

    name: str
    label: str
    required: bool = False
    help: str = ""
    known: bool = True
    kind: str = "TEXT"
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicForm:
    """One form as the world sees it, and the signal that sending it is."""

    key: str
    title: str
    intro: str
    points: tuple[str, ...]
    button: str
    thanks: str
    signal: str
    questions: tuple[Question, ...]
    consent_words: str
    consent_way: str
    language: str
    origins: tuple[str, ...]
    onward: str
    """Where to go once it was sent: a page of one of the sites; empty for our own thanks."""
    min_seconds: int
    network_limit: int
    form_limit: int
    daily_limit: int


def find(key: str) -> PublicForm:
    """The active form of this key; two queries. Raises Http404 for all others alike."""
    row = HostedForm.objects.filter(key=key, active=True).first()
    if row is None:
        raise Http404("There is no such form.")
    asked = FormQuestion.objects.filter(form=row).order_by("position", "pk")
    return PublicForm(
        key=row.key,
        title=row.title,
        intro=row.intro,
        points=tuple(line.strip() for line in row.points.splitlines() if line.strip()),
        button=row.button,
        thanks=row.thanks,
        signal=row.signal,
        questions=tuple(map(_question, asked)),
        consent_words=row.consent_words,
        consent_way=row.consent_way,
        language=row.language,
        origins=row.origins,
        onward=row.onward,
        min_seconds=row.min_seconds,
        network_limit=row.network_limit,
        form_limit=row.form_limit,
        daily_limit=row.daily_limit,
    )


def shape(public: PublicForm) -> dict[str, str]:
    """What a page asked: the label of each question by its name."""
    return {one.name: one.label for one in public.questions}


def as_shown(public: PublicForm, asked: Mapping[str, str] | None) -> PublicForm:
    """The form as the visitor saw it, though it was changed meanwhile.

    What was not asked of them need not be answered; what is asked no more is taken all the same.
    """
    if asked is None or asked == shape(public):
        return public
    now = {one.name for one in public.questions}
    questions = [
        one if one.name in asked else replace(one, required=False) for one in public.questions
    ]
    known = set(FormQuestion.Known.values)
    questions += [
        Question(name, label, known=name in known, kind="LONG")
        for name, label in asked.items()
        if name not in now
    ]
    return replace(public, questions=tuple(questions))


def _question(row: FormQuestion) -> Question:
    return Question(
        name=row.name or f"{OWN}{row.pk}",
        label=row.label,
        required=row.required,
        help=row.help,
        known=bool(row.name),
        kind=row.kind,
        options=row.lines,
    )
