"""Where faxes may go: one's own country, nothing that costs extra, and some numbers never."""

from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from gateway import number
from gateway.config import Config, NumberSettings, SenderSettings
from gateway.number import BadNumberError
from gateway.policy import Destinations
from gateway.policy.destinations import KINDS, objection, region

OWN = {"+12025550100"}


def refused(called: str, rule: SenderSettings | None = None, **settings: Any) -> str | None:
    """Why a number may not be called with these settings."""
    return objection(called, NumberSettings.model_validate(settings), OWN, rule)


NANP_ISLANDS = [242, 246, 264, 268, 284, 345, 441, 473, 649, 658, 664, 721, 758, 767, 784, 809, 829, 849, 868, 869, 876]


@pytest.mark.parametrize("called", ["+15551234567", "+12025550123", "+18005550123"])
def test_own_country_may_be_called(called: str) -> None:
    """By default one's own country, assigned or not."""

    assert refused(called) is None


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        ("+493012345678", "calls to DE are not allowed here, only to US"),
        ("+16135550123", "calls to CA are not allowed here, only to US"),
        ("+19005550123", "premium-rate numbers are not called"),
        ("+15005550006", "personal numbers are not called"),
        ("+870773111632", "satellite and worldwide service numbers are not called"),
        ("+881612345678", "satellite and worldwide service numbers are not called"),
        ("+88213300655", "satellite and worldwide service numbers are not called"),
        ("+883510000000", "satellite and worldwide service numbers are not called"),
        ("+979123456789", "premium-rate numbers are not called"),
        ("+80012345678", "satellite and worldwide service numbers are not called"),
        ("+80812345678", "shared-cost numbers are not called"),
        ("+12025550100", "this is the gateway's own number"),
        ("+12125550100", "numbers that begin so are denied here"),
    ],
)
def test_may_not_be_called(called: str, expected: str) -> None:
    """Abroad, dear, denied or our own: refused with the reason."""

    assert expected == refused(called, deny=["+1212"])


@pytest.mark.parametrize("area", NANP_ISLANDS)
def test_caribbean_is_abroad(area: int) -> None:
    """Islands that share +1 are other countries, also for numbers that nobody has assigned."""

    assert refused(f"+1{area}0001234") is not None


@pytest.mark.parametrize(
    ("country", "called"),
    [
        ("DE", "+4990012345"),
        ("DE", "+49900123456789"),
        ("DE", "+499001234567"),
        ("DE", "+491375000001"),
        ("DE", "+491801234567"),
        ("DE", "+497001234567"),
        ("GB", "+447012345678"),
        ("GB", "+448431234567"),
        ("GB", "+448431"),
        ("FR", "+33892123456"),
        ("CH", "+41840123456"),
        ("ES", "+34901234567"),
        ("IT", "+39892123"),
        ("NL", "+31881234567"),
    ],
)
def test_expensive_at_home(country: str, called: str) -> None:
    """Ranges that cost extra are refused in one's own country too, also at lengths that are not assigned."""

    assert refused(called, country=country) is not None


def examples() -> list[tuple[str, str, str]]:
    """Country, kind and number: an example of every expensive kind of every country that has one."""
    found = []
    for country in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind, name in KINDS.items():
            example = phonenumbers.example_number_for_type(country, kind)
            if example is not None:
                found.append((country, name, phonenumbers.format_number(example, PhoneNumberFormat.E164)))
    return found


def test_expensive_numbers_of_the_whole_world() -> None:
    """Nowhere is an expensive number called by one's own country being allowed; the kind must be allowed by name."""
    known = examples()
    called = [one for one in known if refused(one[2], country=one[0]) is None]
    kinds = sorted({name for _, name, _ in known})
    still_refused = [one for one in known if refused(one[2], allow=[region(one[2])], expensive=kinds) is not None]

    assert 300 < len(known)
    assert [] == called
    assert [] == still_refused


def test_ordinary_numbers_of_the_whole_world() -> None:
    """Fixed lines and mobiles of one's own country are called, everywhere; and free numbers that it shares."""
    called = []
    for country in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE):
            example = phonenumbers.example_number_for_type(country, kind)
            free = kind is PhoneNumberType.TOLL_FREE
            if example is not None and (free or phonenumbers.region_code_for_number(example) == country):
                called.append((country, phonenumbers.format_number(example, PhoneNumberFormat.E164)))

    assert 600 < len(called)
    assert [] == [one for one in called if refused(one[1], country=one[0]) is not None]


@pytest.mark.parametrize(("country", "called"), [("AT", "+43112"), ("AT", "+43133"), ("FR", "+33112")])
def test_emergency_and_short_codes(country: str, called: str) -> None:
    """A country code before it does not make an emergency number a fax machine."""

    assert "emergency and short codes are never called" == refused(called, country=country)


FREE = {f"+18{code}": ("US",) for code in ("00", "33", "44", "55", "66", "77", "88")}


