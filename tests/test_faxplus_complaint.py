"""What a refusal says, and what it is about."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.faxplus.complaint import Complaint, plain, read_complaint


@pytest.mark.parametrize(
    ("body", "expected", "line"),
    [
        ({"error": "too_many_files", "description": "At most 10"}, ("too_many_files", "At most 10"), None),
        ({"error": "a\r\nb"}, ("a b", ""), "a b"),
        ({"description": "why"}, ("", "why"), "why"),
        ({"error": 7, "description": ["a"]}, ("", ""), ""),
        ({}, ("", ""), ""),
        ([{"error": "x"}], ("", ""), ""),
        ("x", ("", ""), ""),
        (None, ("", ""), ""),
    ],
)
def test_read_complaint(body: object, expected: tuple[str, str], line: str | None) -> None:
    """Code and description are read as far as they are text; anything else is nothing said."""
    complaint = read_complaint(body)

    assert expected == (complaint.code, complaint.description)
    assert ("too_many_files: At most 10" if line is None else line) == str(complaint)


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        ("invalid_from", True),
        ("from_number_not_owned", True),
        ("invalid_from_number", True),
        ("sender_not_verified", True),
        ("invalid_caller_id", True),
        ("from_fax_not_found", False),
        ("file_removed_from_storage", False),
        ("invalid_form", False),
        ("too_many_destinations", False),
    ],
)
def test_code_about_our_number(code: str, *, ours: bool) -> None:
    """A code that names the field counts; one that merely holds the word does not."""

    assert ours is Complaint(code).about_our_number


@pytest.mark.parametrize(
    ("description", "ours"),
    [
        ("from: String should match pattern", True),
        ("from: +12025550100 is not a number of this account", True),
        ("'from' is not one of your numbers", True),
        ("Invalid 'from' number", True),
        ("The from number is not valid", True),
        ("The sender is not verified", True),
        ("unknown value in [from]", True),
        ("body.from: field required", True),
        ("Missing required field: from", True),
        ("Caller ID not allowed", True),
        ("file removed from storage", False),
        ("files.0: /storage/from/1.pdf was taken from the storage", False),
        ("the sender's document could not be opened", False),
        ("document sender page unreadable", False),
        ("to.0: cannot be called from your region", False),
        ("Fromage is no document", False),
        ("from_fax: no such fax", False),
    ],
)
def test_description_about_our_number(description: str, *, ours: bool) -> None:
    """So it is with descriptions: the field is meant, not the preposition."""

    assert ours is Complaint("validation_error", description).about_our_number


@pytest.mark.parametrize(
    ("complaint", "upload"),
    [
        (Complaint("file_not_found"), True),
        (Complaint("invalid_files"), True),
        (Complaint("not_found", "/storage/transient-1.pdf"), True),
        (Complaint("not_found", "Document has expired"), True),
        (Complaint("not_found", "Not found"), False),
        (Complaint("", "No profile"), False),
        (Complaint(), False),
    ],
)
def test_about_an_upload(complaint: Complaint, *, upload: bool) -> None:
    """A complaint about an upload names it, or the word for it."""

    assert upload is complaint.about_an_upload


@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_any_body(body: Any) -> None:
    """No body makes it stumble."""
    complaint = read_complaint({"error": body, "description": body})

    assert complaint.code == complaint.description
    assert complaint.about_our_number in {True, False}


@given(st.text())
def test_plain(text: str) -> None:
    """What is shown of a foreign text is one short line."""
    line = plain(text)

    assert line.isprintable()
    assert len(line) <= 200
