"""What FAX.PLUS's words mean: every published word has its meaning, and no other word ever means success."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.fax import UNKNOWN
from gateway.outcome import MEANINGS, Ending, meaning

WRITTEN = yaml.safe_load((Path(__file__).parent / "data" / "faxplus-openapi.yaml").read_text())["components"]["schemas"]

TABLE = [
    ("success", Ending.DELIVERED, "2.1.5"),
    ("in_progress", Ending.PENDING, "4.0.0"),
    ("submitted", Ending.PENDING, "4.0.0"),
    ("converting", Ending.PENDING, "4.0.0"),
    ("scheduled_for_sending", Ending.PENDING, "4.0.0"),
    ("sending", Ending.PENDING, "4.0.0"),
    ("partially_sent", Ending.PARTIAL, "4.4.2"),
    ("partially_received", Ending.PARTIAL, "4.4.2"),
    ("failed_fs_49", Ending.PARTIAL, "4.4.2"),
    (UNKNOWN, Ending.PARTIAL, "4.4.7"),
    ("insufficient_credit", Ending.CREDIT, "4.3.5"),
    ("failed", Ending.REDIAL, "4.0.0"),
    ("failed_internal_process_error", Ending.REDIAL, "4.3.0"),
    ("failed_user_busy", Ending.REDIAL, "4.4.1"),
    ("failed_no_answer", Ending.REDIAL, "4.4.1"),
    ("failed_normal_clearing", Ending.REDIAL, "4.4.1"),
    ("failed_normal_temporary_failure", Ending.REDIAL, "4.4.5"),
    ("failed_to_send", Ending.REDIAL, "4.4.5"),
    ("failed_fs_2", Ending.REDIAL, "4.4.2"),
    ("failed_unallocated_number", Ending.PERMANENT, "5.1.1"),
    ("failed_invalid_number_format", Ending.PERMANENT, "5.1.3"),
    ("failed_destination_not_supported", Ending.PERMANENT, "5.4.4"),
    ("failed_mimetype_not_supported", Ending.PERMANENT, "5.6.1"),
    ("failed_office_converter_issue", Ending.PERMANENT, "5.6.5"),
    ("failed_separate_file_pages_issue", Ending.PERMANENT, "5.6.5"),
    ("failed_render_header_issue", Ending.PERMANENT, "5.6.5"),
    ("failed_image_preparation", Ending.PERMANENT, "5.6.5"),
    ("failed_convert_to_tiff_issue", Ending.PERMANENT, "5.6.5"),
    ("failed_unknown_converter_issue", Ending.PERMANENT, "5.6.5"),
    ("", Ending.PERMANENT, "4.0.0"),
]


@pytest.mark.parametrize(("status", "ending", "dsn"), TABLE)
def test_table(status: str, ending: Ending, dsn: str) -> None:
    """Each word leads where the vendor's description and the DSN checklist say."""
    means = meaning(status)

    assert (ending, dsn) == (means.ending, means.dsn)


def test_every_published_word() -> None:
    """No word of the written API is left to the rule for unknown ones, and the table knows no word of its own."""
    published = {*WRITTEN["FaxStatus"]["anyOf"][0]["enum"], *WRITTEN["OutboxStatus"]["enum"]}

    assert published | {"", UNKNOWN} == set(MEANINGS)
    assert set(MEANINGS) == {status for status, _, _ in TABLE}


@pytest.mark.parametrize("status", MEANINGS)
def test_words_are_sentences(status: str) -> None:
    """What people read is text without a stop or a code word; codes are RFC 3463's."""
    means = meaning(status)

    assert re.fullmatch(r"[a-zF][A-Za-z.,;' ]+[a-zS]", means.words)
    assert "failed_" not in means.words
    assert re.fullmatch(r"[245]\.\d\.\d", means.dsn)


def test_delivered_alone_is_class_2() -> None:
    """A mail program is told of success exactly when FAX.PLUS said success."""

    assert ["success"] == [status for status, means in MEANINGS.items() if means.dsn.startswith("2")]
    assert ["success"] == [status for status, means in MEANINGS.items() if means.ending is Ending.DELIVERED]


@pytest.mark.parametrize(
    ("status", "ending", "words"),
    [
        ("failed_line_eaten_by_bear", Ending.PERMANENT, 'reports "failed_line_eaten_by_bear"'),
        ("failed\r\nBcc: x", Ending.PERMANENT, 'reports "failed??Bcc: x"'),
        ("Success", Ending.PARTIAL, "it may have arrived"),
        ("delivered", Ending.PARTIAL, "it may have arrived"),
        ("x" * 900, Ending.PARTIAL, f'reports "{"x" * 60}"'),
    ],
)
def test_unknown_words(status: str, ending: Ending, words: str) -> None:
    """A new failure is a failure; any other new word is neither that nor success; both are shown, cut and clean."""
    means = meaning(status)

    assert ending is means.ending
    assert words in means.words


@given(st.text())
def test_any_text(status: str) -> None:
    """Nothing but the word itself is success, and nothing unknown is dialled again or waited for."""
    means = meaning(status)

    assert (status == "success") == (means.ending is Ending.DELIVERED)
    assert status in MEANINGS or means.ending in {Ending.PARTIAL, Ending.PERMANENT}
    assert means.words.isprintable()
