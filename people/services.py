"""What changes about people besides what the administration edits."""

from __future__ import annotations

import secrets

from people.models import User


def mail_token(user: User) -> str:
    """The secret part of this person's blind-copy address; made when it is first asked for."""
    if not user.mail_token:
        fresh = secrets.token_hex(8)
        # Two pages opened at once: the first token counts.
        User.objects.filter(pk=user.pk, mail_token="").update(mail_token=fresh)
        user.mail_token = User.objects.values_list("mail_token", flat=True).get(pk=user.pk)
    return user.mail_token


def renew_mail_token(user: User) -> str:
    """A new address, as after the old one became known to others; the old one ends at once."""
    user.mail_token = secrets.token_hex(8)
    User.objects.filter(pk=user.pk).update(mail_token=user.mail_token)
    return user.mail_token
