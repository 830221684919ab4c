"""Dial rules that contradict each other: digits that could be read in two ways, or lead where no fax may go."""

from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneMetadata

from gateway.config import Config, NumberSettings
from gateway.configfile.problem import Way


def contradictions(config: Config) -> Iterator[tuple[Way, str]]:
    """Find them: the way to each, and what to do about it."""
    rules = config.numbers
    yield from _prefixes(rules)
    yield from _outside_lines(rules)
    for code, number in rules.short.items():
        way: Way = ("numbers", "short", code)
        dialled = [code, *(code.removeprefix(line) for line in rules.outside_line)]
        if any(phonenumbers.is_emergency_number(digits, rules.country) for digits in dialled):
            yield way, "this is an emergency number; faxes never go to it, whatever it stands for: take another code"
        if number == config.faxplus.from_:
            yield way, "this is the gateway's own number, which it never calls"
    if rules.from_subject is not None and not _free(rules.from_subject):
        yield ("numbers", "from_subject"), 'this address means something else already: write a word, such as "fax"'


def _free(name: str) -> bool:
    """Whether it is neither a number nor the operator's address."""
    return name[0].isalpha() and name.lower() not in {"postmaster", "abuse"}


def _prefixes(rules: NumberSettings) -> Iterator[tuple[Way, str]]:
    trunk = _trunk(rules)
    for index, prefix in enumerate(rules.international):
        if trunk is not None and trunk.startswith(prefix):
            words = (
                f"national numbers begin with {trunk}, and would be taken for international ones; write a longer prefix"
            )
            yield ("numbers", "international", index), words


def _outside_lines(rules: NumberSettings) -> Iterator[tuple[Way, str]]:
    """With `0` for an outside line, is 0030 the beginning of a number in Greece, or 030 in Berlin?"""
    taken = {prefix for prefix in (_trunk(rules), *(rules.international or _international(rules))) if prefix}
    for index, line in enumerate(rules.outside_line):
        clash = sorted(prefix for prefix in taken if prefix.startswith(line) or line.startswith(prefix))
        if clash:
            words = (
                f"numbers begin with {' and '.join(clash)} here: nobody could tell whether an outside line is meant; "
                "leave it out: then people write numbers without it"
            )
            yield ("numbers", "outside_line", index), words


def _trunk(rules: NumberSettings) -> str | None:
    here = PhoneMetadata.metadata_for_region(rules.country)
    return rules.trunk or (here.national_prefix if here is not None else None)


def _international(rules: NumberSettings) -> tuple[str, ...]:
    """What is dialled in that country before a country code, where it is digits and no pattern; and 00."""
    here = PhoneMetadata.metadata_for_region(rules.country)
    usual = here.international_prefix if here is not None else None
    return (*((usual,) if usual is not None and usual.isdigit() else ()), "00")
