"""Whether a mail comes from the domain that it names: by SPF, or by a DKIM signature."""

from gateway.origin.signature import Signed
from gateway.origin.verifier import Verifier

__all__ = ["Signed", "Verifier"]
