"""The gallery: every kind of mistake in a configuration, with what is said about it, word for word."""

import tomllib
from pathlib import Path

import pytest

from gateway.configfile import ConfigError, check, effective, load, render
from tests.gallery import CASES, CONFIGS, certificates, lay_out


@pytest.fixture(scope="session")
def certificate_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and keys, made once."""
    directory = tmp_path_factory.mktemp("certificates")
    certificates(directory)
    return directory


@pytest.fixture(params=CASES)
def case(
    request: pytest.FixtureRequest, certificate_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """One case, laid out where we are."""
    monkeypatch.chdir(lay_out(request.param, certificate_files, tmp_path))
    return str(request.param)


def said() -> str:
    """What the operator is told about the configuration here: what is wrong with it, or what is in force."""
    try:
        config = load(Path("config.toml"))
    except ConfigError as error:
        return render(error.problems)
    return render(check(config)) or effective(config)


def test_what_is_said_word_for_word(case: str) -> None:
    """Each configuration fails for its own reason, or works as it is meant."""
    expected = (CONFIGS / case / "expected.txt").read_text("utf-8")

    assert expected == said()


def is_toml(text: str) -> bool:
    """Whether this is a configuration in force and not words about a broken one."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


@pytest.mark.parametrize("name", CASES)
def test_only_good_ones_are_good(name: str) -> None:
    """A case's name tells whether it is good, so that a bad one cannot turn good unseen."""
    expected = (CONFIGS / name / "expected.txt").read_text("utf-8")

    assert name.startswith("good") == is_toml(expected)


def test_no_message_repeats_a_secret() -> None:
    """A secret that stands where it should not is not carried into terminals and logs."""
    told = "".join((CONFIGS / name / "expected.txt").read_text("utf-8") for name in CASES)

    assert "alohi_pat" not in told
    assert "hush" not in told


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("good")])
def test_what_is_in_force_brings_itself_about(
    name: str, certificate_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The effective configuration is a configuration file, and the same one."""
    monkeypatch.chdir(lay_out(name, certificate_files, tmp_path))
    config = load(Path("config.toml"))
    Path("again.toml").write_text(effective(config), "utf-8")

    assert config == load(Path("again.toml"))
