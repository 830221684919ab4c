"""How much may be faxed. What is left out is not limited."""

from pydantic import Field

from gateway.config.section import Settings

MOST = 1_000_000_000


class Quota(Settings):
    """How many faxes and pages are taken. More than an hour's are refused for a while, more than a day's for good."""

    per_hour: int | None = Field(None, ge=1, le=MOST, description="faxes in the last hour", examples=[100])
    per_day: int | None = Field(None, ge=1, le=MOST, description="faxes in the last 24 hours", examples=[1000])
    pages_per_hour: int | None = Field(None, ge=1, le=MOST, description="pages in the last hour")
    pages_per_day: int | None = Field(None, ge=1, le=MOST, description="pages in the last 24 hours")


class QuotaSettings(Quota):
    """How much may be faxed by all together. Each sender rule may have its own.

    More than an hour's is refused for a while (450), more than a day's for good (550).
    """

    number: Quota = Field(Quota(), description="to any one number")
