"""What FAX.PLUS's words for the state of a fax mean: to the life of the fax, and to the person who sent it. Pure.

Sources: FAX.PLUS's status table (concepts/fax, help article 15831165215260); RFC 3463 for the codes.
The set is open: it has grown with every version of the API. Only `success` is success.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.fax import UNKNOWN


class Ending(StrEnum):
    """What a status means to the life of a fax."""

    DELIVERED = "delivered"  #: all of it arrived
    PENDING = "pending"  #: not ended
    REDIAL = "redial"  #: another dialling may help
    PARTIAL = "partial"  #: some pages may have arrived; never sent again by itself
    PERMANENT = "permanent"  #: another dialling would not help
    CREDIT = "credit"  #: the operator must act; the fax waits


@dataclass(frozen=True, slots=True)
class Meaning:
    """One status in our words."""

    ending: Ending
    words: str  #: what happened, to be read after "because" or alone
    advice: str  #: what the sender can do
    dsn: str  #: RFC 3463 status code


AGAIN = "You can send it again; it may work at another time."
CHECK_NUMBER = "Please check the number and send it again."
DOCUMENT = "Please print the document to a new PDF and send that."
ASK_FIRST = "Ask the recipient what arrived before you send it again: pages that arrived would arrive twice."

_CONVERSION = Meaning(Ending.PERMANENT, "the fax service could not convert the document", DOCUMENT, "5.6.5")
_PENDING = Meaning(Ending.PENDING, "it is being sent", "", "")

MEANINGS = {
    "success": Meaning(Ending.DELIVERED, "it was delivered", "", "2.1.5"),
    "in_progress": _PENDING,
    "submitted": _PENDING,
    "converting": _PENDING,
    "scheduled_for_sending": _PENDING,
    "sending": _PENDING,
    "partially_sent": Meaning(Ending.PARTIAL, "the call was cut off after some of the pages", ASK_FIRST, "4.4.2"),
    "partially_received": Meaning(Ending.PARTIAL, "the call was cut off after some of the pages", ASK_FIRST, "4.4.2"),
    # The call was dropped prematurely: pages may be through, so it is not dialled again by itself.
    "failed_fs_49": Meaning(Ending.PARTIAL, "the call was cut off, perhaps after some pages", ASK_FIRST, "4.4.2"),
    "insufficient_credit": Meaning(Ending.CREDIT, "the fax account needs attention", "", "4.3.5"),
    "failed": Meaning(Ending.REDIAL, "the fax service could not send it and gave no reason", AGAIN, "4.0.0"),
    "failed_internal_process_error": Meaning(Ending.REDIAL, "the fax service had an internal error", AGAIN, "4.3.0"),
    "failed_user_busy": Meaning(Ending.REDIAL, "the line was busy", AGAIN, "4.4.1"),
    "failed_no_answer": Meaning(Ending.REDIAL, "nobody answered", AGAIN, "4.4.1"),
    "failed_normal_clearing": Meaning(Ending.REDIAL, "the other side was busy or hung up", AGAIN, "4.4.1"),
    "failed_normal_temporary_failure": Meaning(Ending.REDIAL, "the telephone network had a fault", AGAIN, "4.4.5"),
    "failed_to_send": Meaning(Ending.REDIAL, "the fax service was too busy", AGAIN, "4.4.5"),
    # Timed out waiting for the first signal: nothing of the fax can have arrived.
    "failed_fs_2": Meaning(Ending.REDIAL, "no fax machine answered the call", AGAIN, "4.4.2"),
    "failed_unallocated_number": Meaning(Ending.PERMANENT, "the number is not in service", CHECK_NUMBER, "5.1.1"),
    "failed_invalid_number_format": Meaning(Ending.PERMANENT, "the number is not a valid one", CHECK_NUMBER, "5.1.3"),
    "failed_destination_not_supported": Meaning(
        Ending.PERMANENT, "the fax service does not call that number", CHECK_NUMBER, "5.4.4"
    ),
    "failed_mimetype_not_supported": Meaning(
        Ending.PERMANENT, "the fax service does not take documents of that kind", DOCUMENT, "5.6.1"
    ),
    "failed_office_converter_issue": _CONVERSION,
    "failed_separate_file_pages_issue": _CONVERSION,
    "failed_render_header_issue": _CONVERSION,
    "failed_image_preparation": _CONVERSION,
    "failed_convert_to_tiff_issue": _CONVERSION,
    "failed_unknown_converter_issue": _CONVERSION,
    UNKNOWN: Meaning(
        Ending.PERMANENT,
        "the fax service never said how it ended; it may have been sent",
        "Ask the recipient whether it arrived before you send it again.",
        "4.4.7",
    ),
}


def meaning(status: str) -> Meaning:
    """Return what a status means. What we have never heard of is a failure, named as it came."""
    known = MEANINGS.get(status)
    if known is not None:
        return known
    shown = "".join(char if char.isalnum() or char in "_-" else "?" for char in status)[:60]
    return Meaning(Ending.PERMANENT, f'the fax service says "{shown}"', AGAIN, "5.0.0")
