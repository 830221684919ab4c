"""From the bytes of a mail to the documents to fax, or why not."""

from gateway.message.encoding import decoded
from gateway.message.mail import Mail, Part, RefusedError
from gateway.message.read import read

__all__ = ["Mail", "Part", "RefusedError", "decoded", "read"]
