"""`python -m gateway.samples`: makes the sample documents anew, where they lie."""

from gateway.samples import LETTER, SCAN
from gateway.samples.make import letter, scan

letter(LETTER)
scan(SCAN)
