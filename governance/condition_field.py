"""The condition builder as a field of a form: nested fieldsets first, with htmx where it runs.

The widget needs the console's address for acts on it, by URL name, and its `catalogue`: forms of a
part give it the signals of that part's kit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from governance import condition_editor, condition_view, facts
from governance.condition_editor import Editor
from governance.fact_catalogue import Catalogue
from governance.facts import Registry, Subject

WRAPS = (
    ("wrap-all", "Put into “All of these”"),
    ("wrap-any", "Put into “At least one of these”"),
    ("wrap-not", "Turn into its opposite"),
)
NOT_SAVED = "The condition was changed as you asked, and nothing was saved yet."


@dataclass(frozen=True, slots=True)
class Count:
    """How many leads match, in words."""

    text: str
    tone: str = ""


def catalogue_of(
    signals: tuple[str, ...] = (),
    *,
    about: Subject = Subject.LEAD,
    registry: Registry = facts.registry,
) -> Catalogue:
    """Everything a condition of a kit with these signals may say about the subject."""
    return Catalogue(registry, known={"kind": signals}, about=about)


def sent(data: Any) -> dict[str, list[str]]:
    """The fields of a form as lists, whatever held them."""
    if hasattr(data, "lists"):
        return dict(data.lists())
    return {
        name: list(value) if isinstance(value, list | tuple) else [str(value)]
        for name, value in data.items()
        if value is not None
    }


class ConditionWidget(forms.Widget):
    """The builder. `kit` is the number of the version whose signals are offered."""

    use_fieldset = True
    count: Count | None = None

    class Media:
        css: ClassVar[Any] = {"all": ["css/condition.css"]}
        js: ClassVar[Any] = [
            "django_htmx/htmx-4.min.js",
            forms.Script("js/menu.js", type="module"),
            forms.Script("js/condition.js", type="module"),
            forms.Script("js/fact-picker.js", type="module"),
        ]

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs)
        self.catalogue = catalogue_of()
        self.kit = ""

    def id_for_label(self, id_: str) -> str:
        """A group of inputs has no single one that a label could name."""
        return ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Editor:
        """The editor as it was sent, its act done."""
        return condition_editor.posted(sent(data), name, self.catalogue)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Neither as text nor as fields."""
        return name not in data and f"{name}-shown" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The whole builder; `value` is an editor, or a condition as it is stored."""
        shown = self.context(name, self.editor(value), id=(attrs or {}).get("id", f"id_{name}"))
        return render_to_string("governance/condition.html", shown)

    def answer(self, name: str, editor: Editor, *, count: Count | None, live: bool) -> SafeString:
        """What an act on the page gets back: the tree (`live`: only its faults) and the outcome."""
        shown = self.context(name, editor, id=f"id_{name}")
        shown |= {
            "live": live,
            "count": count,
            "flat": list(condition_view.flat(shown["tree"])) if live else [],
            "with_text": not editor.is_text_edited or editor.act == condition_editor.APPLY,
        }
        return render_to_string("governance/condition_answer.html", shown)

    def editor(self, value: Any) -> Editor:
        """The editor of whatever a form hands over: an editor, a document or its JSON text."""
        if isinstance(value, Editor):
            return value
        if isinstance(value, str):
            return condition_editor.posted({"c": [value]}, "c", self.catalogue)
        return condition_editor.opened(value, self.catalogue)

    def context(self, name: str, editor: Editor, *, id: str) -> dict[str, Any]:
        """What the templates show."""
        return {
            "name": name,
            "id": id,
            "label": "Condition",
            "kit": self.kit,
            "url": f"{reverse('console:kit-condition')}?field={name}&about={self.catalogue.about}",
            "editor": editor,
            "tree": condition_view.nodes(editor, self.catalogue),
            "groups": condition_view.groups(self.catalogue),
            "todos": condition_view.todos(editor, name),
            "sentence": condition_view.sentence(editor, self.catalogue),
            "wraps": WRAPS,
            "rows": min(max(editor.text.count("\n") + 2, 4), 24),
            "count": self.count,
        }


class ConditionField(forms.Field):
    """A condition; its value is the document as it is stored, None when nothing is asked."""

    widget: ConditionWidget = ConditionWidget  # type: ignore[assignment]  # a class until made

    def use(self, catalogue: Catalogue, *, kit: str) -> None:
        """Offer the signals of one kit version."""
        self.widget.catalogue, self.widget.kit = catalogue, kit

    def prepare_value(self, value: Any) -> Any:
        """A stored condition as JSON text, as scripts send it; an editor stays one."""
        if isinstance(value, Editor):
            return condition_editor.strict(value) if not value.act else value
        return self.widget.editor(value).text

    def clean(self, value: Any) -> Any:
        """The condition as it is stored. An act besides saving is done, and saves nothing."""
        editor = self.widget.editor(value)
        if editor.act:
            raise ValidationError(NOT_SAVED, code="acted")
        if editor.faults:
            raise ValidationError(editor.faults)
        if editor.document is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return editor.document

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another condition was sent than the one that is stored."""
        editor = self.widget.editor(data)
        return bool(editor.faults) or editor.document != initial
