"""The mails that the gateway writes: from what happened to an `EmailMessage`. Pure.

A confirmation is an automatic answer (RFC 3834), for people first; a report where one is due (RFC 3461). Programs find
the same facts in its header: `gateway.notice.fields` says which.
"""

from gateway.notice.composer import Composer, Manner
from gateway.notice.library import Library, LibraryError
from gateway.notice.mail import to_bytes
from gateway.notice.operator import forward, operator
from gateway.notice.returned import Original
from gateway.notice.sample import prove
from gateway.notice.story import Story
from gateway.notice.wishes import addressee, owed, owed_accepted, owed_late, reported

__all__ = [
    "Composer",
    "Library",
    "LibraryError",
    "Manner",
    "Original",
    "Story",
    "addressee",
    "forward",
    "operator",
    "owed",
    "owed_accepted",
    "owed_late",
    "prove",
    "reported",
    "to_bytes",
]
