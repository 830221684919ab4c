"""From the file to a `Config`, or to everything that is wrong with it."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from gateway.config import Config
from gateway.configfile.contradictions import contradictions
from gateway.configfile.problem import ConfigError, Problem, place
from gateway.configfile.source import lines, parse, read
from gateway.configfile.words import problems

NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})


def load(path: Path, environment: Mapping[str, str] = NO_ENVIRONMENT) -> Config:
    """Read the configuration.

    Of the environment, only `CREDENTIALS_DIRECTORY` counts (systemd.exec(5), "Credentials"): where a setting names a
    file that holds a secret, a certificate or logins, and systemd hands over a credential under the last part of
    that path, the credential is read in place of the file. So the same file serves under systemd and by hand.

    Raises:
        ConfigError: it cannot be used.
    """
    text = read(path)
    document, at = parse(text), lines(text)
    try:
        config = Config.model_validate(document, context=credentials(environment))
    except ValidationError as error:
        raise ConfigError(problems(error, document, at)) from None
    found = tuple(Problem(place(way, document, at), words) for way, words in contradictions(config))
    if found:
        raise ConfigError(found)
    return config


def credentials(environment: Mapping[str, str]) -> dict[str, Path]:
    """What systemd hands over, by its name."""
    directory = environment.get("CREDENTIALS_DIRECTORY")
    if not directory or not Path(directory).is_dir():
        return {}
    return {path.name: path for path in Path(directory).iterdir()}
