"""Making keys of machines: each acts as a service user, is stored hashed, and is shown once."""

from __future__ import annotations

from django.db import transaction
from django.utils.text import slugify

from core import errors
from people.models import ApiKey, Role, User


@transaction.atomic
def make(name: str, *, scope: str, user: User | None = None) -> tuple[ApiKey, str]:
    """A new key and its text, which is nowhere else; by default of a service user of that name.

    Raises InvalidInput where the name does not do, or belongs to somebody else.
    """
    longest = ApiKey._meta.get_field("name").max_length or 0
    if not name or len(name) > longest or not name.isprintable():
        raise errors.InvalidInput(f"A name has at most {longest} printable characters.")
    if ApiKey.objects.filter(name=name).exists():
        raise errors.InvalidInput(f"There is a key “{name}” already; choose another name.")
    acts_as = user or service_user(name)
    made, text = ApiKey.objects.create(user=acts_as, name=name, scope=scope, expiry=None)
    return made, text


def service_user(name: str) -> User:
    """The machine's own user: no password, no log-in.

    Raises InvalidInput where a person has that user name.
    """
    username = f"service-{slugify(name, allow_unicode=True) or 'key'}"
    user, made = User.objects.get_or_create(
        username=username,
        defaults={"email": f"{username}@service.invalid", "role": Role.SERVICE},
    )
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    if user.role != Role.SERVICE or not user.is_active:
        raise errors.InvalidInput(f"The user “{username}” is no active service user.")
    return user
