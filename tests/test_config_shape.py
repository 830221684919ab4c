"""The shape of the settings, as the messages and the documentation walk it."""

import pytest

from gateway.config.listener import ListenerSettings
from gateway.config.section import Settings
from gateway.config.settings import Config, FaxPlusSettings, OAuthSettings
from gateway.config.shape import field_at, keys, repeats, section_at, section_in, sections


def test_keys_are_called_as_in_the_file() -> None:
    """`from` is a word of Python, so the field has another name; its key has not."""
    names = list(keys(FaxPlusSettings))

    assert "from" in names
    assert "from_" not in names


def test_all_sections_are_found() -> None:
    """The walk goes into sections within sections."""
    found = [".".join(section.path) for section in sections()]

    assert found[:2] == ["faxplus", "faxplus.oauth"]
    assert {"listener", "sender", "log"} <= set(found)


def test_only_lists_of_sections_repeat() -> None:
    """A list of plain values is no repeated section."""
    repeated = {section.header for section in sections() if section.repeated}

    assert {"[[listener]]", "[[relay.next]]", "[[sender]]", "[[spend.price]]"} == repeated
    assert not repeats(keys(Config)["domains"])


@pytest.mark.parametrize(
    ("way", "section"),
    [
        ((), Config),
        (("faxplus",), FaxPlusSettings),
        (("faxplus", "oauth"), OAuthSettings),
        (("listener", 3), ListenerSettings),
    ],
)
def test_the_section_at_a_place(way: tuple[int | str, ...], section: type[Settings]) -> None:
    """Positions in lists do not matter."""
    assert section is section_at(way)


def test_no_section_where_a_value_is() -> None:
    """A value holds no keys, and an unknown key holds nothing."""
    with pytest.raises(LookupError):
        section_at(("operator",))
    with pytest.raises(LookupError):
        section_at(("nonsense", "below"))


def test_the_field_at_a_place() -> None:
    """A way leads to its field, through lists and aliases."""
    field = field_at(("sender", 0, "from", 1))
    assert field is not None

    assert field is keys(section_at(("sender",)))["from"]
    assert section_in(field) is None
    assert field_at(("operator", "below")) is None
