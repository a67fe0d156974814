"""The kit on the command line: for people in a terminal, for Git, for CI. The exit code tells."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from core import database
from core.errors import DomainError, FieldError
from governance import change_words, documents, facts, kit_yaml, selectors, services
from governance.models import KitVersion, Signature
from lifecycle import kit_text, playbook
from people.models import User

ACTIVE = "active"


class Command(BaseCommand):
    """Shows, starts, exports, imports, compares, checks, signs and publishes kits."""

    help = __doc__ or ""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One sub-command per verb."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        kit = "number of a version, or “active”"

        show = verbs.add_parser("show", help="a version in words")
        show.add_argument("version", nargs="?", default=ACTIVE, help=kit)

        init = verbs.add_parser("init", help="publish the playbook as the first kit")
        init.add_argument("--by", required=True, help="username or e-mail of who signs it")
        init.add_argument("--file", type=Path, help="another kit in YAML instead of the playbook")

        export = verbs.add_parser("export", help="a version as YAML")
        export.add_argument("version", nargs="?", default=ACTIVE, help=kit)
        export.add_argument("--output", type=Path, help="file to write; standard output otherwise")

        take = verbs.add_parser("import", help="a new draft from YAML")
        take.add_argument("file", type=Path)
        take.add_argument("--by", required=True, help="username or e-mail of the author")
        take.add_argument("--title", default="", help="what the draft is about")
        take.add_argument("--dry-run", action="store_true", help="check only, store nothing")

        diff = verbs.add_parser("diff", help="differences; exit code 1 if there are any")
        diff.add_argument("other", help=f"{kit}, or a YAML file")
        diff.add_argument("--base", default=ACTIVE, help=f"{kit}, or a YAML file")

        check = verbs.add_parser("check", help="what stands against a kit; exit code 1 if anything")
        check.add_argument("kit", nargs="?", default=ACTIVE, help=f"{kit}, or a YAML file")

        sign = verbs.add_parser("sign", help="sign a draft as it stands")
        sign.add_argument("version", help="number of the draft")
        sign.add_argument("--by", required=True, help="username or e-mail of the signer")
        parties = [party.lower() for party in Signature.Party.values]
        sign.add_argument("--as", required=True, dest="party", choices=parties)

        publish = verbs.add_parser("publish", help="put a signed draft in force")
        publish.add_argument("version", help="number of the draft")
        publish.add_argument("--by", required=True, help="username or e-mail of the publisher")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the verb; a refusal becomes one clear message and exit code 1."""
        verb: Callable[..., None] = getattr(self, f"do_{options['verb']}")
        try:
            verb(options)
        except DomainError as refusal:
            listed = "".join(f"\n  {_line(fault)}" for fault in refusal.errors)
            raise CommandError(f"{refusal.message}{listed}") from refusal
        except BrokenPipeError:  # piped into `head`
            sys.stderr.close()

    def do_show(self, options: dict[str, Any]) -> None:
        """A version in words."""
        for line in kit_text.lines(_version(options["version"])):
            self.stdout.write(line)

    def do_init(self, options: dict[str, Any]) -> None:
        """The first kit: drafted, signed, active."""
        text = _file(options["file"]) if options["file"] else None
        version = playbook.publish(by=_user(options["by"]), now=database.now(), text=text)
        self.stdout.write(f"Kit v{version.number} “{version.title}” is active.")

    def do_export(self, options: dict[str, Any]) -> None:
        """A version as YAML; exporting what was imported gives the same bytes."""
        text = kit_yaml.dump(services.document_of(_version(options["version"])))
        if options["output"]:
            _write(options["output"], text)
        else:
            self.stdout.write(text, ending="")

    def do_import(self, options: dict[str, Any]) -> None:
        """A new draft, or only what stands against it."""
        document, by = _file(options["file"]), _user(options["by"])
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
            version = _version(name)
            self._tell(services.check(version), f"Kit v{version.number}")

    def do_sign(self, options: dict[str, Any]) -> None:
        """One signature on the text as it stands."""
        version, by = _version(options["version"]), _user(options["by"])
        party = options["party"].upper()
        signature = services.sign(version, party=party, by=by, now=database.now())
        what = f"{signature.get_party_display()} on kit v{version.number}"
        self.stdout.write(f"{by} has signed for {what}, text {signature.checksum[:12]}.")

    def do_publish(self, options: dict[str, Any]) -> None:
        """A signed draft comes into force."""
        version = services.publish(
            _version(options["version"]), by=_user(options["by"]), now=database.now()
        )
        self.stdout.write(f"Kit v{version.number} is active, text {version.checksum[:12]}.")

    def _tell(self, faults: list[FieldError], name: str) -> None:
        if not faults:
            self.stdout.write(f"{name}: nothing stands against it.")
            return
        for fault in faults:
            self.stdout.write(_line(fault))
        raise CommandError(f"{name}: {len(faults)} to mend.")


def _line(fault: FieldError) -> str:
    return f"{fault.field}: {fault.message}"


def _version(name: str) -> KitVersion:
    if name == ACTIVE:
        active = selectors.active_version()
        if active is None:
            raise selectors.NoActiveKit
        return active
    number = name.removeprefix("v")
    version = KitVersion.objects.filter(number=number).first() if number.isdecimal() else None
    if version is None:
        raise CommandError(f"There is no kit version “{name}”: give a number, or “active”.")
    return version


def _user(name: str) -> User:
    user = User.objects.filter(Q(username=name) | Q(email__iexact=name), is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user “{name}”: give a username or an e-mail.")
    return user


def _is_file(name: str) -> bool:
    return Path(name).suffix in (".yaml", ".yml") or "/" in name


def _document(name: str) -> dict[str, Any]:
    if _is_file(name):
        return documents.completed(_file(Path(name)))
    return services.document_of(_version(name))


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
