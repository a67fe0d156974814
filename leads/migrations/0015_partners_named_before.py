"""Touches that came before name their partner in a column, too."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from leads import partner_naming

AT_ONCE = 1_000


def fill_in(apps: Any, schema_editor: Any) -> None:
    touches = apps.get_model("leads", "Touch").objects
    naming = touches.filter(payload__source__has_key="partner", partner_key="")
    found = []
    for touch in naming.only("payload").iterator(AT_ONCE):
        keys = partner_naming.said_in(touch.payload)
        if keys.name:
            touch.partner_key, touch.partner_domain = keys.name, keys.domain
            found.append(touch)
    touches.bulk_update(found, ["partner_key", "partner_domain"], batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [("leads", "0014_partners_named")]

    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop)]
