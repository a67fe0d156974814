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
from lifecycle import kit_applications, kit_steps, kit_text, playbook
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

        check = verbs.add_parser("check", help="what stands against a kit; exit code 1 if anything")
        check.add_argument(
            "kit", nargs="?", default=kit_steps.ACTIVE, help=f"{kit}, or a YAML file"
        )

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
            self._tell(services.check_document(document), str(options["file"]))
            return
        title = options["title"] or f"From {options['file'].name}"
        version = services.draft_from_document(document, title=title, by=by, now=database.now())
        self.stdout.write(f"Kit v{version.number} is a draft now.")
        for fault in services.check(version):
            self.stdout.write(f"  {_line(fault)}")

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
        """What stands against executing a kit."""
        name = options["kit"]
        if _is_file(name):
            self._tell(services.check_document(_file(Path(name))), name)
        else:
            version = kit_steps.version_of(name)
            self._tell(services.check(version), f"Kit v{version.number}")

    def _tell(self, faults: list[FieldError], name: str) -> None:
        if not faults:
            self.stdout.write(f"{name}: nothing stands against it.")
            return
        for fault in faults:
            self.stdout.write(_line(fault))
        raise CommandError(f"{name}: {len(faults)} to mend.")


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
