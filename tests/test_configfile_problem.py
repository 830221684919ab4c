"""How places are called, and how problems look in the terminal."""

from typing import Any

import pytest

from gateway.configfile.problem import ConfigError, Problem, Way, place, render

DOCUMENT: dict[str, Any] = {
    "operator": "it@example.org",
    "faxplus": {"from": "+12025550100"},
    "listener": [{"name": "printers"}, {"name": "submission", "key": "tls.key"}, {}],
    "sender": [{"name": "\x1b[2J", "networks": ["192.0.2.1"]}],
}


@pytest.mark.parametrize(
    ("way", "called"),
    [
        (("operator",), "operator"),
        (("faxplus", "from"), "faxplus.from"),
        (("faxplus", "oauth", "client_id"), "faxplus.oauth.client_id"),
        (("listener", 1), "listener 2 (submission)"),
        (("listener", 1, "key"), "listener 2 (submission): key"),
        (("listener", 2, "name"), "listener 3: name"),
        (("sender", 0, "networks", 0), 'sender 1 ("\\u001b[2J"): networks, item 1'),
        (("domains", 4), "domains, item 5"),
        (("a key", "b"), '"a key".b'),
    ],
)
def test_places_are_called_as_the_reader_counts(way: Way, called: str) -> None:
    """Sections are counted from one and called by their names; what could upset a terminal is escaped."""
    assert called == place(way, DOCUMENT, {})


def test_the_line_is_told_as_far_as_it_is_known() -> None:
    """An item stands on the line of its list, a missing key on that of its section."""
    lines: dict[Way, int] = {("domains",): 3, ("listener", 1): 12}

    assert "domains, item 2 (line 3)" == place(("domains", 1), DOCUMENT, lines)
    assert "listener 2 (submission): tls (line 12)" == place(("listener", 1, "tls"), DOCUMENT, lines)
    assert "operator" == place(("operator",), DOCUMENT, lines)


def test_problems_in_the_terminal() -> None:
    """The place stands at the margin, the words below it."""
    problems = (Problem("operator", "this is missing; write for example\noperator = 1"), Problem("state", "no"))

    assert "operator\n    this is missing; write for example\n    operator = 1\nstate\n    no\n" == render(problems)
    assert render(problems) == str(ConfigError(problems))
