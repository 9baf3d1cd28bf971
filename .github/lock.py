"""Make or check the pins: requirements.lock (hashes, no addresses) and pyproject's constraint-dependencies.

`python .github/lock.py` rewrites both from a fresh resolution; `--check` exits 1 where they disagree.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "pyproject.toml"
LOCK = ROOT / "requirements.lock"
EXPORT = ["uv", "export", "--all-extras", "--quiet", "--no-emit-project", "--no-header", "--no-annotate", "--frozen"]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: *; *([^\\\n]+?))?(?: *\\)?$", re.MULTILINE)
BLOCK = re.compile(r"^constraint-dependencies = \[\n(?:.*\n)*?\]\n", re.MULTILINE)


def pins(text: str) -> set[str]:
    """Each pin of a requirements text, with its environment marker."""
    return {
        f"{name.lower().replace('_', '-')}=={version}" + (f" ; {marker.strip()}" if marker else "")
        for name, version, marker in PIN.findall(text)
    }


def constraints(text: str) -> set[str]:
    """The pins that `[tool.uv] constraint-dependencies` holds uv to."""
    found = BLOCK.search(text)
    return pins("\n".join(re.findall(r'"([^"]+)"', found.group(0)))) if found else set()


def export(*more: str) -> str:
    return subprocess.run([*EXPORT, *more], check=True, capture_output=True, text=True, cwd=ROOT).stdout  # noqa: S603 (fixed words)


def rewrite() -> None:
    """Resolve afresh, then write both files."""
    text = BLOCK.sub("constraint-dependencies = [\n]\n", PROJECT.read_text("utf-8"))
    PROJECT.write_text(text, "utf-8")
    subprocess.run(["uv", "lock", "--quiet", "--upgrade"], check=True, cwd=ROOT)  # noqa: S607 (uv of the PATH is meant)
    LOCK.write_text(export("--no-dev"), "utf-8")
    everything = pins(export("--all-groups", "--no-hashes").replace("--no-dev", ""))
    listed = "".join(f'    "{pin}",\n' for pin in sorted(everything))
    PROJECT.write_text(BLOCK.sub(f"constraint-dependencies = [\n{listed}]\n", text), "utf-8")
    subprocess.run(["uv", "lock", "--quiet"], check=True, cwd=ROOT)  # noqa: S607 (uv of the PATH is meant)


def check() -> int:
    """Say every disagreement; 1 if there is any."""
    # Markers differ: what development needs everywhere, the product may need on one system only.
    held = {pin.partition(" ;")[0] for pin in constraints(PROJECT.read_text("utf-8"))}
    locked = {pin.partition(" ;")[0] for pin in pins(LOCK.read_text("utf-8"))}
    wrong = [
        f"{pin}: in requirements.lock, not in constraint-dependencies"
        for pin in sorted(locked)
        if not {pin, pin.partition(" ;")[0]} & held
    ]
    if "://" in LOCK.read_text("utf-8"):
        wrong.append("requirements.lock names an address")
    if "--hash=sha256:" not in LOCK.read_text("utf-8"):
        wrong.append("requirements.lock has no hashes")
    print("\n".join(wrong) or f"{len(locked)} pins agree")  # noqa: T201 (a script)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(check() if "--check" in sys.argv else rewrite())
