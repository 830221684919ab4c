"""The configuration in force, defaults and all, as a file that would bring it about again."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.config import Config, Settings
from gateway.config.shape import keys, section_in
from gateway.configfile.toml import literal


def effective(config: Config) -> str:
    """Write every setting as TOML; a comment marks those that the file leaves to their default.

    Secrets are not shown: the configuration holds only the paths of their files.
    """
    return "\n".join(_section(config, config.model_dump(mode="json", by_alias=True), "")).lstrip("\n") + "\n"


def _section(settings: Settings, values: Mapping[str, Any], header: str) -> Iterator[str]:
    if header:
        yield f"\n{header}"
    held = {key: field for key, field in keys(type(settings)).items() if section_in(field) is not None}
    given = {
        field.alias or name for name, field in type(settings).model_fields.items() if name in settings.model_fields_set
    }
    for key, value in values.items():
        if key not in held:
            yield _line(key, value, given=key in given)
    for key in held:
        yield from _sections(key, getattr(settings, key), values[key], header.strip("[]"))


def _line(key: str, value: Any, *, given: bool) -> str:
    if value is None:
        return f"# {key} is left out"
    return f"{key} = {literal(value)}" + ("" if given else "  # default")


def _sections(key: str, held: Any, values: Any, above: str) -> Iterator[str]:
    name = f"{above}.{key}" if above else key
    if isinstance(held, Settings):
        yield from _section(held, values, f"[{name}]")
    elif held is not None:
        for settings, entry in zip(held, values, strict=True):
            yield from _section(settings, entry, f"[[{name}]]")
