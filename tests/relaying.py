"""Address forms that have made open relays of other servers, by generation."""

from itertools import product

TARGETS = ("user", "2025550123", "FAX=+12025550123", '"(202) 555-0123"')
HERE = ("fax.local", "[127.0.0.1]")
AWAY = ("relay.example", "fax.local.relay.example", "notfax.local", "[192.0.2.25]", "[IPv6:2001:db8::25]", "localhost")
FAR = "relay.example"


def forms() -> list[str]:
    """Return every form, as it stands between the angle brackets of RCPT."""
    away = [f"{target}@{domain}" for target, domain in product(TARGETS, AWAY)]
    quoted = [f'"{target}@{FAR}"@{here}' for target, here in product(TARGETS, HERE)]
    hacks = [
        f"{local}@{here}"
        for target, here in product(TARGETS, HERE)
        for local in (
            f"{target}%{FAR}",
            f'"{target}%{FAR}"',
            f"{FAR}!{target}",
            f'"{FAR}!{target}"',
            f"{target}/{FAR}!x",
            f'"{target}/to=x@{FAR}"',
            f"{FAR}!{target}%{FAR}",
            f'"{target}@{FAR}"%fax.local',
        )
    ]
    routes = [
        f"@{hosts}:{target}@{domain}"
        for target, domain in product(TARGETS, (FAR, "[192.0.2.25]"))
        for hosts in ("fax.local", "fax.local,@relay.example", "relay.example,@fax.local", "[127.0.0.1]")
    ]
    broken = [
        form
        for target in TARGETS
        for form in (
            f"{target}@{FAR}@fax.local",
            f"{target}@fax.local@{FAR}",
            f"{target}@fax.local%{FAR}",
            f"{target}@",
            f"@{FAR}",
            f"{target}@fax.local:{FAR}",
            f"{target}@fax.local,{target}@{FAR}",
            f"{target}@fax.local.",
            f"{target}@.fax.local",
            f"{target}@fax..local",
            f"{target}@fax.local ",
            f"{target}@fax.local\t{FAR}",
            f"{target}@fax.local\0.{FAR}",
            f"{target}@(fax.local){FAR}",
            f"{target}(x)@{FAR}",
            f"{target}@[fax.local]",
            f"{target}@[127.0.0.1",
            f"{target}@[127.0.0.1].{FAR}",
            f"{target}@[127.0.0.01]",
            f"{target}@127.0.0.1",
            f"{target}@2130706433",
            f"<{target}@{FAR}>",
            f":{target}@{FAR}",
            f"mailto:{target}@{FAR}",
        )
    ]
    wrapped = [
        f"{local}@fax.local"
        for local in (
            f"IMCEASMTP-user+40{FAR}",
            f"IMCEAFAX-user+40{FAR}",
            f"IMCEAFAX-user+25{FAR}",
            f"IMCEAFAX-{FAR}+21user",
            f'"[SMTP:user@{FAR}]"',
            f'"[FAX:user@{FAR}]"',
            f'"[FAX:2025550123%{FAR}]"',
            f'"[FAX:{FAR}!2025550123]"',
            f'"user@{FAR}/fax=+12025550123"',
            f"user%{FAR}/fax=+12025550123",
            f'"FAX=+12025550123/to=user@{FAR}"',
            f"FAX=+12025550123/to=user%{FAR}",
        )
    ]
    return [*away, *quoted, *hacks, *routes, *broken, *wrapped]
