"""The tests of the promises are themselves tested: without its rule, the gate that guards it fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants import GATES, Mutant

pytestmark = pytest.mark.process
FAILED = 1
"""Pytest's exit code for tests that ran and failed; anything else proves nothing."""


@pytest.mark.parametrize("mutant", GATES, ids=lambda mutant: mutant.__name__)
def test_noticed(mutant: Mutant) -> None:
    """Without this rule the gate fails; with it, it passes in the ordinary run."""
    command = sys.executable, "-m", "pytest", "-x", "-p", "tests.mutants", "-p", "no:cacheprovider", GATES[mutant]
    root = Path(__file__).parents[1]
    environment = os.environ | {"MUTANT": mutant.__name__, "PYTHONPATH": str(root)}
    ended = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)

    assert FAILED == ended.returncode, ended.stdout[-2000:]
