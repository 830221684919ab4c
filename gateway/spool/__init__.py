"""Where accepted mail lies: in a directory beside the database, or in the database when several machines share it."""

from gateway.spool.database import DatabaseSpool
from gateway.spool.directory import Draft, Spool

__all__ = ["DatabaseSpool", "Draft", "Spool"]
