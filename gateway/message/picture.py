"""How large a picture is, as far as its first bytes tell: logos and tracking pixels are small."""

import re

LOGO = 300
"""Pixels: what is smaller both ways is no page. A page at the coarsest fax resolution has 1728 by 1000."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# Start of frame, but for those numbers that mean something else (ITU-T T.81, table B.1).
_FRAME = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]..\x08(..)(..)", re.DOTALL)


def is_page(head: bytes) -> bool:
    """Whether these are the first bytes of a JPEG or PNG that is large enough for a page.

    A JPEG that does not tell its size at once has a preview or a colour profile before it, as photos have.
    """
    if head.startswith(_PNG):
        width, height = head[16:20], head[20:24]
    elif head.startswith(_JPEG):
        frame = _FRAME.search(head)
        if frame is None:
            return True
        height, width = frame[1], frame[2]
    else:
        return False
    return max(int.from_bytes(width), int.from_bytes(height)) >= LOGO
