"""Asks FAX.PLUS whether the account can do what the configuration wants of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from gateway.config import Config
from gateway.configfile import secret
from gateway.faxplus import FaxPlus, FaxPlusError, Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """One question, answered."""

    good: bool
    words: str  #: for the operator: what is so, or what is wrong and how to mend it
    asked: bool = True  #: False: nothing is known to be wrong, FAX.PLUS just did not answer


Look = Callable[[Config, FaxPlus, float], Awaitable[Finding]]
"""Answers one question."""


async def look_at_account(config: Config, faxplus: FaxPlus, now: float) -> list[Finding]:
    """Answer: is the token valid, each number ours and usable, the history kept, the webhook registered?"""
    try:
        account = await faxplus.account()
    except FaxPlusError as error:
        return [_unasked(error)]
    findings = [
        Finding(good=True, words="the token is valid"),
        Finding(good=account.status == "active", words=f"the account is {account.status or 'in an unknown state'}"),
        _history(account.saves_history),
    ]
    numbers = dict.fromkeys([config.faxplus.from_, *(rule.number for rule in config.sender if rule.number is not None)])
    looks: list[Look] = [*(partial(_number, number) for number in numbers), _webhook]
    for look in looks:
        try:
            findings.append(await look(config, faxplus, now))
        except FaxPlusError as error:
            findings.append(_unasked(error))
    return findings


def hook_target(config: Config) -> str | None:
    """The URL that FAX.PLUS is to call; None when the configuration leaves webhooks out."""
    if config.webhook.public_url is None or config.webhook.secret_file is None:
        return None
    return f"{config.webhook.public_url.rstrip('/')}/faxplus/{secret(config.webhook.secret_file).get_secret_value()}"


def _unasked(error: FaxPlusError) -> Finding:
    passing = error.verdict is Verdict.TEMPORARY and not error.operator
    return Finding(good=False, words=f"FAX.PLUS could not be asked: {error.words}", asked=not passing)


def _history(kept: bool | None) -> Finding:  # noqa: FBT001  # as FAX.PLUS says it
    if kept is False:
        words = "the account keeps no history (save_history is off): no outcome can be learnt; switch it on at FAX.PLUS"
        return Finding(good=False, words=words)
    return Finding(good=True, words="the account keeps a history" if kept else "the account does not say about history")


async def _number(wanted: str, _config: Config, faxplus: FaxPlus, now: float) -> Finding:
    ours = {f"+{number.number}": number for number in await faxplus.numbers()}
    if wanted not in ours:
        return Finding(good=False, words=f"{wanted} is none of the account's: {', '.join(ours) or 'it has none'}")
    status = ours[wanted].status
    if not ours[wanted].usable(now):
        why = "has expired" if status == "active" else f"is {status or 'in an unknown state'}"
        return Finding(good=False, words=f"{wanted} cannot be used: it {why}")
    return Finding(good=True, words=f"{wanted} is ours and active")


async def _webhook(config: Config, faxplus: FaxPlus, _now: float) -> Finding:
    target = hook_target(config)
    if target is None:
        return Finding(good=True, words="no webhook is wanted; we ask for every outcome")
    count = [hook.target for hook in await faxplus.hooks()].count(target)
    if count != 1:
        words = f"the webhook is registered {count} times instead of once; run `fax-gateway webhook register`"
        return Finding(good=False, words=words)
    return Finding(good=True, words="the webhook is registered")
