"""The FAX.PLUS API, and what each of its answers means to us: done, not done, never, or nobody knows."""

from gateway.faxplus.account import Account, Balance, FaxNumber, Hook
from gateway.faxplus.answers import FaxPlusError, Verdict
from gateway.faxplus.client import FaxPlus
from gateway.faxplus.cover import Cover
from gateway.faxplus.shapes import Hint, Listing, Record, read_hint
from gateway.faxplus.token import TokenSource, token_source
from gateway.faxplus.wire import http_client

__all__ = [
    "Account",
    "Balance",
    "Cover",
    "FaxNumber",
    "FaxPlus",
    "FaxPlusError",
    "Hint",
    "Hook",
    "Listing",
    "Record",
    "TokenSource",
    "Verdict",
    "http_client",
    "read_hint",
    "token_source",
]
