"""Failures of ours: the client hears nothing of the cause, the log hears where it was and nothing that it quotes."""

import errno

import pytest
from structlog.testing import capture_logs

from gateway.smtp.failure import DISK_FULL, FAILED, failed
from gateway.smtp.reply import Reply


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RuntimeError("secret"), FAILED),
        (OSError(errno.EIO, "secret"), FAILED),
        (OSError(errno.ENOSPC, "secret"), DISK_FULL),
        (OSError(errno.EDQUOT, "secret"), DISK_FULL),
        (TimeoutError(), FAILED),
    ],
)
def test_failed(error: Exception, expected: Reply) -> None:
    """A full disk has a code of its own; all else is one and the same to the client."""
    with capture_logs() as logs:
        try:
            _raise(error)
        except Exception as caught:  # noqa: BLE001  # all of the table
            reply = failed("mail.failed", caught, id="id1")

    assert expected == reply
    assert ("mail.failed", "error", type(error).__name__, "id1") == tuple(
        logs[0][key] for key in ("event", "log_level", "error", "id")
    )
    assert logs[0]["at"][-1].startswith("test_smtp_failure.py:")
    assert "secret" not in str(logs)
