"""Why something is no number that we can call, in words for its sender."""

from typing import NoReturn

FORMS = "write it as +12025550123, 0012025550123 or FAX=+12025550123, or as it is dialled inside {country}"


class BadNumberError(Exception):
    """This local part is no number that we can call. Carries the SMTP reply."""

    def __init__(self, code: int, enhanced: str, words: str) -> None:
        super().__init__(f"{code} {enhanced} {words}")
        self.code = code
        self.enhanced = enhanced
        self.words = words


def not_a_number(country: str) -> NoReturn:
    """Refuse what was not meant to be one."""
    raise BadNumberError(550, "5.1.1", f"not a fax number; {FORMS.format(country=country)}")


def malformed(why: str, country: str) -> NoReturn:
    """Refuse what was meant to be one."""
    raise BadNumberError(553, "5.1.3", f"{why}; {FORMS.format(country=country)}")


def not_passed_on() -> NoReturn:
    """Refuse what FAX.PLUS cannot do (RFC 3463 section 3.4, X.3.3)."""
    raise BadNumberError(550, "5.3.3", "sub-addresses and other qualifiers cannot be passed on to the far fax machine")


def relaying() -> NoReturn:
    """Refuse what asks to have mail carried on to another host."""
    raise BadNumberError(550, "5.7.1", "relaying denied: mail is not carried on from here to other hosts")


def not_called() -> NoReturn:
    """Refuse codes behind which no fax machine is, or should be."""
    raise BadNumberError(550, "5.7.1", "emergency and short codes are not faxed to")
