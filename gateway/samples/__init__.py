"""Two documents to try the gateway with; `python -m gateway.samples` makes them anew."""

from importlib.resources import files
from pathlib import Path

LETTER = Path(str(files("gateway.samples") / "letter.pdf"))
"""A PDF of three pages of text."""

SCAN = Path(str(files("gateway.samples") / "scan.tif"))
"""A TIFF of two pages as a fax machine scans them: Group 4, 1728 pixels wide, 204 by 196 dots per inch."""
