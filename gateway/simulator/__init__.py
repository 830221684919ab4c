"""FAX.PLUS on your desk: the same API, numbers that succeed, are busy, do not answer; lost answers, webhooks."""

from gateway.simulator.account import Account
from gateway.simulator.app import app
from gateway.simulator.faults import Fault, Faults
from gateway.simulator.server import running, serve
from gateway.simulator.settings import SimulatorSettings

__all__ = ["Account", "Fault", "Faults", "SimulatorSettings", "app", "running", "serve"]
