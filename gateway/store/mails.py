"""Accepted mail in the database, in pieces, so that no machine holds a whole mail in memory."""

from collections.abc import Collection
from pathlib import Path

from sqlalchemy import Connection, Delete, Select, delete, insert, select

from gateway.store.tables import MAIL_CHUNKS

PIECE = 256 * 1024
"""Octets of a piece; the last one is shorter."""


def put(connection: Connection, id: str, path: Path) -> None:
    """Insert a mail, a piece in memory at a time.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        position = 0
        while octets := file.read(PIECE):
            connection.execute(insert(MAIL_CHUNKS).values(submission_id=id, position=position, octets=octets))
            position += 1


def piece(id: str, position: int) -> Select[bytes]:
    """Select a piece of a mail by its place, from 0."""
    place = MAIL_CHUNKS.c.submission_id == id, MAIL_CHUNKS.c.position == position
    return select(MAIL_CHUNKS.c.octets).where(*place)


def remove(ids: Collection[str]) -> Delete:
    """Delete mails."""
    return delete(MAIL_CHUNKS).where(MAIL_CHUNKS.c.submission_id.in_(ids))
