"""HOLDFOR, HOLDUNTIL and BY: which times a sender may ask for, in seconds from now (2027-01-15T08:00:00Z)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp import timing
from gateway.smtp.reply import RefusedError
from gateway.smtp.terms import Terms
from tests.values import NOW

DAY = 86_400
TERMS = Terms(now=NOW, largest=1000, submission=True, longest_hold=30 * DAY, shortest_by=300)


@pytest.mark.parametrize(
    ("hold_for", "hold_until", "expected"),
    [
        ("", "", None),
        ("1", "", 1),
        ("3600", "", 3600),
        ("2592000", "", 30 * DAY),
        ("", "2027-01-15T08:00:01Z", 1),
        ("", "2027-01-15t12:00:00z", 4 * 3600),
        ("", "2027-01-15T08:00:00.5Z", 0.5),
        ("", "2027-02-14T08:00:00Z", 30 * DAY),
    ],
)
def test_release(hold_for: str, hold_until: str, expected: float | None) -> None:
    """Up to the longest hold, in seconds or as a moment in UTC."""
    at = timing.release_at(hold_for, hold_until, TERMS)

    assert expected == (None if at is None else at - NOW)


@pytest.mark.parametrize(
    ("hold_for", "hold_until", "words"),
    [
        ("0", "", "written as seconds"),
        ("-1", "", "written as seconds"),
        ("1h", "", "written as seconds"),
        ("007", "", "written as seconds"),
        ("2592001", "", "2592000 seconds at most"),
        ("999999999", "", "2592000 seconds at most"),
        ("99999999999", "", "written as seconds"),
        ("", "2027-01-15T08:00:00Z", "over already"),
        ("", "2020-01-01T00:00:00Z", "over already"),
        ("", "2027-02-14T08:00:01Z", "2592000 seconds at most"),
        ("", "9999-12-31T23:59:59Z", "2592000 seconds at most"),
        ("", "2027-01-15T10:00:00+01:00", "in UTC"),
        ("", "2027-01-15T10:00:00", "in UTC"),
        ("", "2027-02-30T10:00:00Z", "in UTC"),
        ("", "2027-01-15T24:00:01Z", "in UTC"),
        ("", "tomorrow", "in UTC"),
        ("1", "2027-01-15T09:00:00Z", "not both"),
    ],
)
def test_no_release(hold_for: str, hold_until: str, words: str) -> None:
    """Malformed, over, too far away or twice: 501, and the reason (RFC 4865 section 4.2)."""
    with pytest.raises(RefusedError, match=rf"501 5\.5\.4 .*{words}"):
        timing.release_at(hold_for, hold_until, TERMS)


@pytest.mark.parametrize(
    ("value", "release", "expected"),
    [
        ("", None, (None, "")),
        ("300;R", None, (300, "R")),
        ("+300;r", None, (300, "R")),
        ("1;N", None, (1, "N")),
        ("86400;NT", None, (DAY, "N")),
        ("86400;rt", None, (DAY, "R")),
        ("0;N", None, (None, "")),
        ("-5;N", None, (None, "")),
        ("3900;R", 3600, (3900, "R")),
        ("3600;N", 3600, (3600, "N")),
    ],
)
def test_deliver_by(value: str, release: float | None, expected: tuple[float | None, str]) -> None:
    """Seconds from MAIL on; what was late when it came is not late again."""
    at, mode = timing.deliver_by(value, None if release is None else NOW + release, TERMS)

    assert expected == (None if at is None else at - NOW, mode)


@pytest.mark.parametrize(
    ("value", "release", "expected"),
    [
        ("0;R", None, "501 5.5.4 with BY=...;R the time must not be over"),
        ("-5;R", None, "501 5.5.4 with BY=...;R the time must not be over"),
        ("299;R", None, "555 5.5.4 BY=...;R takes 300 seconds at least"),
        ("60;R", 3600, "501 5.5.4 the time of BY is over before"),
        ("3599;N", 3600, "501 5.5.4 the time of BY is over before"),
        ("-5;N", 3600, "501 5.5.4 the time of BY is over before"),
        ("3899;R", 3600, "555 5.5.4 BY=...;R takes 300 seconds at least"),
        ("300", None, "501 5.5.4 BY is written"),
        ("300;X", None, "501 5.5.4 BY is written"),
        ("300;RX", None, "501 5.5.4 BY is written"),
        ("300;TR", None, "501 5.5.4 BY is written"),
        (";R", None, "501 5.5.4 BY is written"),
        ("1e3;R", None, "501 5.5.4 BY is written"),
        ("1234567890;R", None, "501 5.5.4 BY is written"),
    ],
)
def test_no_deliver_by(value: str, release: float | None, expected: str) -> None:
    """Malformed or contradictory: 501; too short for a fax: 555, with what is possible (RFC 2852 section 4)."""
    with pytest.raises(RefusedError) as caught:
        timing.deliver_by(value, None if release is None else NOW + release, TERMS)

    assert str(caught.value).startswith(expected)


@given(
    st.text(alphabet="0123456789-:TZ.+;RNT ", max_size=30),
    st.text(alphabet="0123456789-:TZ.+;RNT ", max_size=30),
    st.text(alphabet="0123456789-+;RNTrnt", max_size=14),
)
def test_anything(hold_for: str, hold_until: str, by: str) -> None:
    """Whatever is written, times in the future come out, or a documented refusal."""
    code = 250
    try:
        release = timing.release_at(hold_for, hold_until, TERMS)
        at, mode = timing.deliver_by(by, release, TERMS)
    except RefusedError as error:
        code = error.reply.code
    else:
        assert all(moment is None or moment > NOW for moment in (release, at))
        assert mode in ({""} if at is None else {"R", "N"})

    assert code in {250, 501, 555}
