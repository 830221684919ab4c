"""What becomes of a fax, by the number it goes to, as with the test numbers of credit cards.

The last three digits of a number are read as T and SS. SS chooses the ending from the table below; any
other SS succeeds. T = 0: it always ends so. T = 1 to 9: the first T diallings of that number end so, later ones
succeed.

SS  status                               SS  status
--  ----------------------------------   --  ----------------------------------
00  success                              13  failed_separate_file_pages_issue
01  failed_user_busy                     14  failed_render_header_issue
02  failed_no_answer                     15  failed_image_preparation
03  failed_normal_clearing               16  failed_convert_to_tiff_issue
04  failed_normal_temporary_failure      17  failed_unknown_converter_issue
05  failed_to_send                       18  failed_fs_49
06  failed                               19  failed_fs_2
07  failed_internal_process_error        20  partially_sent
08  failed_unallocated_number            21  insufficient_credit
09  failed_invalid_number_format         22  partially_received
10  failed_destination_not_supported     23  failed_something_new
11  failed_mimetype_not_supported        90  stays in the outbox, sending, for ever
12  failed_office_converter_issue        91  leaves the outbox and stays in_progress for ever

So +1 555 222 0001 is always busy, +1 555 222 0101 is busy once, +1 555 123 4567 succeeds.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How one dialling ends."""

    status: str
    description: str = "OK"
    share: float = 0.0  #: of the pages, that went out
    seconds: float = 0.0  #: on the line, beside the pages
    redialled: bool = False  #: whether the platform dials again when it was asked to retry
    ends: bool = True


SUCCESS = Ending(status="success", share=1.0, seconds=10.0)
IN_PROGRESS = "in_progress"
UNPAID = Ending(status="insufficient_credit", description="Insufficient credit")


def _line(status: str, description: str, seconds: float) -> Ending:
    """Build an ending that another dialling may change."""
    return Ending(status=status, description=description, seconds=seconds, redialled=True)


def _partial(status: str, description: str) -> Ending:
    return Ending(status=status, description=description, seconds=10.0, share=0.5)


ENDINGS = {
    0: SUCCESS,
    1: _line("failed_user_busy", "User busy", 4.0),
    2: _line("failed_no_answer", "No answer", 60.0),
    3: _line("failed_normal_clearing", "Normal call clearing", 8.0),
    4: _line("failed_normal_temporary_failure", "Temporary failure", 3.0),
    5: _line("failed_to_send", "Failed to send", 30.0),
    6: _line("failed", "Failed", 20.0),
    7: _line("failed_internal_process_error", "Internal process error", 1.0),
    8: Ending(status="failed_unallocated_number", description="Unallocated number", seconds=2.0),
    9: Ending(status="failed_invalid_number_format", description="Invalid number format"),
    10: Ending(status="failed_destination_not_supported", description="Destination not supported"),
    11: Ending(status="failed_mimetype_not_supported", description="File type not supported"),
    12: Ending(status="failed_office_converter_issue", description="Office document could not be converted"),
    13: Ending(status="failed_separate_file_pages_issue", description="Pages could not be separated"),
    14: Ending(status="failed_render_header_issue", description="Header could not be rendered"),
    15: Ending(status="failed_image_preparation", description="Image could not be prepared"),
    16: Ending(status="failed_convert_to_tiff_issue", description="File could not be converted to TIFF"),
    17: Ending(status="failed_unknown_converter_issue", description="File could not be converted"),
    18: _line("failed_fs_49", "The call dropped prematurely", 25.0),
    19: _line("failed_fs_2", "Timed out waiting for initial communication", 40.0),
    20: _partial("partially_sent", "The call dropped after some pages"),
    21: UNPAID,
    22: _partial("partially_received", "The receiver took only some pages"),
    23: _line("failed_something_new", "A status that nobody has written down yet", 5.0),
    90: Ending(status="sending", ends=False),
    91: Ending(status=IN_PROGRESS, ends=False),
}


def ending(number: str, dialling: int) -> Ending:
    """How the how-manieth dialling of this E.164 number ends, counted from 1."""
    times, code = int(number[-3]), int(number[-2:])
    if times and dialling > times:
        return SUCCESS
    return ENDINGS.get(code, SUCCESS)
