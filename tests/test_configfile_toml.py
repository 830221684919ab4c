"""Writing TOML that reads the same."""

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.configfile.toml import assignments

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    TEXT | st.integers(-(2**63), 2**63 - 1) | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(section=st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), VALUES, max_size=4))
def test_what_is_written_reads_the_same(section: dict[str, object]) -> None:
    """Any text, number, truth, list or table comes back as it was."""
    assert section == tomllib.loads(assignments(section))
