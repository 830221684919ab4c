"""What FAX.PLUS's word for a fax means: whether it ended, what its sender is told, what may be done next. Pure.

The words are those of the outbox and of the fax records (apidoc.fax.plus/concepts/fax, help article 15831165215260),
and two of our own. Codes are RFC 3463's.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.fax import UNKNOWN


class Ending(StrEnum):
    """What follows for the fax."""

    DELIVERED = "delivered"  #: all of it arrived
    PENDING = "pending"  #: FAX.PLUS is not done with it
    REDIAL = "redial"  #: it did not arrive; a later dialling may help
    PARTIAL = "partial"  #: some or all of it may have arrived: never sent again by itself
    PERMANENT = "permanent"  #: it did not arrive, and dialling again would not help
    CREDIT = "credit"  #: not sent for want of credit: the operator's matter, the fax is held


class Advice(StrEnum):
    """What its sender can do; the words are in the catalogues (`gateway/notice/catalogues`)."""

    NOTHING = "nothing"
    WAIT = "wait"
    LATER = "later"
    CHECK_NUMBER = "check_number"
    CHECK_PLAN = "check_plan"
    CHECK_DOCUMENT = "check_document"
    ASK_PAGES = "ask_pages"
    ASK = "ask"
    OPERATOR = "operator"
    SEND_AGAIN = "send_again"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One word of FAX.PLUS, for people and for mail programs."""

    ending: Ending
    words: str  #: what happened; goes on after "because" or a colon
    advice: Advice
    dsn: str  #: enhanced status code (RFC 3463)


_WAITS = Meaning(Ending.PENDING, "it waits at FAX.PLUS to be sent", Advice.WAIT, "4.0.0")
_CONVERSION = "5.6.5"


def _unreadable(words: str, dsn: str = _CONVERSION) -> Meaning:
    """What FAX.PLUS cannot turn into pages now it cannot turn into pages later either."""
    return Meaning(Ending.PERMANENT, words, Advice.CHECK_DOCUMENT, dsn)


MEANINGS: dict[str, Meaning] = {
    # Our own: no word of FAX.PLUS, and no answer to our question.
    "": Meaning(Ending.PERMANENT, "it was never handed to FAX.PLUS", Advice.SEND_AGAIN, "4.0.0"),
    UNKNOWN: Meaning(
        Ending.PARTIAL,
        "nobody can say whether it arrived; it may have been sent",
        Advice.ASK,
        "4.4.7",
    ),
    # The outbox has no word for an end (reference: Outbox status).
    "submitted": _WAITS,
    "converting": _WAITS,
    "scheduled_for_sending": _WAITS,
    "sending": Meaning(Ending.PENDING, "it is being sent", Advice.WAIT, "4.0.0"),
    # The records of sent faxes.
    "in_progress": Meaning(Ending.PENDING, "it is being sent", Advice.WAIT, "4.0.0"),
    "success": Meaning(Ending.DELIVERED, "all pages arrived", Advice.NOTHING, "2.1.5"),
    "partially_sent": Meaning(
        Ending.PARTIAL, "the call broke off, and only the first pages may have arrived", Advice.ASK_PAGES, "4.4.2"
    ),
    "partially_received": Meaning(
        Ending.PARTIAL, "the call broke off, and only the first pages may have arrived", Advice.ASK_PAGES, "4.4.2"
    ),
    "insufficient_credit": Meaning(
        Ending.CREDIT, "the gateway's account at FAX.PLUS could not send it", Advice.OPERATOR, "4.3.5"
    ),
    "failed": Meaning(Ending.REDIAL, "FAX.PLUS could not send it and gives no cause", Advice.LATER, "4.0.0"),
    "failed_internal_process_error": Meaning(Ending.REDIAL, "FAX.PLUS had an error of its own", Advice.LATER, "4.3.0"),
    "failed_user_busy": Meaning(Ending.REDIAL, "the line was busy", Advice.LATER, "4.4.1"),
    "failed_no_answer": Meaning(Ending.REDIAL, "nobody answered the call", Advice.LATER, "4.4.1"),
    "failed_normal_clearing": Meaning(Ending.REDIAL, "the other side was busy or hung up", Advice.LATER, "4.4.1"),
    "failed_normal_temporary_failure": Meaning(
        Ending.REDIAL, "the telephone network had a passing failure", Advice.LATER, "4.4.5"
    ),
    "failed_to_send": Meaning(Ending.REDIAL, "FAX.PLUS was too busy to send it", Advice.LATER, "4.4.5"),
    "failed_unallocated_number": Meaning(Ending.PERMANENT, "there is no such number", Advice.CHECK_NUMBER, "5.1.1"),
    "failed_invalid_number_format": Meaning(
        Ending.PERMANENT, "the number is not complete", Advice.CHECK_NUMBER, "5.1.3"
    ),
    "failed_destination_not_supported": Meaning(
        Ending.PERMANENT,
        "FAX.PLUS does not send to this number",
        Advice.CHECK_PLAN,
        "5.4.4",
    ),
    "failed_mimetype_not_supported": _unreadable("FAX.PLUS does not take documents of this kind", "5.6.1"),
    "failed_office_converter_issue": _unreadable("FAX.PLUS could not convert the document"),
    "failed_separate_file_pages_issue": _unreadable("FAX.PLUS could not take the pages of the document apart"),
    "failed_render_header_issue": _unreadable("FAX.PLUS could not print its line onto the pages"),
    "failed_image_preparation": _unreadable("FAX.PLUS could not turn the pages into pictures"),
    "failed_convert_to_tiff_issue": _unreadable("FAX.PLUS could not turn the pages into a fax"),
    "failed_unknown_converter_issue": _unreadable("FAX.PLUS could not read the document; it may have a password"),
    # FreeSWITCH's codes: 49 a call that dropped under way, 2 one in which no fax machine was heard at all. After 49
    # pages may lie at the recipient's, and would come twice; after 2 there are none.
    "failed_fs_49": Meaning(
        Ending.PARTIAL, "the call dropped under way, and some pages may have arrived", Advice.ASK_PAGES, "4.4.2"
    ),
    "failed_fs_2": Meaning(Ending.REDIAL, "no fax machine was heard on the line", Advice.LATER, "4.4.2"),
}

LONGEST = 60
"""Characters of a word we do not know that are shown."""


def meaning(status: str) -> Meaning:
    """Tell what a status means; only `success` is success.

    A `failed...` that we do not know is a failure. Any other word that we do not know is not known to be one: it is
    told as what it is, and the fax is not sent again by itself.
    """
    if status in MEANINGS:
        return MEANINGS[status]
    if status.startswith("failed"):
        words = f'FAX.PLUS could not send it and reports "{shown(status)}"'
        return Meaning(Ending.PERMANENT, words, Advice.LATER, "5.0.0")
    words = f'FAX.PLUS reports "{shown(status)}", which this gateway does not know; it may have arrived'
    return Meaning(Ending.PARTIAL, words, Advice.ASK_PAGES, "4.0.0")


def shown(status: str) -> str:
    """Return a word that we do not know, cut and clean."""
    return "".join(letter if letter.isprintable() else "?" for letter in status[:LONGEST])
