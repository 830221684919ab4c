"""Mail programs of other people, as their users start them. What is not installed is named at the end of a test run.

Each returns the command that sends the mail in `mail` to the gateway: alice's, to one number.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.samples import LETTER
from tests.running import ALICE

NODEMAILER = Path(__file__).parents[1] / ".node" / "node_modules" / "nodemailer"
USER, PASSWORD = "alice", "correct horse battery staple"


@dataclass(frozen=True)
class Errand:
    """What a program is asked to do."""

    ports: dict[str, int]
    authority: Path  #: the certificate to trust
    mail: Path  #: RFC 5322, with documents
    number: str

    @property
    def to(self) -> str:
        """The recipient's address; swaks takes a plus for one of its options."""
        return f"{self.number.removeprefix('+')}@fax.local"


Program = Callable[[Errand], list[str]]


def swaks_plain(errand: Errand) -> list[str]:
    """As a script on a listed server: no TLS, no login, a file attached."""
    attach = ["--attach-type", "application/pdf", "--attach-name", "letter.pdf", "--attach", f"@{LETTER}"]
    return ["swaks", "--server", f"127.0.0.1:{errand.ports['test']}", "--from", ALICE, "--to", errand.to, *attach]


def swaks_starttls_login(errand: Errand) -> list[str]:
    """STARTTLS, then AUTH LOGIN."""
    return _swaks_protected(errand, "submission", ["--tls"], "LOGIN")


def swaks_starttls_plain(errand: Errand) -> list[str]:
    """STARTTLS, then AUTH PLAIN."""
    return _swaks_protected(errand, "submission", ["--tls"], "PLAIN")


def swaks_implicit(errand: Errand) -> list[str]:
    """TLS from the first octet."""
    return _swaks_protected(errand, "implicit", ["--tls-on-connect"], "PLAIN")


def _swaks_protected(errand: Errand, listener: str, tls: list[str], how: str) -> list[str]:
    login = ["--auth", how, "--auth-user", USER, "--auth-password", PASSWORD]
    server = ["--server", f"localhost:{errand.ports[listener]}", *tls]
    return ["swaks", *server, *login, "--from", ALICE, "--to", errand.to, "--data", f"@{errand.mail}"]


def swaks_pipelined(errand: Errand) -> list[str]:
    """All commands at once."""
    return [*swaks_plain(errand), "--pipeline"]


def curl_plain(errand: Errand) -> list[str]:
    """As many a script does."""
    return ["curl", "-sS", f"smtp://127.0.0.1:{errand.ports['test']}", *_curl(errand)]


def curl_starttls(errand: Errand) -> list[str]:
    """STARTTLS and a login."""
    login = ["--ssl-reqd", "--cacert", str(errand.authority), "--user", f"{USER}:{PASSWORD}"]
    return ["curl", "-sS", f"smtp://localhost:{errand.ports['submission']}", *login, *_curl(errand)]


def curl_implicit(errand: Errand) -> list[str]:
    """TLS from the first octet, and a login."""
    login = ["--cacert", str(errand.authority), "--user", f"{USER}:{PASSWORD}"]
    return ["curl", "-sS", f"smtps://localhost:{errand.ports['implicit']}", *login, *_curl(errand)]


def _curl(errand: Errand) -> list[str]:
    return ["--mail-from", ALICE, "--mail-rcpt", errand.to, "--upload-file", str(errand.mail)]


def msmtp_plain(errand: Errand) -> list[str]:
    """As sendmail's stand-in on a listed server."""
    return ["msmtp", "--file=/dev/null", "--host=127.0.0.1", f"--port={errand.ports['test']}", *_msmtp(errand)]


def msmtp_starttls(errand: Errand) -> list[str]:
    """STARTTLS and a login."""
    tls = ["--tls=on", "--tls-starttls=on", f"--tls-trust-file={errand.authority}"]
    login = ["--auth=plain", f"--user={USER}", f"--passwordeval=echo '{PASSWORD}'"]
    where = ["--host=localhost", f"--port={errand.ports['submission']}"]
    return ["msmtp", "--file=/dev/null", *where, *tls, *login, *_msmtp(errand)]


def _msmtp(errand: Errand) -> list[str]:
    return [f"--from={ALICE}", errand.to]


def mutt_plain(errand: Errand) -> list[str]:
    """As on a listed server; it would take STARTTLS if that were offered."""
    return _mutt(errand, f"smtp://127.0.0.1:{errand.ports['test']}/", "set ssl_force_tls=no")


def mutt_starttls(errand: Errand) -> list[str]:
    """STARTTLS and a login."""
    return _mutt(errand, f"smtp://{USER}@localhost:{errand.ports['submission']}/", "set ssl_force_tls=yes")


def mutt_implicit(errand: Errand) -> list[str]:
    """TLS from the first octet, and AUTH LOGIN."""
    return _mutt(errand, f"smtps://{USER}@localhost:{errand.ports['implicit']}/", 'set smtp_authenticators="login"')


def _mutt(errand: Errand, url: str, *more: str) -> list[str]:
    trust = f'set ssl_ca_certificates_file="{errand.authority}"', f'set certificate_file="{errand.authority}"'
    sender = f'set from="{ALICE}"', "set use_envelope_from=yes", f'set envelope_from_address="{ALICE}"'
    login = f'set smtp_url="{url}"', f'set smtp_pass="{PASSWORD}"'
    settings = [word for line in (*login, *trust, *sender, "set copy=no", *more) for word in ("-e", line)]
    return ["mutt", "-n", "-F", "/dev/null", *settings, "-s", "A letter", "-a", str(LETTER), "--", errand.to]


def nodemailer(errand: Errand) -> list[str]:
    """What programs in Node send with: STARTTLS and a login."""
    script = f"""
    const transport = require({str(NODEMAILER)!r}).createTransport({{
      host: "localhost", port: {errand.ports["submission"]}, requireTLS: true,
      auth: {{user: {USER!r}, pass: {PASSWORD!r}}},
      tls: {{ca: require("fs").readFileSync({str(errand.authority)!r})}},
    }});
    transport.sendMail({{
      from: {ALICE!r}, to: {errand.to!r}, subject: "From Node",
      text: "A letter", attachments: [{{path: {str(LETTER)!r}}}],
    }}).then(() => process.exit(0), (error) => {{ console.error(error); process.exit(1); }});
    """
    return ["node", "-e", script]


PROGRAMS: tuple[Program, ...] = (
    swaks_plain,
    swaks_starttls_login,
    swaks_starttls_plain,
    swaks_implicit,
    swaks_pipelined,
    curl_plain,
    curl_starttls,
    curl_implicit,
    msmtp_plain,
    msmtp_starttls,
    mutt_plain,
    mutt_starttls,
    mutt_implicit,
    nodemailer,
)


def installed(program: Program) -> bool:
    """Whether this machine has it."""
    if program is nodemailer:
        return NODEMAILER.exists() and shutil.which("node") is not None
    return shutil.which(program.__name__.partition("_")[0]) is not None


def missing() -> list[str]:
    """The programs that are not tried on this machine."""
    names = [program.__name__ for program in PROGRAMS if not installed(program)]
    others = [name for name in ("postfix", "testssl") if shutil.which(name, path="/usr/sbin:/usr/bin") is None]
    return [*names, *others]
