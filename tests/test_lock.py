"""The pins of requirements.lock and of pyproject.toml are read right, and disagreements are said."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PYPROJECT = """\
[tool.uv]
constraint-dependencies = [
    "redis==8.1.0",
    "cffi==2.1.1 ; platform_python_implementation != 'PyPy'",
    "typing-extensions==4.16.0",
]
"""
LOCK = """\
redis==8.1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
Typing_Extensions==4.16.0 ; python_full_version < '3.13' \\
    --hash=sha256:cc
"""


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("lock", ROOT / ".github" / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PROJECT", tmp_path / "pyproject.toml")
    monkeypatch.setattr(module, "LOCK", tmp_path / "requirements.lock")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    return module


def test_pins_are_read_with_their_markers_and_without_hashes(lock: ModuleType) -> None:
    assert lock.pins(LOCK) == {"redis==8.1.0", "typing-extensions==4.16.0 ; python_full_version < '3.13'"}


def test_constraints_are_read_out_of_their_table(lock: ModuleType) -> None:
    assert "cffi==2.1.1 ; platform_python_implementation != 'PyPy'" in lock.constraints(PYPROJECT)
    assert lock.constraints("[project]\nname = 'x'\n") == set()


CHECKS = {
    "they agree": (LOCK, 0, "2 pins agree"),
    "another version": (LOCK.replace("8.1.0", "8.2.0"), 1, "redis==8.2.0: in requirements.lock, not in"),
    "a package more": (LOCK + "dkimpy==1.1.8 \\\n    --hash=sha256:dd\n", 1, "dkimpy==1.1.8: in"),
    "an address": (LOCK + "--index-url https://packages.test/simple\n", 1, "names an address"),
    "no hashes": ("redis==8.1.0\n", 1, "has no hashes"),
}


@pytest.mark.parametrize("case", CHECKS)
def test_a_disagreement_is_said_and_fails(
    case: str, lock: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, status, said = CHECKS[case]
    (tmp_path / "requirements.lock").write_text(text)
    assert lock.check() == status
    assert said in capsys.readouterr().out


def test_the_projects_own_pins_agree(lock: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PROJECT", ROOT / "pyproject.toml")
    monkeypatch.setattr(lock, "LOCK", ROOT / "requirements.lock")
    assert lock.check() == 0
