"""The parameters behind the path of MAIL and RCPT (RFC 5321 section 4.1.2, RFC 1870, RFC 6152, RFC 4954)."""

import re

from gateway.smtp.reply import RefusedError

_PARAMETER = re.compile(rb"(?P<name>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[!-<>-~]+))?")
_MAIL = {
    "SIZE": re.compile(r"[0-9]{1,20}"),
    "BODY": re.compile(r"7BIT|8BITMIME", re.IGNORECASE),
    "AUTH": re.compile(r".+"),  # RFC 4954 section 5: who gave it to the client; we trust nobody's word for it
}


def of_mail(text: bytes, largest: int) -> int:
    """Check the parameters of MAIL. None of them changes what we do, but SIZE may tell at once that there is no room.

    Args:
        text: what stands behind the path.
        largest: octets that a mail may have.

    Returns:
        The octets that are announced (RFC 1870), or 0.

    Raises:
        RefusedError: unknown (555), malformed or repeated (501), or announcing a mail that is too large (552).
    """
    found = _read(text)
    for name, value in found.items():
        if name not in _MAIL:
            raise RefusedError(555, "5.5.4", "this parameter of MAIL is not known here")
        if value is None or _MAIL[name].fullmatch(value) is None:
            raise RefusedError(501, "5.5.4", f"the value of {name} is not understood")
    announced = int(found.get("SIZE") or 0)
    if announced > largest:
        raise RefusedError(552, "5.3.4", f"the mail is too large; at most {largest} octets are taken")
    return announced


def of_rcpt(text: bytes) -> None:
    """Check the parameters of RCPT: none is known yet.

    Raises:
        RefusedError: there are some (555), or they are malformed or repeated (501).
    """
    if _read(text):
        raise RefusedError(555, "5.5.4", "this parameter of RCPT is not known here")


def _read(text: bytes) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for word in text.split():
        match = _PARAMETER.fullmatch(word)
        if match is None:
            raise RefusedError(501, "5.5.4", "parameters are written NAME or NAME=VALUE")
        name = match["name"].decode().upper()
        if name in found:
            raise RefusedError(501, "5.5.4", f"{name} stands there twice")
        found[name] = match["value"].decode() if match["value"] else None
    return found
