"""The only SQL: submissions, faxes, their history, notices; on SQLite or PostgreSQL with the same statements."""

from gateway.store.engine import ClocksApartError, DatabaseBusyError, DatabaseNewerError, open_engine
from gateway.store.fragments import FragmentAgainError, FragmentsChangedError
from gateway.store.shelf import Shelf
from gateway.store.store import Store
from gateway.store.writer import CommitUnknownError, Writer

__all__ = [
    "ClocksApartError",
    "CommitUnknownError",
    "DatabaseBusyError",
    "DatabaseNewerError",
    "FragmentAgainError",
    "FragmentsChangedError",
    "Shelf",
    "Store",
    "Writer",
    "open_engine",
]
