"""What is put on record when something does not go well.

Of failures of our own the client hears that it may try again and nothing of the cause; the log hears where it was. Of
refusals the log has the words too, since devices show a code at best.
"""

import errno
import traceback

import structlog

from gateway.smtp.envelope import Client
from gateway.smtp.reply import Reply

FAILED = Reply(451, "4.3.0", "temporary failure, please try again later")
DISK_FULL = Reply(452, "4.3.1", "no room for this mail at the moment, please try again later")

_INNERMOST = 5
log = structlog.get_logger()


def failed(event: str, error: BaseException, **known: str) -> Reply:
    """Log a failure and return the reply to it.

    The text of the error is not logged: it may quote what stood in the mail.
    """
    frames = traceback.extract_tb(error.__traceback__)[-_INNERMOST:]
    number = error.errno if isinstance(error, OSError) else None
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]
    log.error(event, error=type(error).__name__, errno=number, at=places, **known)
    return DISK_FULL if number in {errno.ENOSPC, errno.EDQUOT} else FAILED


def tell_refused(event: str, client: Client, reply: Reply) -> None:
    """Log what a client was refused, and why."""
    log.info(event, client=client.who, code=reply.code, status=reply.enhanced, words=reply.words)
