"""Who calls: a machine by its key. People come with their session."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime

from django.db.models import Q
from knox import auth, crypto
from knox.settings import CONSTANTS
from rest_framework.exceptions import AuthenticationFailed

from core import database, reading
from people.models import ApiKey, User

KEY_SHAPE = re.compile(rb"[0-9a-f]{64}")


class ApiKeyAuthentication(auth.TokenAuthentication):  # type: ignore[misc]
    """`Authorization: Api-Key …`, compared by hash; a refused key is 401 with the reason.

    Keys are never deleted here: a key that has expired or was revoked stays as a record.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiKey]:
        """The key and the service user it acts as; one query, plus one write a day."""
        key, now = _find(token)
        if key is None:
            raise AuthenticationFailed("This API key is not known.", code="key_unknown")
        if key.revoked_at is not None:
            raise AuthenticationFailed("This API key was revoked.", code="key_revoked")
        if key.expiry is not None and key.expiry <= now:
            raise AuthenticationFailed("This API key has expired.", code="key_expired")
        if not key.user.is_active:
            raise AuthenticationFailed(
                "The user of this API key is inactive.", code="user_inactive"
            )
        _note_use(key, now=now)
        return key.user, key


def _find(token: bytes) -> tuple[ApiKey | None, datetime]:
    """The key, and the present instant by the database: hosts do not agree when one expires."""
    if not KEY_SHAPE.fullmatch(token):
        return None, datetime.max.replace(tzinfo=UTC)
    text = token.decode("ascii")
    digest = crypto.hash_token(text)
    start = text[: CONSTANTS.TOKEN_KEY_LENGTH]
    alike = reading.rows(ApiKey, "WHERE token_key = %s", start)
    users = reading.rows(User, _USERS, start)
    clock = database.clock()
    reading.ask(alike, users, clock)
    found: ApiKey | None = None
    for key in alike.found:
        if hmac.compare_digest(digest, key.digest):
            found = key
    if found is not None:
        found.user = next(user for user in users.found if user.pk == found.user_id)
    return found, clock.found[0]


_USERS = "WHERE id IN (SELECT user_id FROM people_apikey WHERE token_key = %s)"


def _note_use(key: ApiKey, *, now: datetime) -> None:
    today = now.date()
    if key.last_used_date is None or key.last_used_date < today:
        unnoted = Q(last_used_date__isnull=True) | Q(last_used_date__lt=today)
        ApiKey.objects.filter(unnoted, pk=key.pk).update(last_used_date=today)
