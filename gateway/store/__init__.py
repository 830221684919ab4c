"""The only SQL: submissions, faxes, their history, notices; on SQLite or PostgreSQL with the same statements."""

from gateway.store.engine import DatabaseBusyError, DatabaseNewerError, open_engine
from gateway.store.store import Store
from gateway.store.writer import CommitUnknownError, Writer

__all__ = ["CommitUnknownError", "DatabaseBusyError", "DatabaseNewerError", "Store", "Writer", "open_engine"]
