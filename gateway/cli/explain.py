"""`explain`: what becomes of a recipient and why, by the very code that answers RCPT."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from ipaddress import ip_address
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from gateway.cli.opening import DEFAULT_CONFIG, FAILED, AsJson, ConfigPath, configured
from gateway.config import Config
from gateway.daemon import opened_store
from gateway.origin import Verifier
from gateway.policy import Destinations, IPAddress, Limit, OverQuotaError, Period, Quotas, Spending, sender_rule
from gateway.policy.destinations import region
from gateway.policy.explanation import Explanation, Use, quota_uses, spending_uses, steps
from gateway.smtp import address
from gateway.smtp.address import Address
from gateway.smtp.allowance import refusal
from gateway.smtp.envelope import Client, Envelope
from gateway.smtp.recipients import Recipients
from gateway.smtp.reply import RefusedError, Reply
from gateway.smtp.vouching import Vouching
from gateway.store import ClocksApartError, DatabaseNewerError

Uses = tuple[tuple[Use, ...], tuple[Use, ...]]


def explain(
    from_: Annotated[str, typer.Option("--from", help="The envelope sender, or <> for none.")],
    ip: Annotated[str, typer.Option(help="The address of the client.")],
    to: Annotated[str, typer.Option(help="A number, or a whole address.")],
    user: Annotated[str | None, typer.Option(help="Its login.")] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Tell who may fax where to: which rule decides and why. Exits with 0 if it would be taken, with 1 if not."""
    settings = configured(config)
    client = Client(ip=_ip(ip), user=user)
    envelope = Envelope(client=client, sender=_address(from_, "--from"))
    recipient = _recipient(settings, to)
    asyncio.run(_ask_spf(settings, envelope))
    explanation = _explained(settings, envelope, recipient)
    if as_json:
        print(json.dumps(asdict(explanation), indent=2))
    else:
        for line in explanation.lines():
            print(line)
    raise typer.Exit(0 if explanation.taken else FAILED)


async def _ask_spf(config: Config, envelope: Envelope) -> None:
    """As it is asked before RCPT: only if a rule names the sender's domain."""
    origin = Verifier(config.dns, time.time)
    await Vouching(config.sender, origin).ask(envelope)
    origin.close()


def _explained(config: Config, envelope: Envelope, recipient: Address) -> Explanation:
    client, sender = envelope.client, envelope.sender
    decision = sender_rule(config.sender, client.ip, client.user, sender.written, envelope.spf)
    recipients = Recipients(config)
    number, destination = _destination(config, recipients, recipient, decision.rule.name if decision.rule else "")
    explanation = Explanation(
        taken=True,
        answer=_said(_answer(recipients, envelope, recipient)),
        rules=steps(config.sender, decision),
        spf=envelope.spf,
        number=number,
        country=region(number) if number is not None else None,
        destination=destination,
    )
    explanation = replace(explanation, taken=explanation.answer.startswith("2"))
    return _with_uses(config, explanation, envelope)


def _destination(config: Config, recipients: Recipients, recipient: Address, rule: str) -> tuple[str | None, str]:
    """The number, and in words whether it may be called."""
    if recipients.from_subject(recipient):
        return None, "its number stands in the Subject, and is judged when the mail is there"
    try:
        number = recipients.number(recipient)
    except RefusedError as error:
        return None, error.reply.words
    return number, Destinations(config).objection(number, rule) or "it may be called"


def _answer(recipients: Recipients, envelope: Envelope, recipient: Address) -> Reply:
    try:
        return recipients.add(envelope, recipient)
    except RefusedError as error:
        return error.reply


def _said(reply: Reply) -> str:
    return f"{reply.code} {reply.enhanced} {reply.words}"


def _with_uses(config: Config, explanation: Explanation, envelope: Envelope) -> Explanation:
    """Add what is used up, if something is limited and the database can be read."""
    if explanation.number is None or envelope.rule is None:
        return explanation
    limits = Quotas(config).limits(envelope.rule.name, [explanation.number])
    now = time.time()
    periods = [period for period in Spending(config.spend).periods(now) if period.cap is not None]
    if not limits and not periods:
        return explanation
    try:
        used, spent = asyncio.run(_uses(config, limits, periods, now))
    except (OSError, SQLAlchemyError, ClocksApartError, DatabaseNewerError) as error:
        return replace(explanation, database=str(getattr(error, "orig", None) or error))
    known = replace(explanation, quotas=quota_uses(limits, used), spending=spending_uses(periods, spent))
    try:
        for limit, amount in zip(limits, used, strict=True):
            limit.check(amount, 1)
    except OverQuotaError as error:
        return replace(known, taken=False, answer=_said(refusal(error)))
    return known


async def _uses(
    config: Config, limits: Sequence[Limit], periods: Sequence[Period], now: float
) -> tuple[list[int], dict[str, float]]:
    names = [period.name for period in periods]
    if config.database is None and not (config.state / "fax-gateway.sqlite3").exists():
        return [0 for _ in limits], dict.fromkeys(names, 0.0)  # nothing was ever faxed; nor is a file left behind
    async with opened_store(config) as store:
        return await store.used(limits, now), await store.spent(names)


def _recipient(config: Config, to: str) -> Address:
    """A number alone is meant at the first of our domains."""
    plain = to if "@" in to else f"{to}@{config.domains[0]}"
    try:
        return _address(plain, "--to")
    except typer.BadParameter:
        return _address(f'"{to}"@{config.domains[0]}', "--to")


def _address(text: str, option: str) -> Address:
    try:
        parsed, rest = address.parse(f"<{text.removeprefix('<').removesuffix('>')}>".encode(), "5.1.3")
    except RefusedError as error:
        raise typer.BadParameter(error.reply.words, param_hint=option) from None
    if rest:
        raise typer.BadParameter("write one address", param_hint=option)
    return parsed


def _ip(text: str) -> IPAddress:
    try:
        return ip_address(text)
    except ValueError:
        raise typer.BadParameter("write an IP address, such as 192.0.2.17", param_hint="--ip") from None
