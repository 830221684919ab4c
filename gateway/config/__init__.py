"""Every setting, its default and its meaning (`settings`), and how single values are written (`values`)."""

from gateway.config.confirmations import ConfirmationSettings
from gateway.config.dns import DnsSettings
from gateway.config.documents import DocumentSettings
from gateway.config.listener import ListenerSettings
from gateway.config.number import NumberSettings
from gateway.config.quota import Quota, QuotaSettings
from gateway.config.relay import RelaySettings, ServerSettings
from gateway.config.section import Settings
from gateway.config.sender import SenderSettings
from gateway.config.settings import (
    Config,
    FaxPlusSettings,
    KeepSettings,
    LimitSettings,
    LogSettings,
    OAuthSettings,
    RedialSettings,
    ScheduleSettings,
    WebhookSettings,
)
from gateway.config.spend import PriceSettings, SpendSettings
from gateway.config.values import Network

__all__ = [
    "Config",
    "ConfirmationSettings",
    "DnsSettings",
    "DocumentSettings",
    "FaxPlusSettings",
    "KeepSettings",
    "LimitSettings",
    "ListenerSettings",
    "LogSettings",
    "Network",
    "NumberSettings",
    "OAuthSettings",
    "PriceSettings",
    "Quota",
    "QuotaSettings",
    "RedialSettings",
    "RelaySettings",
    "ScheduleSettings",
    "SenderSettings",
    "ServerSettings",
    "Settings",
    "SpendSettings",
    "WebhookSettings",
]
