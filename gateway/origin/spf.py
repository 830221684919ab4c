"""SPF (RFC 7208): whether a domain says that its mail comes from this address.

The library reads and evaluates the records and holds their limits: ten terms that ask the DNS, two answers that are
empty. How the DNS is asked is ours, and explanations (`exp=`) are not fetched at all: nobody is told them.
"""

from typing import Any, Literal, get_args

import spf
import structlog

from gateway.origin.names import Kind, Names, NoAnswerError
from gateway.policy import IPAddress

Result = Literal["pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"]
"""RFC 7208 section 2.6."""

log = structlog.get_logger()


def check(names: Names, client: IPAddress, sender: str, helo: str) -> Result:
    """Return what the domain of an envelope sender says of a client. Blocks.

    Args:
        names: the DNS.
        client: where the connection comes from.
        sender: with its domain.
        helo: how the client called itself; some records ask for it.
    """
    try:
        result, *_ = _Query(names, client, sender, helo).check()
    except Exception as error:  # noqa: BLE001  # what a stranger publishes is never more than an error of his
        log.info("spf.failed", error=type(error).__name__)
        return "permerror"
    return next((known for known in get_args(Result) if known == result), "permerror")


class _Query(spf.query):  # type: ignore[misc]  # it has no types
    """The library's question, put to our DNS."""

    def __init__(self, names: Names, client: IPAddress, sender: str, helo: str) -> None:
        super().__init__(i=str(client), s=sender, h=helo)
        local, _, self.d = sender.rpartition("@")  # the library takes the first @ for the last
        self.l, self.o = local or "postmaster", self.d
        self._names = names

    def dns(self, name: str, qtype: Kind, cnames: object = None, ignore_void: bool = False) -> list[Any]:  # noqa: ARG002, FBT001, FBT002  # as it is overridden
        try:
            found = [_value(record, qtype) for record in self._ask(name, qtype)]
        except NoAnswerError:
            raise spf.TempError("no answer") from None
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many empty answers")
        return found

    def get_explanation(self, spec: str) -> None:  # noqa: ARG002  # as it is overridden
        return None

    def _ask(self, name: str, kind: Kind) -> Any:
        return self._names.texts(name) if kind == "TXT" else self._names.ask(name, kind)


def _value(record: Any, kind: Kind) -> Any:
    """A record as the library knows it."""
    match kind:
        case "A" | "AAAA":
            return record.address
        case "MX":
            return record.preference, record.exchange.to_text(omit_final_dot=True)
        case "PTR":
            return record.target.to_text(omit_final_dot=True)
        case "TXT":
            return (record,)
