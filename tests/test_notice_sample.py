"""The operator's templates are tried before any mail needs them."""

from importlib.resources import files
from pathlib import Path

import pytest

from gateway.notice import Library, LibraryError, prove


@pytest.mark.parametrize("name", ["mail.txt", "mail.html"])
def test_ours_are_good(name: str, tmp_path: Path) -> None:
    """In every language, for one fax and for several; also as a copy in the operator's folder."""
    ours = files("gateway.notice") / "templates" / name
    (tmp_path / name).write_text(ours.read_text("utf-8"))
    library = Library(tmp_path)
    prove(library)

    assert ["de", "en", "es", "fr"] == library.languages


@pytest.mark.parametrize(
    ("name", "template", "good"),
    [
        ("mail.txt", "{{ page.sentence }}", True),
        ("mail.txt", "{{ page.sentnce }}", False),
        ("mail.html", "{% for entry in page.entries %}{{ entry.colour }}{% endfor %}", False),
        ("mail.html", "{{ 1 / 0 }}", False),
        ("mail.html", "{% if page.picture %}{{ page.pictures }}{% endif %}", False),
    ],
)
def test_theirs(name: str, template: str, good: bool, tmp_path: Path) -> None:  # noqa: FBT001  # a column of the table
    """A mistake is found also where it concerns mails about several faxes alone."""
    (tmp_path / name).write_text(template)
    found = ""
    try:
        prove(Library(tmp_path))
    except LibraryError as error:
        found = str(error)

    assert good == (not found)
    assert good or found.startswith(f"the template {name} fails: ")
