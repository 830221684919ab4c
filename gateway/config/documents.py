"""What is faxed beside PDF and TIFF."""

from typing import Literal

from pydantic import Field

from gateway.config.section import Settings


class DocumentSettings(Settings):
    """What is faxed beside PDF and TIFF, which always are. What is not faxed is left out and listed."""

    pictures: bool = Field(
        default=False, description="whether attached JPEG and PNG pictures are faxed, each on a page; logos never are"
    )
    text: Literal["leave", "cover", "page"] = Field(
        "leave",
        description='what becomes of the text of a mail: "cover" puts it on FAX.PLUS\'s cover page, "page" on pages of'
        " its own, so that a mail of plain text alone is faxed too, in any European language; never HTML, nor the text"
        " of senders with a confirm_to",
    )
