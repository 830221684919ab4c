"""Fetches FAX.PLUS's own reports of transmissions, to be attached to confirmations."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from gateway.fax import UNKNOWN, Fax, State
from gateway.faxplus import FaxPlus, FaxPlusError
from gateway.notice import Story

log = structlog.get_logger()

WITHIN = 30.0
"""Seconds that all reports for a mail may take; what comes later is left out, for the mail must go."""
LARGEST = 2_000_000
"""Octets of a report that is attached."""


async def with_reports(stories: Sequence[Story], faxplus: FaxPlus) -> list[Story]:
    """Return the stories with the reports of those that FAX.PLUS has sent, as far as it gives them."""
    found = list(stories)
    try:
        async with asyncio.timeout(WITHIN):
            for place, story in enumerate(stories):
                found[place] = replace(story, record=await _report(story.fax, faxplus))
    except TimeoutError:
        log.warning("report.missing", reason="FAX.PLUS took too long")
    return found


async def _report(fax: Fax, faxplus: FaxPlus) -> bytes | None:
    """By the newest id: the earlier ones are those of the outbox."""
    if fax.state is State.CANCELLED or fax.status in {"", UNKNOWN} or not fax.remote_ids:
        return None
    try:
        report = await faxplus.report(fax.remote_ids[-1])
    except FaxPlusError as error:
        log.warning("report.missing", fax=fax.id, reason=error.words)
        return None
    return report if len(report) <= LARGEST else None