@given(called=st.from_regex(r"\+[1-9][0-9]{4,14}", fullmatch=True), country=st.sampled_from(["US", "DE", "AX", "XX"]))
def test_every_number_gets_an_answer(called: str, country: str) -> None:
    """Whatever is dialled, it is decided; what is called is of one's own country, or a free number that it shares."""
    words = refused(called, country=country)

    assert words or country in {region(called), *FREE.get(called[:5], ())}
    assert words != ""


def test_numbers_of_no_country() -> None:
    """A country code that nobody has is called nowhere, not even where its beginning is allowed."""

    assert "no country has numbers that begin so" == refused("+99912345678", allow=["+999"])
    assert "001" == region("+99912345678")


def test_allowed_abroad() -> None:
    """A listed country may be called; then one's own must be listed too. A beginning allows what begins so."""

    assert refused("+493012345678", allow=["DE", "BS"]) is None
    assert refused("+12425551234", allow=["DE", "BS"]) is None
    assert "calls to US are not allowed here, only to DE, BS" == refused("+12025550123", allow=["DE", "BS"])
    assert refused("+498912345678", allow=["+4989"]) is None
    assert "calls to DE are not allowed here, only to +4989" == refused("+493012345678", allow=["+4989"])


def test_expensive_kinds_are_allowed_by_name() -> None:
    """Satellites are of no country, so their kind alone decides; others must be in an allowed country too."""

    assert refused("+870773111632", expensive=["satellite"]) is None
    assert refused("+19005550123", expensive=["premium-rate"]) is None
    assert "calls to DE are not allowed here, only to US" == refused("+499001234567", expensive=["premium-rate"])
    assert "premium-rate numbers are not called" == refused("+19005550123", expensive=["satellite"], allow=["US"])


def a_config(**changed: Any) -> Config:
    """A configuration with two rules, of which one has its own number and destinations."""
    usual: dict[str, Any] = {
        "operator": "it@example.org",
        "faxplus": {"token_file": "token", "from": "+12025550100"},
        "listener": [{"name": "plain"}],
        "sender": [
            {"name": "office", "networks": ["192.0.2.0/24"], "deny": ["+1202"]},
            {"name": "export", "users": ["ann"], "number": "+12025550101", "allow": ["US", "DE"]},
        ],
    }
    return Config.model_validate(usual | changed)


@pytest.mark.parametrize(
    ("rule", "called", "expected"),
    [
        ("export", "+493012345678", None),
        ("export", "+12025550123", None),
        ("office", "+493012345678", "calls to DE are not allowed here, only to US"),
        ("office", "+12025550123", "numbers that begin so are denied here"),
        ("office", "+12125550101", None),
        ("office", "+12025550101", "this is the gateway's own number"),
        ("export", "+12025550100", "this is the gateway's own number"),
        ("one that is gone", "+12025550123", None),
        ("one that is gone", "+493012345678", "calls to DE are not allowed here, only to US"),
    ],
)
def test_a_rule_has_destinations_of_its_own(rule: str, called: str, expected: str | None) -> None:
    """It may allow others and deny more; our numbers, also those of rules, are never called."""

    assert expected == Destinations(a_config()).objection(called, rule)


def test_what_is_denied_for_all_is_denied_for_each() -> None:
    """No rule opens what the block list closes."""
    closed = Destinations(a_config(numbers={"deny": ["+493012345678"]}))

    assert "numbers that begin so are denied here" == closed.objection("+493012345678", "export")
    assert closed.objection("+493012345679", "export") is None


SPELLINGS = (
    "{0}", "+{0}", "00{0}", "011{0}", "0011{0}", "+1{0}", "FAX=+{0}", "fax=+{0}", "/FAX=+{0}/", "+{0}#", "*67{0}",
    "{0}p", "{0}w1", "{0},,1", "+{0},{0}", "{0}x99", "{0};ext=5",
    "{0}#", "2025550123,{0}", "2025550123w{0}", "2025550123p{0}",
    "+12025550123/T33S={0}", "(+{0})", "+ {0}", "-{0}", ".{0}", "+(0){0}", "++{0}", "9{0}", "90{0}", "1{0}",
)  # fmt: skip
DEAR = ("19005550123", "15005550006", "870773111632", "881612345678", "979123456789", "12425550123", "18765550123")


@pytest.mark.parametrize("dear", DEAR)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_leads_around_it(spelling: str, dear: str) -> None:
    """However a number is written, it is refused, or it is another number that may be called."""
    written = spelling.format(dear)
    try:
        called = number.parse(written, NumberSettings(country="US"))
    except BadNumberError:
        return

    assert refused(called) is not None or not called.endswith(dear[-9:])


@pytest.mark.parametrize("digits", ["\u0661\u0669\u0660\u0660", "\uff11\uff19\uff10\uff10", "\u00b9\u2079\u2070\u2070"])
def test_digits_of_other_scripts_are_no_digits(digits: str) -> None:
    """What only looks like a number is none."""
    with pytest.raises(BadNumberError):
        number.parse(f"{digits}5550123", NumberSettings(country="US"))
