"""Which line what stands on."""

from gateway.configfile.source import lines

TEXT = """\
operator = "it@example.org"   # comment
faxplus.account = "self"

[faxplus] # section
from = "+12025550100"
"base_url" = "https://restapi.fax.plus/v3"

[[listener]]\r
name = "printers"
[[listener]]
  name = "submission"
[faxplus.oauth]
client_id = '''
from = "elsewhere"
'''
"""


def test_keys_and_sections_are_found_on_their_lines() -> None:
    """Repeated sections are counted, dotted and quoted keys are understood."""
    found = lines(TEXT)

    assert {
        ("operator",): 1,
        ("faxplus", "account"): 2,
        ("faxplus",): 4,
        ("faxplus", "from"): 5,
        ("faxplus", "base_url"): 6,
        ("listener",): 8,
        ("listener", 0): 8,
        ("listener", 0, "name"): 9,
        ("listener", 1): 10,
        ("listener", 1, "name"): 11,
        ("faxplus", "oauth"): 12,
        ("faxplus", "oauth", "client_id"): 13,
    } == {way: line for way, line in found.items() if line < 14}


def test_text_of_several_lines_does_not_move_what_stands_before_it() -> None:
    """Lines inside of text may look like keys; the first one found stays."""
    assert 5 == lines(TEXT)[("faxplus", "from")]
