"""The test numbers do what the table says, and the table says the same everywhere."""

import re
from pathlib import Path

import pytest

from gateway.simulator import behaviour
from gateway.simulator.behaviour import ENDINGS, ending

STATUSES = [
    "success",
    "partially_sent",
    "partially_received",
    "in_progress",
    "insufficient_credit",
    "failed",
    "failed_internal_process_error",
    "failed_user_busy",
    "failed_no_answer",
    "failed_normal_clearing",
    "failed_normal_temporary_failure",
    "failed_to_send",
    "failed_unallocated_number",
    "failed_invalid_number_format",
    "failed_destination_not_supported",
    "failed_mimetype_not_supported",
    "failed_office_converter_issue",
    "failed_separate_file_pages_issue",
    "failed_render_header_issue",
    "failed_image_preparation",
    "failed_convert_to_tiff_issue",
    "failed_unknown_converter_issue",
    "failed_fs_49",
    "failed_fs_2",
]
"""Every status that FAX.PLUS documents."""


@pytest.mark.parametrize("status", STATUSES)
def test_every_documented_status_has_a_number(status: str) -> None:
    """Each documented status is reached by some number, at every dialling."""
    code = next(code for code, one in ENDINGS.items() if one.status == status)

    assert {status} == {ending(f"+1555222{code:04}", dialling).status for dialling in (1, 2, 99)}


@pytest.mark.parametrize("times", range(1, 10))
def test_first_diallings_only(times: int) -> None:
    """With T from 1 to 9 the first T diallings end so, and all later ones succeed."""
    number = f"+1555222{times}01"

    assert [*["failed_user_busy"] * times, "success", "success"] == [
        ending(number, dialling).status for dialling in range(1, times + 3)
    ]


@pytest.mark.parametrize("number", ["+15551234567", "+15552220000", "+15552220055", "+41445550199", "+4915155"])
def test_ordinary_numbers_succeed(number: str) -> None:
    """A number whose code is not in the table succeeds at once."""

    assert "success" == ending(number, 1).status


def test_one_status_is_unheard_of() -> None:
    """There is a number for a status that nobody has documented."""

    assert "failed_something_new" == ending("+15552220023", 1).status
    assert "failed_something_new" not in STATUSES


def test_tables_agree() -> None:
    """The table in the module, the one in the documentation and the code name the same codes and statuses."""
    told = {code: one.status for code, one in ENDINGS.items() if one.ends}
    page = Path(__file__).parents[1] / "docs" / "simulator.md"
    in_module = dict(re.findall(r"(?:^|  )(\d\d)  ([a-z_0-9]+)(?=$|  +)", behaviour.__doc__ or "", re.MULTILINE))
    in_page = dict(re.findall(r"^\| `(\d\d)` \| `([a-z_0-9]+)`", page.read_text(), re.MULTILINE))

    assert told == {int(code): status for code, status in in_module.items()}
    assert {code: one.status for code, one in ENDINGS.items()} == {int(code): one for code, one in in_page.items()}
