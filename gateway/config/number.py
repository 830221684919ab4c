"""How numbers are read, and which may be called."""

from typing import Literal

from pydantic import Field

from gateway.config.section import Settings
from gateway.config.values import E164, Country, Destination, Digits, Prefix, ShortCode, Word

Expensive = Literal["premium-rate", "shared-cost", "universal-access", "personal", "pager", "voice-mail", "satellite"]
"""Kinds of numbers that are called only where the configuration says so."""


class NumberSettings(Settings):
    """How numbers are read, and which may be called."""

    country: Country = Field("US", description="how national numbers are read")
    trunk: Digits | None = Field(
        None, description='what is dialled before national numbers, such as "0"; left out: as in your country'
    )
    international: tuple[Digits, ...] = Field(
        (), description='what is dialled before a country code, such as "00"; left out: as in your country, and 00'
    )
    outside_line: tuple[Digits, ...] = Field(
        (), description='what people are used to dial for an outside line, such as "9"; it is dropped'
    )
    short: dict[ShortCode, E164] = Field(
        {}, description="codes of your own, of up to six digits, and the numbers that they stand for"
    )
    from_subject: Word | None = Field(
        None,
        description="what stands before the @ of an address whose faxes go to the number in the Subject, such as "
        '"fax", for devices that know one address alone; left out: there is none',
    )
    allow: tuple[Destination, ...] = Field(
        (), description="countries and beginnings of numbers that may be called; left out: only your own country"
    )
    deny: tuple[Prefix, ...] = Field(
        (), description="numbers and beginnings of numbers that are never called; expensive ones are refused anyway"
    )
    expensive: tuple[Expensive, ...] = Field(
        (), description="kinds of numbers that may be called though they cost extra, or invite fraud"
    )
