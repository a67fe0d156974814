"""The kit on the command line: for people in a terminal, for Git, for CI. The exit code tells."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import database
from core.errors import DomainError, FieldError
from governance import change_words, documents, facts, kit_yaml, services
from lifecycle import kit_applications, kit_report, kit_steps, kit_text, playbook
from lifecycle.kit_report import Report
from lifecycle.simulation import terminal

STEPS = {**kit_steps.VERBS, **kit_applications.VERBS, **terminal.VERBS}


class Command(BaseCommand):
    """Shows, starts, exports, imports, compares, checks, signs and publishes kits."""

    help = __doc__ or ""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One sub-command per verb."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        kit = "number of a version, or “active”"

        show = verbs.add_parser("show", help="a version in words")
        show.add_argument("version", nargs="?", default=kit_steps.ACTIVE, help=kit)

        init = verbs.add_parser("init", help="publish the playbook as the first kit")
        init.add_argument("--by", required=True, help="username or e-mail of who signs it")
        init.add_argument("--file", type=Path, help="another kit in YAML instead of the playbook")

        export = verbs.add_parser("export", help="a version as YAML")
        export.add_argument("version", nargs="?", default=kit_steps.ACTIVE, help=kit)
        export.add_argument("--output", type=Path, help="file to write; standard output otherwise")

        take = verbs.add_parser("import", help="a new draft from YAML")
        take.add_argument("file", type=Path)
        take.add_argument("--by", required=True, help="username or e-mail of the author")
        take.add_argument("--title", default="", help="what the draft is about")
        take.add_argument("--dry-run", action="store_true", help="check only, store nothing")

        diff = verbs.add_parser("diff", help="differences; exit code 1 if there are any")
        diff.add_argument("other", help=f"{kit}, or a YAML file")
        diff.add_argument("--base", default=kit_steps.ACTIVE, help=f"{kit}, or a YAML file")

        check = verbs.add_parser("check", help="what stands against a kit; exit code 1 for errors")
        check.add_argument(
            "kit", nargs="?", default=kit_steps.ACTIVE, help=f"{kit}, or a YAML file"
        )
        check.add_argument("--json", action="store_true", help="for machines")
        check.add_argument("--strict", action="store_true", help="exit code 1 for warnings too")

        kit_steps.declare(verbs)
        kit_applications.declare(verbs)
        terminal.declare(verbs)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the verb; a refusal becomes one clear message and exit code 1."""
        try:
            if step := STEPS.get(options["verb"]):
                step(options, self.stdout.write)
            else:
                getattr(self, f"do_{options['verb']}")(options)
        except DomainError as refusal:
            listed = "".join(f"\n  {_line(fault)}" for fault in refusal.errors)
            raise CommandError(f"{refusal.message}{listed}") from refusal
        except BrokenPipeError:  # piped into `head`
            sys.stderr.close()

    def do_show(self, options: dict[str, Any]) -> None:
        """A version in words."""
        for line in kit_text.lines(kit_steps.version_of(options["version"])):
            self.stdout.write(line)

    def do_init(self, options: dict[str, Any]) -> None:
        """The first kit: drafted, signed, active."""
        text = _file(options["file"]) if options["file"] else None
        version = playbook.publish(
            by=kit_steps.user_of(options["by"]), now=database.now(), text=text
        )
        self.stdout.write(f"Kit v{version.number} “{version.title}” is active.")

    def do_export(self, options: dict[str, Any]) -> None:
        """A version as YAML; exporting what was imported gives the same bytes."""
        text = kit_yaml.dump(services.document_of(kit_steps.version_of(options["version"])))
        if options["output"]:
            _write(options["output"], text)
        else:
            self.stdout.write(text, ending="")

    def do_import(self, options: dict[str, Any]) -> None:
        """A new draft, or only what stands against it."""
        document, by = _file(options["file"]), kit_steps.user_of(options["by"])
        if options["dry_run"]:
            report = kit_report.of_document(document, str(options["file"]))
            self._say(report)
            if report.fails():
                sys.exit(1)
            return
        title = options["title"] or f"From {options['file'].name}"
        version = services.draft_from_document(document, title=title, by=by, now=database.now())
        self.stdout.write(f"Kit v{version.number} is a draft now.")
        self._say(kit_report.of_version(version))

    def do_diff(self, options: dict[str, Any]) -> None:
        """Each part that was added, removed or changed."""
        documents = _document(options["base"]), _document(options["other"])
        found = change_words.between(*documents, facts.registry)
        for line in kit_text.change_lines(found):
            self.stdout.write(line)
        if found:
            sys.exit(1)
        self.stdout.write("No difference.")

    def do_check(self, options: dict[str, Any]) -> None:
        """What is to be said against a kit; exit code 1 for errors, or for anything if strict."""
        name = options["kit"]
        report = (
            kit_report.of_document(_file(Path(name)), name)
            if _is_file(name)
            else kit_report.of_version(kit_steps.version_of(name))
        )
        self._say(report, as_json=options["json"])
        if report.fails(strict=options["strict"]):
            sys.exit(1)

    def _say(self, report: Report, *, as_json: bool = False) -> None:
        for line in report.as_json() if as_json else report.lines():
            self.stdout.write(line)


def _line(fault: FieldError) -> str:
    return f"{fault.field}: {fault.message}"


def _is_file(name: str) -> bool:
    return Path(name).suffix in (".yaml", ".yml") or "/" in name


def _document(name: str) -> dict[str, Any]:
    if _is_file(name):
        return documents.completed(_file(Path(name)))
    return services.document_of(kit_steps.version_of(name))


def _file(path: Path) -> dict[str, Any]:
    try:
        return kit_yaml.read(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise CommandError(f"{path} cannot be read: {fault.strerror}.") from fault
    except UnicodeDecodeError as fault:
        raise CommandError(f"{path} is no text in UTF-8.") from fault


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise CommandError(f"{path} cannot be written: {fault.strerror}.") from fault
