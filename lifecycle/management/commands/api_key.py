"""Keys of machines: make one, revoke one, list them."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import database
from core.errors import InvalidInput
from people import api_keys
from people.models import ApiKey, User


class Command(BaseCommand):
    """`api_key NAME --scope capture|read|write` prints the key once; only its hash is kept."""

    help = "Make an API key for a service user (printed once), revoke one, or list all."

    def add_arguments(self, parser: CommandParser) -> None:
        """NAME names the key; by default it also names the service user behind it."""
        parser.add_argument("name", nargs="?", metavar="NAME", help="What the key is for.")
        act = parser.add_mutually_exclusive_group(required=True)
        scopes = [scope.lower() for scope in ApiKey.Scope.values]
        act.add_argument("--scope", choices=scopes, help="What the key may do.")
        act.add_argument("--revoke", action="store_true", help="End the key NAME at once.")
        act.add_argument("--list", action="store_true", help="List all keys; never shows them.")
        parser.add_argument("--user", help="Username the key acts as; default: a service user.")
        parser.formatter_class = argparse.ArgumentDefaultsHelpFormatter

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuses with one line that says what to do."""
        name = (options["name"] or "").strip()
        if options["list"]:
            self._list()
        elif not name:
            raise CommandError("Name the key, for example: api_key website --scope capture")
        elif options["revoke"]:
            self._revoke(name)
        else:
            self._make(name, scope=options["scope"].upper(), username=options["user"])

    def _make(self, name: str, *, scope: str, username: str | None) -> None:
        user = _person(username) if username else None
        try:
            made, key = api_keys.make(name, scope=scope, user=user)
        except InvalidInput as refusal:
            raise CommandError(refusal.message) from None
        self.stderr.write(f"Key “{name}” acts as {made.user.username}. It is shown only this once:")
        self.stdout.write(key)

    def _revoke(self, name: str) -> None:
        ended = ApiKey.objects.filter(name=name, revoked_at__isnull=True).update(
            revoked_at=database.now()
        )
        if not ended:
            raise CommandError(f"There is no working key “{name}”; see api_key --list.")
        self.stdout.write(f"Key “{name}” is revoked.")

    def _list(self) -> None:
        for key in ApiKey.objects.select_related("user").order_by("name"):
            state = "revoked" if key.revoked_at else "working"
            used = key.last_used_date.isoformat() if key.last_used_date else "never"
            row = (key.name, key.scope.lower(), key.user.username, state, f"last used {used}")
            self.stdout.write("\t".join(row))


def _person(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user “{username}”.")
    return user
