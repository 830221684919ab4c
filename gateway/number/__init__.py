"""A fax number, read from the local part of a mail address: how it is spelt (`spelling`), what it means (`dialling`).

Pure. A number is *possible* when its country has numbers of that length; whether anybody answers there is
FAX.PLUS's to say.
"""

from gateway.config import NumberSettings
from gateway.number import dialling, spelling
from gateway.number.refusal import BadNumberError, malformed

__all__ = ["BadNumberError", "parse"]

LONGEST_LOCAL_PART = 254
"""Octets that are looked at; `gateway.smtp.address` has the limits of RFC 5321."""


def parse(local_part: str, rules: NumberSettings) -> str:
    """Return the number as E.164, with its plus.

    Args:
        local_part: what stands before the @, without quotes.
        rules: how digits are dialled here.

    Raises:
        BadNumberError: it is not a number (550 5.1.1), is malformed or of impossible length (553 5.1.3), is a short or
            emergency code or asks for relaying (550 5.7.1), or wants what FAX.PLUS cannot do, such as a sub-address
            (550 5.3.3).
    """
    if len(local_part) > LONGEST_LOCAL_PART:
        malformed("the number is too long", rules.country)
    spelt = spelling.read(local_part, rules.country)
    return (dialling.world if spelt.world else dialling.dialled)(spelt.digits, rules)
