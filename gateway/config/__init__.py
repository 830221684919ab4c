"""Every setting, its default and its meaning (`settings`), and how single values are written (`values`)."""

from gateway.config.settings import (
    Config,
    FaxPlusSettings,
    KeepSettings,
    LimitSettings,
    ListenerSettings,
    LogSettings,
    NumberSettings,
    OAuthSettings,
    RedialSettings,
    RelaySettings,
    ScheduleSettings,
    SenderSettings,
    Settings,
    WebhookSettings,
)
from gateway.config.values import Network

__all__ = [
    "Config",
    "FaxPlusSettings",
    "KeepSettings",
    "LimitSettings",
    "ListenerSettings",
    "LogSettings",
    "Network",
    "NumberSettings",
    "OAuthSettings",
    "RedialSettings",
    "RelaySettings",
    "ScheduleSettings",
    "SenderSettings",
    "Settings",
    "WebhookSettings",
]
