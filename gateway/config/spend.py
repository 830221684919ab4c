"""What faxing may cost."""

from pydantic import Field

from gateway.config.section import Settings
from gateway.config.values import Amount, Destination


class PriceSettings(Settings):
    """What a page to some destination costs. The longest beginning of the number decides, then its country."""

    to: Destination = Field(description="a country, or the beginning of numbers", examples=["+44"])
    per_page: Amount = Field(description="what a page costs", examples=[2.0])


class SpendSettings(Settings):
    """How much faxes may cost, in the unit in which FAX.PLUS tells their cost: pages, or the account's currency.

    What a fax will cost is set aside before it is sent, and made good when FAX.PLUS says what it did cost. When a cap
    is reached faxes wait, and the operator hears; also once when four fifths of it are used.
    """

    per_day: Amount | None = Field(None, description="the most in a day (UTC); left out: no limit", examples=[500.0])
    per_month: Amount | None = Field(None, description="the most in a month (UTC); left out: no limit")
    per_page: Amount = Field(1.0, description="what a page costs where no price says otherwise")
    price: tuple[PriceSettings, ...] = Field((), description="what pages to some destinations cost")
