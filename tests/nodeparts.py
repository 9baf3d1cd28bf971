"""Parts that tests need from npm (tests/node/package.json). Absent: skipped at home, a failure on CI."""

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "node"
HOW = "npm install --no-save --no-package-lock --prefix tests/node"


def part(*path: str) -> Path:
    """The file or folder of an installed Node package; where it is missing, the test is skipped, or fails on CI."""
    found = FOLDER.joinpath("node_modules", *path)
    if not found.exists():
        missing = f"{'/'.join(path)} isn't installed: {HOW}"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found
