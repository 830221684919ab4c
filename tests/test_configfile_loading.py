"""Loading: from the file and what systemd hands over to a configuration, whatever the file holds."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.configfile import ConfigError, Problem, load
from tests.gallery import CONFIGS

SMALL = (CONFIGS / "good-small" / "config.toml").read_text("utf-8")


def test_a_credential_is_read_in_place_of_the_file(tmp_path: Path) -> None:
    """The same file serves by hand and under systemd, which hands secrets over under their names."""
    handed_over = tmp_path / "credentials"
    handed_over.mkdir()
    (handed_over / "faxplus.token").write_text("hush")
    path = tmp_path / "config.toml"
    path.write_text(SMALL)

    assert Path("faxplus.token") == load(path).faxplus.token_file
    assert handed_over / "faxplus.token" == load(path, {"CREDENTIALS_DIRECTORY": str(handed_over)}).faxplus.token_file


def test_no_credentials_directory_is_no_error(tmp_path: Path) -> None:
    """A variable left over from elsewhere changes nothing."""
    path = tmp_path / "config.toml"
    path.write_text(SMALL)

    assert load(path) == load(path, {"CREDENTIALS_DIRECTORY": str(tmp_path / "gone")})


def test_the_mark_that_windows_editors_write_is_no_error(tmp_path: Path) -> None:
    """A byte order mark before the first key does not count as part of it."""
    path = tmp_path / "config.toml"
    path.write_text(SMALL, "utf-8-sig")

    assert "it@example.org" == load(path).operator


def test_a_directory_in_place_of_the_file(tmp_path: Path) -> None:
    """What cannot be read is said with the system's own reason."""
    with pytest.raises(ConfigError) as refused:
        load(tmp_path)

    assert ((str(tmp_path), "this file cannot be read: Is a directory"),) == tuple(
        (problem.place, problem.words) for problem in refused.value.problems
    )


def problems_in(path: Path) -> tuple[Problem, ...]:
    """What is wrong with a file; nothing, if it can be used."""
    try:
        load(path)
    except ConfigError as error:
        return error.problems
    return ()


MUTATIONS = st.tuples(st.integers(0, len(SMALL)), st.integers(0, 30), st.text(max_size=20))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutation=MUTATIONS)
@example(mutation=(0, 0, "x = " + "[" * 5000))
@example(mutation=(0, 0, "x = " + "9" * 5000 + "\n"))
@example(mutation=(0, 0, '"\x7f\\u001b" = 1\n'))
def test_no_file_makes_us_fall_over(tmp_path: Path, mutation: tuple[int, int, str]) -> None:
    """Whatever is typed into the file, the answer is a configuration or words about it, printable on a terminal."""
    start, length, typed = mutation
    path = tmp_path / "config.toml"
    path.write_text(SMALL[:start] + typed + SMALL[start + length :], "utf-8", errors="replace")

    assert all(problem.place.isprintable() and problem.words for problem in problems_in(path))
