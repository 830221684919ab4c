"""Parameters of MAIL and RCPT: what is known, and how the rest is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp import parameters
from gateway.smtp.reply import RefusedError


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"  ",
        b" SIZE=0",
        b" SIZE=1000",
        b" size=10 body=7BIT",
        b" BODY=8bitmime",
        b" AUTH=<>",
        b" AUTH=e+3Dmc2@example.com",
    ],
)
def test_known(text: bytes) -> None:
    """SIZE, BODY and AUTH are taken, in any case."""
    parameters.of_mail(text, 1000)


@pytest.mark.parametrize(("text", "expected"), [(b" SIZE=1000", 1000), (b" SIZE=0", 0), (b" BODY=7BIT", 0), (b"", 0)])
def test_announced(text: bytes, expected: int) -> None:
    """What a client says about its mail's size is told."""

    assert expected == parameters.of_mail(text, 1000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b" SIZE=1001", "552 5.3.4"),
        (b" SIZE=99999999999999999999", "552 5.3.4"),
        (b" SIZE", "501 5.5.4"),
        (b" SIZE=", "501 5.5.4"),
        (b" SIZE=-1", "501 5.5.4"),
        (b" SIZE=1e3", "501 5.5.4"),
        (b" BODY=BINARYMIME", "501 5.5.4"),
        (b" BODY", "501 5.5.4"),
        (b" AUTH", "501 5.5.4"),
        (b" SIZE=1 size=2", "501 5.5.4"),
        (b" =1", "501 5.5.4"),
        (b" a=b=c", "501 5.5.4"),
        (b" SMTPUTF8", "555 5.5.4"),
        (b" FOO=1", "555 5.5.4"),
    ],
)
def test_refused(text: bytes, expected: str) -> None:
    """Everything else is refused with the code that tells why."""
    with pytest.raises(RefusedError) as caught:
        parameters.of_mail(text, 1000)

    assert expected == f"{caught.value.reply.code} {caught.value.reply.enhanced}"


@pytest.mark.parametrize(("text", "expected"), [(b" NOTIFY=NEVER", 555), (b" A=1 A=2", 501), (b" =", 501)])
def test_of_rcpt(text: bytes, expected: int) -> None:
    """RCPT knows none."""
    parameters.of_rcpt(b" ")
    with pytest.raises(RefusedError) as caught:
        parameters.of_rcpt(text)

    assert expected == caught.value.reply.code


@given(st.binary(max_size=100))
def test_anything(text: bytes) -> None:
    """Whatever is sent, it is taken or refused with a documented code."""
    outcome = 250
    try:
        parameters.of_mail(text, 1000)
    except RefusedError as error:
        outcome = error.reply.code

    assert outcome in {250, 501, 552, 555}
