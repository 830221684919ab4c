"""Parameters of MAIL and RCPT: what is known, what it means, and how the rest is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp import parameters
from gateway.smtp.parameters import MailWishes, RcptWishes, united
from gateway.smtp.reply import RefusedError
from gateway.smtp.terms import Terms
from tests.values import NOW

TERMS = Terms(now=NOW, largest=1000)
SUBMISSION = Terms(now=NOW, largest=1000, submission=True, longest_hold=7200, shortest_by=300)
HUNDRED = "x" * 100


def refusal(text: bytes, terms: Terms | None) -> str:
    """What comes of parameters that are refused; those of RCPT without terms."""
    with pytest.raises(RefusedError) as caught:
        parameters.of_rcpt(text) if terms is None else parameters.of_mail(text, terms)
    return f"{caught.value.reply.code} {caught.value.reply.enhanced}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", MailWishes()),
        (b"  ", MailWishes()),
        (b" SIZE=0", MailWishes()),
        (b" SIZE=1000", MailWishes(announced=1000)),
        (b" size=10 body=7BIT", MailWishes(announced=10, body="7BIT")),
        (b" BODY=8bitmime", MailWishes(body="8BITMIME")),
        (b" BODY=binarymime", MailWishes(body="BINARYMIME")),
        (b" AUTH=<>", MailWishes()),
        (b" AUTH=e+3Dmc2@example.com", MailWishes()),
        (b" RET=hdrs ENVID=QQ314159", MailWishes(ret="HDRS", envid="QQ314159")),
        (b" ret=Full envid=a+2Bb", MailWishes(ret="FULL", envid="a+b")),
        (b" ENVID=two+20words", MailWishes(envid="two words")),
        (f" ENVID={HUNDRED}".encode(), MailWishes(envid=HUNDRED)),
    ],
)
def test_of_mail(text: bytes, expected: MailWishes) -> None:
    """What MAIL asks for is read, in any case, and given back decoded."""

    assert expected == parameters.of_mail(text, TERMS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b" HOLDFOR=3600", MailWishes(release_at=NOW + 3600, hold="for;3600")),
        (
            b" holduntil=2027-01-15T09:00:00Z",
            MailWishes(release_at=NOW + 3600, hold="until;2027-01-15T09:00:00Z"),
        ),
        (b" BY=600;R", MailWishes(by_at=NOW + 600, by_mode="R")),
        (b" HOLDFOR=60 BY=600;NT", MailWishes(release_at=NOW + 60, hold="for;60", by_at=NOW + 600, by_mode="N")),
        (b" RET=FULL BY=-1;n", MailWishes(ret="FULL")),
    ],
)
def test_times_on_submission(text: bytes, expected: MailWishes) -> None:
    """Where mail is submitted, its author may ask for times; elsewhere the same is not known (RFC 4865 section 4)."""

    assert expected == parameters.of_mail(text, SUBMISSION)
    assert "555 5.5.4" == refusal(text, TERMS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b" SIZE=1001", "552 5.3.4"),
        (b" SIZE=99999999999999999999", "552 5.3.4"),
        (b" SIZE", "501 5.5.4"),
        (b" SIZE=", "501 5.5.4"),
        (b" SIZE=-1", "501 5.5.4"),
        (b" SIZE=1e3", "501 5.5.4"),
        (b" BODY=9BIT", "501 5.5.4"),
        (b" BODY", "501 5.5.4"),
        (b" AUTH", "501 5.5.4"),
        (b" AUTH=a+zz", "501 5.5.4"),
        (b" AUTH=a+0D+0A", "501 5.5.4"),
        (b" RET=ALL", "501 5.5.4"),
        (b" RET", "501 5.5.4"),
        (b" RET=FULL RET=HDRS", "501 5.5.4"),
        (b" ENVID=a=b", "501 5.5.4"),
        (b" ENVID=a+0Ab", "501 5.5.4"),
        (b" ENVID=", "501 5.5.4"),
        (f" ENVID={HUNDRED}x".encode(), "501 5.5.4"),
        (b" SIZE=1 size=2", "501 5.5.4"),
        (b" =1", "501 5.5.4"),
        (b" a=b=c", "501 5.5.4"),
        (b" HOLDFOR=1 HOLDUNTIL=2027-01-15T09:00:00Z", "501 5.5.4"),
        (b" HOLDFOR=1 HOLDFOR=1", "501 5.5.4"),
        (b" HOLDFOR=7201", "501 5.5.4"),
        (b" HOLDFOR=3600 BY=60;R", "501 5.5.4"),
        (b" BY=0;R", "501 5.5.4"),
        (b" BY", "501 5.5.4"),
        (b" BY=10;R", "555 5.5.4"),
        (b" SMTPUTF8", "555 5.5.4"),
        (b" NOTIFY=NEVER", "555 5.5.4"),
        (b" FOO=1", "555 5.5.4"),
    ],
)
def test_not_of_mail(text: bytes, expected: str) -> None:
    """Everything else is refused with the code that tells why."""

    assert expected == refusal(text, SUBMISSION)


LONG_ORCPT = "rfc822;" + "x" * 493


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b" ", RcptWishes()),
        (b" NOTIFY=NEVER", RcptWishes(notify="NEVER")),
        (b" NOTIFY=success,FAILURE", RcptWishes(notify="SUCCESS,FAILURE")),
        (b" notify=DELAY,FAILURE,SUCCESS", RcptWishes(notify="SUCCESS,FAILURE,DELAY")),
        (b" NOTIFY=FAILURE,FAILURE", RcptWishes(notify="FAILURE")),
        (b" ORCPT=rfc822;FAX+3D+2B12025550123@fax.local", RcptWishes(orcpt="rfc822;FAX=+12025550123@fax.local")),
        (b" NOTIFY=DELAY ORCPT=x400;a;b", RcptWishes(notify="DELAY", orcpt="x400;a;b")),
        (f" ORCPT={LONG_ORCPT}".encode(), RcptWishes(orcpt=LONG_ORCPT)),
    ],
)
def test_of_rcpt(text: bytes, expected: RcptWishes) -> None:
    """What RCPT asks for is read, in any case and order, and given back decoded."""

    assert expected == parameters.of_rcpt(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b" NOTIFY=NEVER,SUCCESS", "501 5.5.4"),
        (b" NOTIFY=SUCCESS,NEVER", "501 5.5.4"),
        (b" NOTIFY=", "501 5.5.4"),
        (b" NOTIFY", "501 5.5.4"),
        (b" NOTIFY=SUCCESS,", "501 5.5.4"),
        (b" NOTIFY=SUCCESS;DELAY", "501 5.5.4"),
        (b" NOTIFY=ALWAYS", "501 5.5.4"),
        (b" NOTIFY=DELAY NOTIFY=DELAY", "501 5.5.4"),
        (b" ORCPT=rfc822", "501 5.5.4"),
        (b" ORCPT=;a@b", "501 5.5.4"),
        (b" ORCPT=rfc822;", "501 5.5.4"),
        (b" ORCPT=rfc822;a+zz", "501 5.5.4"),
        (b" ORCPT=rfc822;a+0D+0ABcc:b", "501 5.5.4"),
        (b" ORCPT=rf(c)822;a", "501 5.5.4"),
        (f" ORCPT={LONG_ORCPT}x".encode(), "501 5.5.4"),
        (b" A=1 A=2", "555 5.5.4"),
        (b" RET=FULL", "555 5.5.4"),
        (b" =", "501 5.5.4"),
    ],
)
def test_not_of_rcpt(text: bytes, expected: str) -> None:
    """NEVER stands alone, and everything is as RFC 3461 section 4 writes it."""

    assert expected == refusal(text, None)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", ""),
        ("NEVER", "NEVER", "NEVER"),
        ("NEVER", "", ""),
        ("NEVER", "DELAY", "DELAY"),
        ("SUCCESS", "DELAY", "SUCCESS,DELAY"),
        ("FAILURE", "SUCCESS,FAILURE", "SUCCESS,FAILURE"),
        ("", "FAILURE", ""),
        ("", "SUCCESS", "SUCCESS,FAILURE,DELAY"),
    ],
)
def test_united(one: str, other: str, expected: str) -> None:
    """Two recipients that are one fax hear what either wants to hear; the first original address is kept."""
    first, second = RcptWishes(notify=one, orcpt="rfc822;a"), RcptWishes(notify=other, orcpt="rfc822;b")

    assert RcptWishes(notify=expected, orcpt="rfc822;a") == united(first, second)
    assert RcptWishes(notify=expected, orcpt="rfc822;b") == united(second, first)


WORDS = st.sampled_from(
    [
        "SIZE=1",
        "BODY=",
        "RET=FULL",
        "ENVID=",
        "a+2B",
        "HOLDFOR=",
        "60",
        "BY=",
        "600;R",
        "NOTIFY=",
        "NEVER",
        "ORCPT=",
        "rfc822;",
    ]
)
ANYTHING = st.one_of(
    st.binary(max_size=100), st.lists(st.one_of(WORDS, st.just(" ")), max_size=12).map("".join).map(str.encode)
)


@given(ANYTHING)
def test_anything(text: bytes) -> None:
    """Whatever is sent, it is taken or refused with a documented code, and what is kept is printable."""
    for read, codes in (
        (lambda: parameters.of_mail(text, SUBMISSION), {250, 501, 552, 555}),
        (lambda: parameters.of_rcpt(text), {250, 501, 555}),
    ):
        try:
            wishes, code = read(), 250
        except RefusedError as error:
            wishes, code = MailWishes(), error.reply.code

        assert code in codes
        assert all(
            value.isprintable() for value in (getattr(wishes, name, "") for name in ("envid", "orcpt", "notify"))
        )
