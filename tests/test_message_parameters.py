"""Fields with parameters, as the standards have them and as devices write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.message.parameters import Field, read_field


@pytest.mark.parametrize(
    ("text", "value", "parameters"),
    [
        ("", "", {}),
        ("pdf", "pdf", {}),
        ("Application/PDF", "application/pdf", {}),
        ('Multipart/mixed;boundary="TTEC x"', "multipart/mixed", {"boundary": "TTEC x"}),
        ('multipart/mixed boundary="X"', "multipart/mixed", {"boundary": "X"}),
        ("a/b; NAME = My file=2.pdf; x=y", "a/b", {"name": "My file=2.pdf", "x": "y"}),
        ('a/b; name="a;b=c"; x=y', "a/b", {"name": "a;b=c", "x": "y"}),
        ('a/b; name="never closed.pdf', "a/b", {"name": "never closed.pdf"}),
        (r'a/b; name="say \"hi\".pdf"', "a/b", {"name": 'say "hi".pdf'}),
        (r'a/b; name="C:\temp\x.pdf"', "a/b", {"name": r"C:\temp\x.pdf"}),
        ("a/b; x=1; x=2", "a/b", {"x": "1"}),
        ('a; name="=?utf-8?q?Gr=C3=BC=C3=9Fe?="', "a", {"name": "Grüße"}),
        ("a; filename*=utf-8'de'Gr%C3%BC%C3%9Fe; filename=plain", "a", {"filename": "Grüße"}),
        ("a; filename*=Gr%C3%BC%C3%9Fe", "a", {"filename": "Grüße"}),
        ("a; f*0*=iso-8859-1''%FC; f*1=b%20; f*2*=%DF", "a", {"f": "üb%20ß"}),
        ("a; f*1=b; f*0=a; f*10=d; f*2=c", "a", {"f": "abcd"}),
        ("a; f*x=b", "a", {"f*x": "b"}),
        ("text/plain (a comment); charset=utf-8", "text/plain", {"charset": "utf-8"}),
    ],
)
def test_read_field(text: str, value: str, parameters: dict[str, str]) -> None:
    """Both the standard's forms and the usual deviations are understood."""

    assert Field(value, parameters) == read_field(text)


@given(st.text(st.sampled_from("a;=\"'*0%\\ ?(é") | st.characters(codec="utf-8"), max_size=200))
def test_anything(text: str) -> None:
    """No field is an error."""
    field = read_field(text)

    assert text.lower().startswith(field.value)
