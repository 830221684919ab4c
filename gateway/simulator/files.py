"""Uploaded files. Their octets are kept for good, so that tests can compare them; their paths expire."""

import hashlib
from pathlib import PurePath

from gateway.simulator import pages
from gateway.simulator.job import Upload
from gateway.simulator.refusal import RefusedError
from gateway.simulator.settings import SimulatorSettings

MOST_FILES = 10
MEDIA_TYPES = {
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".rtf": "application/rtf",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".txt": "text/plain",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Files:
    """All uploads ever made, by their paths."""

    def __init__(self) -> None:
        self.uploads: dict[str, Upload] = {}
        self._contents: dict[str, bytes] = {}

    def add(self, token: str, name: str, media_type: str, content: bytes, now: float) -> Upload:
        """Store a file under a path made from the token. Equal contents take memory only once.

        Raises:
            RefusedError: the name's extension or the media type is none that FAX.PLUS takes, or they differ.
        """
        extension = PurePath(name).suffix.lower()
        if MEDIA_TYPES.get(extension) != media_type.partition(";")[0].strip().lower():
            raise RefusedError("invalid_file_type", f"fax_file: {extension or 'no extension'} sent as {media_type}")
        upload = Upload(
            path=f"/storage/transient-{token}{extension}",
            name=name,
            media_type=MEDIA_TYPES[extension],
            content=self._contents.setdefault(hashlib.sha256(content).hexdigest(), content),
            pages=pages.count(content, MEDIA_TYPES[extension]),
            uploaded_at=now,
        )
        self.uploads[upload.path] = upload
        return upload

    def named(self, paths: tuple[str, ...], now: float, settings: SimulatorSettings) -> tuple[Upload, ...]:
        """Find the files of a new fax.

        Raises:
            RefusedError: too many, unknown or expired, or too big together.
        """
        if len(paths) > MOST_FILES:
            raise RefusedError("too_many_files", f"At most {MOST_FILES} files per fax")
        found = tuple(self._present(path, now, settings.upload_lifetime) for path in paths)
        refuse_size(sum(len(upload.content) for upload in found), settings)
        return found

    def _present(self, path: str, now: float, lifetime: float) -> Upload:
        upload = self.uploads.get(path)
        if upload is None or now - upload.uploaded_at > lifetime:
            raise RefusedError("invalid_file", f"files: {path} does not exist or has expired")
        return upload


def refuse_size(octets: int, settings: SimulatorSettings) -> None:
    """Refuse what is too big for a fax.

    Raises:
        RefusedError: it is.
    """
    if octets > settings.size_limit:
        raise RefusedError("payload_too_large", f"At most {settings.size_limit} octets per fax")
