"""How much of an upload is taken in: what is larger is read to its end and thrown away, so that
the browser hears why instead of losing its connection."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

TOO_LARGE = "leadgov.upload_too_large"


class Quota(FileUploadHandler):
    """Stands before the handlers that keep files, and stops them in time."""

    taken = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand on what still fits."""
        self.taken += len(raw_data)
        if self.taken > settings.IMPORT_MAX_BYTES and self.request is not None:
            self.request.META[TOO_LARGE] = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        """Others keep the file."""
        return None


def was_too_large(request: HttpRequest) -> bool:
    """Whether this request sent more than is taken in."""
    return bool(request.META.get(TOO_LARGE))
