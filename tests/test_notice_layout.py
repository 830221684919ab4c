"""Text in lines and columns: no line of ours is longer than mail programs show."""

from gateway.notice.layout import WIDTH, columns, filled


def test_labels_and_values_stand_in_columns() -> None:
    """Each value on a line of its own, longer ones indented, as wide as the longest label."""
    text = columns([("To", ["a", "b"]), ("Attempts", ["x" * 62 + " busy"])])

    assert f"To:        a\n           b\nAttempts:  {'x' * 62}\n             busy" == text


def test_lines_are_short() -> None:
    """Whatever the names."""
    text = columns([("Documents", ["y" * 500])]) + "\n" + filled("z " * 500 + "w" * 300)

    assert max(map(len, text.splitlines())) <= WIDTH


def test_nothing_is_nothing() -> None:
    """No facts, no lines."""

    assert ("", "") == (columns([]), filled(""))


def test_a_colon_of_ones_own() -> None:
    """French sets a blank before it."""

    assert "Pages :   2\nNuméro :  1" == columns([("Pages", ["2"]), ("Numéro", ["1"])], " :")
