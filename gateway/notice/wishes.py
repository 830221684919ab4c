"""Who hears of what, and whether as a report for machines (RFC 3461) or as a plain confirmation (RFC 3834).

Success: without a NOTIFY a plain confirmation, since no report may be issued that nobody asked for (RFC 3461 section
5.2.4); with NOTIFY=SUCCESS a report in its place. Failure and delay: always a report, unless NOTIFY leaves them out.
NEVER: nothing at all.
"""

from gateway.fax import Fax, Recipient, State
from gateway.submission import Submission


def addressee(submission: Submission) -> str | None:
    """Who hears about the faxes of a mail; None when there is nobody to tell.

    The envelope sender hears (RFC 3834 section 4), or whom the operator named in its place.
    """
    return submission.confirm_to or submission.sender or None


def owed(fax: Fax, submission: Submission) -> str | None:
    """Who must hear how a fax ended; None while it has not, and when nobody wants to know.

    A machine (`quiet`) hears of everything but success, unless it asked for that.
    """
    if not fax.final or (submission.quiet and fax.state is State.DELIVERED and not fax.notify):
        return None
    return addressee(submission) if _wants(fax, "SUCCESS" if fax.state is State.DELIVERED else "FAILURE") else None


def owed_late(fax: Fax, submission: Submission) -> str | None:
    """Who must hear that a fax takes longer than expected."""
    return addressee(submission) if _wants(fax, "DELAY") else None


def owed_accepted(fax: Fax, submission: Submission) -> str | None:
    """Who may hear that a fax is on its way: whoever has a NOTIFY has said what else they want to hear."""
    return None if fax.notify or submission.quiet else addressee(submission)


def reported(fax: Fax) -> bool:
    """Whether what is told of a fax is told as a report."""
    return fax.state is not State.DELIVERED or "SUCCESS" in _wishes(fax)


def listed(fax: Fax) -> tuple[Recipient, ...]:
    """Return the recipients that a mail about a fax names: those whose NOTIFY wants it told (RFC 3461 section 5.2.8).

    They are several where a mail has one number in several spellings. A report of success names those that asked for
    one, and no others.
    """
    matter = "SUCCESS" if fax.state is State.DELIVERED else "FAILURE" if fax.final else "DELAY"
    asking = [one for one in fax.recipients if matter in one.notify.upper().split(",")]
    usual = [one for one in fax.recipients if not one.notify or one in asking]
    return tuple(asking if asking and fax.state is State.DELIVERED else usual) or fax.recipients


def _wants(fax: Fax, matter: str) -> bool:
    return not fax.notify or matter in _wishes(fax)


def _wishes(fax: Fax) -> frozenset[str]:
    return frozenset(fax.notify.upper().split(","))
