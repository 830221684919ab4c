"""In which zone senders are told times: what their rule names, else the configuration, else the machine's."""

import os
from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.config import Config

LOCALTIME = Path("/etc/localtime")
"""A link into the tables of zones, by which a machine says where it is (localtime(5))."""

TABLES = "/zoneinfo/"


def zones(config: Config) -> tuple[tzinfo, dict[str, tzinfo]]:
    """Return the zone of all senders, and those of the rules that name one of their own."""
    named = config.confirmations.timezone
    usual = machine_zone(os.environ) if named is None else ZoneInfo(named)
    return usual, {rule.name: ZoneInfo(rule.timezone) for rule in config.sender if rule.timezone is not None}


def machine_zone(environment: Mapping[str, str], localtime: Path = LOCALTIME) -> tzinfo:
    """Return the zone that TZ names, else the one that the machine is set to; UTC when neither is a name."""
    for name in (environment.get("TZ", "").removeprefix(":"), str(localtime.resolve()).partition(TABLES)[2]):
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, LookupError):  # not found is a LookupError; a directory's name is an OSError
            continue
    return ZoneInfo("UTC")
