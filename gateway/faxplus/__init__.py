"""The FAX.PLUS API, and what each of its answers means to us: temporary, permanent or uncertain, decided in one place."""

from gateway.faxplus.answers import FaxPlusError, Verdict
from gateway.faxplus.client import FaxPlus
from gateway.faxplus.shapes import Hint, Listing, Record
from gateway.faxplus.shapes import hint as read_hint
from gateway.faxplus.token import TokenSource, token_source
from gateway.faxplus.wire import http_client

__all__ = [
    "FaxPlus",
    "FaxPlusError",
    "Hint",
    "Listing",
    "Record",
    "TokenSource",
    "Verdict",
    "http_client",
    "read_hint",
    "token_source",
]
