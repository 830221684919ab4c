"""How events are logged: one a line on standard error, with nothing in it that must not leave.

What must not leave never belongs into an event; this is the net below that rule. It masks tokens, passwords and the
secret of the webhook's address, and leaves of fax numbers the last four digits, wherever they stand: in values,
deep inside of them, in the texts of exceptions, and in what libraries log.
"""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from gateway.config import LogSettings

HIDDEN = "[hidden]"

SECRET_KEY = re.compile(
    r"token|secret|passw|passphrase|authorization|credential|cookie|api_?key|private_?key|subject|file_?name|body",
    re.IGNORECASE,
)
"""Keys whose values are never shown, unless they end in `_file`: those are paths."""

NUMBER_KEY = re.compile(r"(?:fax_?)?number|recipient|caller|phone|to|from_?", re.IGNORECASE)
"""Keys whose values are numbers however they are written."""

SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"alohi_pat_[\w.~+/=-]+"), HIDDEN),  # FAX.PLUS's personal access tokens
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"(/faxplus/)[^\s/?#\"'<>]+"), rf"\1{HIDDEN}"),  # the webhook's address
    (re.compile(r"(://[^\s/:@]*):[^\s/@]+@"), rf"\1:{HIDDEN}@"),  # a password in a URL
    (
        re.compile(r"((?:secret|token|password)(?:\\*[\"'])?\s?[=:]\s?(?:\\*[\"'])?)[^\s&\"',)}\\]+", re.IGNORECASE),
        rf"\1{HIDDEN}",
    ),
)
"""Secrets that can be told by their looks."""

NUMBER = re.compile(
    r"""(?<![0-9A-Za-z])                 # not in the middle of an id
        (?:(?:\+|%2B)\s?)?               # as in E.164, or the same in a URL
        \(?[0-9](?:[\ ().\-/]{0,2}[0-9]){4,40}
        (?![0-9a-oq-vyz])                # nor at its beginning; p, w and x begin an extension
    """,
    re.VERBOSE | re.IGNORECASE,
)
LOCAL_PART = re.compile(r"[^\s<>@\"',;:=]{1,64}(?=@)")
NO_NUMBER = re.compile(
    r"\d{4}-\d{2}-\d{2}(?: \d{2})?"  # a date, and the hour after it
    r"|\d{1,3}(?:\.\d{1,3}){3}"  # an IPv4 address
    r"|\d+\.\d+"  # a decimal fraction
)
FEWEST_DIGITS = 7
"""Of a number without a plus: shorter runs are ports, sizes and line numbers."""

FEWEST_DIGITS_SURELY = 5
"""Of a number with a plus, or under the key of one."""

LOUD = ("uvicorn", "uvicorn.error", "uvicorn.access", "httpx", "httpcore", "mail.log", "aiosmtplib", "asyncio")
"""Loggers of libraries. Below warning they tell of every request, with its URL."""


class _Stderr:
    """Standard error, without the harm of a full disk or a closed pipe: a lost line must not lose a fax."""

    def write(self, text: str) -> int:
        try:
            return sys.stderr.write(text)
        except OSError:
            return 0

    def flush(self) -> None:
        try:
            sys.stderr.flush()
        except OSError:
            return


def configure(settings: LogSettings) -> None:
    """Set up logging for the whole process: our own events, and warnings of the libraries."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = _renderer(settings)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(settings.level),
        logger_factory=structlog.WriteLoggerFactory(_Stderr()),  # type: ignore[arg-type]  # all of TextIO that it uses
    )
    _route_libraries(shared, renderer)


def _renderer(settings: LogSettings) -> Processor:
    if settings.format == "console":
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _route_libraries(shared: list[Processor], renderer: Processor) -> None:
    handler = logging.StreamHandler(_Stderr())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in LOUD:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.WARNING)


def redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Mask everything in an event that must not leave."""
    return {mask(str(key)): _value(key, value) for key, value in event.items()}


def _value(key: object, value: Any) -> Any:
    name = str(key)
    if SECRET_KEY.search(name) and not name.endswith("_file"):
        return HIDDEN
    if NUMBER_KEY.fullmatch(name) and isinstance(value, str | int) and not isinstance(value, bool):
        return mask(str(value)) if "@" in str(value) else _short(str(value), FEWEST_DIGITS_SURELY)
    return _masked(value)


def _masked(value: Any) -> Any:
    """Go through a value to its texts. What is neither text, number nor container is shown as its `repr`, masked."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, bytes):
        return mask(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {mask(str(key)): _value(key, inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(inner) for inner in value]
    return mask(repr(value))


def mask(text: str) -> str:
    """Mask secrets and numbers in a text."""
    for secret, instead in SECRETS:
        text = secret.sub(instead, text)
    text = LOCAL_PART.sub(lambda match: _short(match[0], FEWEST_DIGITS), text)
    return NUMBER.sub(lambda match: match[0] if NO_NUMBER.fullmatch(match[0]) else _number(match[0]), text)


def _number(text: str) -> str:
    """Shorten what looks like a number."""
    bare = re.sub(r"(?i)^%2B", "+", text)
    return _short(bare, FEWEST_DIGITS_SURELY if bare.startswith("+") else FEWEST_DIGITS)


def _short(text: str, fewest: int) -> str:
    """Leave of a number the last four digits; leave what has fewer digits than one has."""
    digits = re.sub(r"[^0-9]", "", text)
    return f"***{digits[-4:]}" if len(digits) >= fewest else text
