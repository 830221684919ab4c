"""Runs the targets, each in a process of its own, since libFuzzer does not return."""

import argparse
import importlib.util
import logging
import subprocess
import sys
from pathlib import Path

import structlog

KEPT = Path(sys.prefix) / "fuzzing"
"""Where each target's corpus and findings lie, from one run to the next."""

LONGEST_INPUT = 4096
SLOWEST = 20
"""Seconds after which one input is a finding."""

MISSING = """
NOT RUN: atheris is not installed for this Python ({version}), so nothing was fuzzed by coverage.
         It has wheels for some versions and machines alone; `make fuzz` goes on with Hypothesis.
"""


def main() -> int:
    """Run all targets, or show one finding again."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument("--seconds", type=int, default=1800, help="how long each target runs")
    parser.add_argument("--target", help="this one alone")
    parser.add_argument("--again", type=Path, help="a finding, to see it once more")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.again:
        from tests.fuzzing.targets import TARGETS  # noqa: PLC0415  # atheris must come first below, and is not here

        TARGETS[wanted.target](wanted.again.read_bytes())
        return 0
    if importlib.util.find_spec("atheris") is None:
        sys.stderr.write(MISSING.format(version=sys.version.split()[0]))
        return 0
    if wanted.inside:
        _fuzz(wanted.target, wanted.seconds)
    names = [wanted.target] if wanted.target else ["session", "path", "wishes", "digits"]
    return max([_run(name, wanted.seconds) for name in names])


def _run(target: str, seconds: int) -> int:
    sys.stderr.write(f"== {target}, {seconds} s\n")
    command = [sys.executable, "-m", "tests.fuzzing", "--inside", "--target", target, "--seconds", str(seconds)]
    return subprocess.run(command, check=False).returncode


def _fuzz(target: str, seconds: int) -> None:
    import atheris  # noqa: PLC0415  # of `make fuzz` alone

    with atheris.instrument_imports(include=["gateway", "aiosmtpd", "phonenumbers"]):
        from tests.fuzzing.targets import TARGETS, seeds  # noqa: PLC0415  # instrumented while they are imported
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    corpus = KEPT / target
    corpus.mkdir(parents=True, exist_ok=True)
    for place, seed in enumerate(seeds(target)):
        (corpus / f"seed{place}").write_bytes(seed)
    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST_INPUT}", f"-timeout={SLOWEST}", "-rss_limit_mb=2048"]
    where = [f"-artifact_prefix={corpus.parent}/{target}-", f"-dict={_words(corpus.parent)}"]
    atheris.Setup([sys.argv[0], *limits, *where, "-print_final_stats=1", "-verbosity=1", str(corpus)], TARGETS[target])
    atheris.Fuzz()


def _words(directory: Path) -> Path:
    """What libFuzzer would take long to hit upon."""
    words = "EHLO HELO MAIL RCPT DATA BDAT LAST AUTH LOGIN PLAIN STARTTLS RSET NOOP VRFY QUIT PROXY TCP4 FROM: TO: "
    words += "SIZE= BODY= BINARYMIME RET= FULL ENVID= NOTIFY= NEVER SUCCESS ORCPT= rfc822; HOLDFOR= HOLDUNTIL= BY= "
    words += "FAX= T33S= ATTN= IMCEAFAX- [FAX: ^NOCOVER @fax.local +1 \\x0d\\x0a.\\x0d\\x0a \\x0a.\\x0a \\x0d\\x0a"
    file = directory / "words"
    file.write_text("".join(f'"{word}"\n' for word in words.split()))
    return file


if __name__ == "__main__":
    sys.exit(main())
