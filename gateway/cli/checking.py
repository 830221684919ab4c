"""`check`: everything that is wrong with the configuration, and with `--live` also with the account at FAX.PLUS.

It exits with 2 when something has to be mended, and with 1 when only FAX.PLUS did not answer.
"""

import sys
import time
from typing import Annotated

import typer

from gateway.cli.opening import DEFAULT_CONFIG, FAILED, WRONG, ConfigPath, configured, run, wrong
from gateway.config import Config
from gateway.configfile import check as look_at_machine
from gateway.configfile import effective
from gateway.configfile.problem import Problem
from gateway.daemon import opened_faxplus
from gateway.livecheck import Finding, look_at_account
from gateway.notice import Library, LibraryError, prove


def check(
    config: ConfigPath = DEFAULT_CONFIG,
    live: Annotated[bool, typer.Option("--live", help="Also ask FAX.PLUS about token, number and webhook.")] = False,
) -> None:
    """Check the configuration; print what is in force. Every mistake is listed at once."""
    settings = configured(config)
    if problems := [*look_at_machine(settings), *_templates(settings)]:
        wrong(config, problems)
    print(effective(settings))
    if live and (bad := [finding for finding in run(_live(settings)) if not finding.good]):
        raise typer.Exit(WRONG if any(finding.asked for finding in bad) else FAILED)


def _templates(config: Config) -> list[Problem]:
    """What is wrong with the operator's own words and templates."""
    if config.confirmations.templates is None:
        return []
    try:
        prove(Library(config.confirmations.templates))
    except LibraryError as error:
        return [Problem("confirmations.templates", str(error))]
    return []


async def _live(config: Config) -> list[Finding]:
    async with opened_faxplus(config) as faxplus:
        findings = await look_at_account(config, faxplus, time.time())
    for finding in findings:
        print(_line(finding), file=sys.stdout if finding.good else sys.stderr)
    return findings


def _line(finding: Finding) -> str:
    mark = "good" if finding.good else "BAD" if finding.asked else "?"
    return f"{mark:4}  {finding.words}"
