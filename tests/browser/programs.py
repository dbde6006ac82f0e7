"""Programs of the machine that read what a browser was given."""

import shutil
import subprocess
from pathlib import Path

from tests.conftest import not_here


def program(name: str) -> str:
    """Where it is installed."""
    found = shutil.which(name)
    if found is None:
        not_here("reading what was printed", f"there is no {name} on this machine")
    return found


def run_program(*command: str | Path) -> str:
    """What it says."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout
