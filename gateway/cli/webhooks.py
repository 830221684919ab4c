"""`webhook`: have FAX.PLUS call us, or not. FAX.PLUS has no idempotent call for it, so we list first."""

import json
from dataclasses import asdict, replace
from typing import Annotated

import typer

from gateway.cli.opening import DEFAULT_CONFIG, AsJson, ConfigPath, configured, failed, run
from gateway.config import Config
from gateway.configfile import SecretError
from gateway.daemon import opened_faxplus
from gateway.faxplus import Hook
from gateway.livecheck import hook_target
from gateway.log import mask

app = typer.Typer(help="Have FAX.PLUS call us when a fax has ended.", no_args_is_help=True)


@app.command()
def register(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Register the configured address, exactly once, and remove old ones of ours."""
    settings = configured(config)
    try:
        target = hook_target(settings)
    except SecretError as error:
        failed(str(error))
    if target is None:
        failed("webhook.public_url and webhook.secret_file are not configured")
    print(run(_registered(settings, target)))


@app.command(name="list")
def list_(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List what is registered, with the secret part of our address masked."""
    hooks = run(_listed(configured(config)))
    if as_json:
        print(json.dumps([asdict(hook) for hook in hooks], indent=2))
    for hook in () if as_json else hooks:
        print(f"{hook.id}  {hook.event}  {hook.target}")


@app.command()
def remove(
    id: Annotated[str, typer.Argument(help="The id that `webhook list` shows.")],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Remove one registration."""
    if not run(_removed(configured(config), id)):
        failed(f"there is no webhook {id}")


async def _registered(config: Config, target: str) -> str:
    async with opened_faxplus(config) as faxplus:
        ours = [hook for hook in await faxplus.hooks() if hook.target.startswith(f"{_without_secret(target)}/")]
        right = [hook for hook in ours if hook.target == target]
        made = right[0].id if right else await faxplus.register_hook(target)
        stale = [hook.id for hook in ours if hook.id != made]
        for hook_id in stale:
            await faxplus.remove_hook(hook_id)
    return f"webhook {made} is {'registered already' if right else 'registered'}; {len(stale)} old ones removed"


async def _listed(config: Config) -> list[Hook]:
    async with opened_faxplus(config) as faxplus:
        return [replace(hook, target=mask(hook.target)) for hook in await faxplus.hooks()]


async def _removed(config: Config, id: str) -> bool:
    async with opened_faxplus(config) as faxplus:
        return await faxplus.remove_hook(id)


def _without_secret(target: str) -> str:
    return target.rpartition("/")[0]
