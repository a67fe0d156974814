"""Catalogs without other tools: what is marked is found, and what is translated is read."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

from devtools import catalog, texts


def test_every_way_of_marking_in_a_module_is_found() -> None:
    source = """
_("One {name}.").format(name=name)
texts.lazy("Two"), words.plural(count, "lead"), plural(n, "company", "companies")
ngettext("day", "days", n), other("Not this"), _(variable)
"""
    assert set(texts.of_python(source)) == {
        ("One {name}.", ""), ("Two", ""), ("{count} lead", "{count} leads"),
        ("{count} company", "{count} companies"), ("day", "days"),
    }  # fmt: skip


def test_a_template_says_its_texts_as_its_tags_ask_for_them() -> None:
    source = """{% translate 'One' %} {{ name|default:_("Nobody") }} {% translate "50 %" %}
{% blocktranslate trimmed count n=rows|length with who=lead.name %}
  {{ n }} lead of {{ who }}{% plural %}
  {{ n }} leads of {{ who }}
{% endblocktranslate %}"""
    assert list(texts.of_template(source)) == [
        ("One", ""), ("Nobody", ""), ("50 %%", ""),
        ("%(n)s lead of %(who)s", "%(n)s leads of %(who)s"),
    ]  # fmt: skip


def test_the_product_says_thousands_of_texts() -> None:
    found = texts.every()
    assert len(found) > 3_500
    assert ("Accept", "") in found
    assert ("{count} lead", "{count} leads") in found


def test_a_catalog_keeps_what_is_translated_and_is_read(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    marked = {("Accept", ""): ["a.py"], ("{count} lead", "{count} leads"): ["b.py"]}
    catalog.bring_up(path, marked, "de")
    path.write_text(
        path.read_text()
        .replace('msgid "Accept"\nmsgstr ""', 'msgid "Accept"\nmsgstr "Annehmen „jetzt“"')
        .replace('msgstr[0] ""', 'msgstr[0] "{count} Lead"')
        .replace('msgstr[1] ""', 'msgstr[1] "{count} Leads"')
    )
    told = catalog.bring_up(path, {**marked, ("New", ""): ["c.py"]}, "de")
    assert told == "django.po: 2 of 3 translated"
    read = gettext.GNUTranslations(io.BytesIO(path.with_suffix(".mo").read_bytes()))
    assert read.gettext("Accept") == "Annehmen „jetzt“"
    assert read.ngettext("{count} lead", "{count} leads", 7) == "{count} Leads"
    assert read.gettext("New") == "New"
