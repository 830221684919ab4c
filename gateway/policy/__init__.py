"""Who may fax, where to, how much of it, and at what cost. Pure decisions, each with its explanation in words."""

from gateway.policy.destinations import Destinations
from gateway.policy.quotas import Limit, OverQuotaError, Quotas, Unit
from gateway.policy.rules import Decision, IPAddress, PassedOver, Proof, foreign, sender_rule
from gateway.policy.spending import CapReachedError, Period, Spend, Spending

__all__ = [
    "CapReachedError",
    "Decision",
    "Destinations",
    "IPAddress",
    "Limit",
    "OverQuotaError",
    "PassedOver",
    "Period",
    "Proof",
    "Quotas",
    "Spend",
    "Spending",
    "Unit",
    "foreign",
    "sender_rule",
]
