"""Opens PDF and TIFF files in child processes that may be killed, and counts their pages."""

from gateway.inspector.inspector import Inspector, UnreadableError

__all__ = ["Inspector", "UnreadableError"]
