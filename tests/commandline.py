"""Runs `checkmail` as a process, as people do, with an environment of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "knowledge" / "samples"
COMMAND = (sys.executable, "-m", "bot")
AT_MOST_S = 120


@dataclass(frozen=True, slots=True)
class Done:
    status: int
    out: str
    err: str


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """A bare environment: a home of its own, nothing set, the project importable from any folder."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")}
    own = {"HOME": str(home), "PYTHONPATH": str(ROOT), "CHECKMAIL_DATA_DIR": str(home / "data"), "COLUMNS": "80"}
    return {**kept, **own, **(more or {})}


def checkmail(
    home: Path, *words: str | Path, given: bytes = b"", settings: Mapping[str, str] | None = None, **more: str
) -> Done:
    """`checkmail WORDS…` in the folder `home`; `settings` and `more` are its environment."""
    done = subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=home,
        env=environment(home, {**(settings or {}), **more}),
        input=given,
        capture_output=True,
        timeout=AT_MOST_S,
    )
    return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
