"""Where senders are: by their rule, by the configuration, or by the machine."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.worker.zones import machine_zone, zones
from tests.workshop import a_config


@pytest.mark.parametrize(
    ("environment", "link", "zone"),
    [
        ({}, "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
        ({"TZ": "Asia/Tokyo"}, "/usr/share/zoneinfo/Europe/Berlin", "Asia/Tokyo"),
        ({"TZ": ":Asia/Tokyo"}, "/usr/share/zoneinfo/Europe/Berlin", "Asia/Tokyo"),
        ({"TZ": "CET-1CEST"}, "/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
        ({"TZ": "/etc/passwd"}, "/etc/passwd", "UTC"),
        ({"TZ": "Europe"}, "/usr/share/zoneinfo/Europe", "UTC"),
        ({}, "/nonexistent", "UTC"),
    ],
)
def test_the_machines_zone(environment: dict[str, str], link: str, zone: str, tmp_path: Path) -> None:
    """Its name from TZ or from the link; what is none is UTC, and no mail fails for it."""
    localtime = tmp_path / "localtime"
    localtime.symlink_to(link)

    assert ZoneInfo(zone) == machine_zone(environment, localtime)


def test_a_rule_may_have_its_own(tmp_path: Path) -> None:
    """Others have that of the configuration."""
    rules = [
        {"name": "madrid", "users": ["a"], "timezone": "Europe/Madrid"},
        {"name": "others", "users": ["b"]},
    ]
    config = a_config(tmp_path, confirmations={"timezone": "Europe/London"}, sender=rules)

    assert (ZoneInfo("Europe/London"), {"madrid": ZoneInfo("Europe/Madrid")}) == zones(config)
