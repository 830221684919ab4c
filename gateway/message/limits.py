"""How much structure a mail may have. Real mail stays far below; beyond lies only what is made to harm."""

HEADER_OCTETS = 128 * 1024  #: all header fields of one part together
HEADER_LINES = 1000  #: lines that these may take
FIELD_OCTETS = 16 * 1024  #: one header field, with its folded lines
DEPTH = 20  #: parts inside parts
PARTS = 200  #: parts of a mail, those that hold others included
DOCUMENTS = 20  #: documents in a mail
UNPACKED = 4  #: times its own size that may be unpacked from a mail, all containers together
TEXT_OCTETS = 100_000  #: of the text of a mail, where that is faxed
COVER_LETTERS = 1500  #: of the text on a cover page
PIECES = 100  #: into which a mail may be split
