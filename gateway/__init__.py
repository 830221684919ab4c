"""fax-gateway: mail to <number>@fax.local leaves as a fax through FAX.PLUS, and the sender hears how it went."""

__version__ = "0.1.0"
