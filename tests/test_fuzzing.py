"""The targets of `make fuzz`, on what they begin with and on what Hypothesis thinks of: they must not rot."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzzing.targets import TARGETS, seeds
from tests.fuzzing.wireless import packets


@pytest.mark.parametrize("target", TARGETS)
def test_seeds(target: str) -> None:
    """All that is said in the dialogues passes."""
    found = seeds(target)
    for seed in found:
        TARGETS[target](seed)

    assert len(found) > 10


@pytest.mark.parametrize("target", TARGETS)
def test_anything(target: str) -> None:
    """Whatever comes."""

    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    @given(octets=st.one_of(st.binary(max_size=60), st.sampled_from(seeds(target)), _spoilt(seeds(target))))
    def try_it(octets: bytes) -> None:
        TARGETS[target](octets)

    try_it()


def _spoilt(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """Seeds with something put in the middle of them."""
    middles = st.tuples(st.sampled_from(seeds), st.integers(0, 300), st.binary(max_size=5))
    return middles.map(lambda one: one[0][: one[1]] + one[2] + one[0][one[1] :])


@pytest.mark.parametrize(
    ("sizes", "expected"), [([], [b"abcdef"]), ([2], [b"ab", b"cd", b"ef"]), ([1, 0, 9], [b"a", b"b", b"cdef"])]
)
def test_packets(sizes: list[int], expected: list[bytes]) -> None:
    """A stream is cut as told, over and over; a packet has an octet at least."""

    assert expected == list(packets(b"abcdef", sizes))
    assert [] == list(packets(b"", sizes))
