"""xtext (RFC 3461 section 4): how parameters of MAIL and RCPT carry what may hold blanks, "+" or "="."""

import re

_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
_ESCAPED = re.compile(r"\+([0-9A-F]{2})")


def decode(text: str) -> str:
    """Return what it stands for: printable ASCII and blanks, nothing that could end a header line.

    Raises:
        ValueError: it is not xtext, or stands for something else.
    """
    if _XTEXT.fullmatch(text) is None:
        raise ValueError(f"not xtext: {text!r}")
    decoded = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    if re.fullmatch("[ -~]*", decoded) is None:
        raise ValueError(f"stands for unprintable characters: {text!r}")
    return decoded
