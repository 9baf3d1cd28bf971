"""The bot as processes of their own: `checkmail serve` and `checkmail worker` against a workspace on loopback."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.demo.config import AppConfig
from tests.localslack import free_port, until

PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")
"""What a process gets of this one's environment: nothing that could be a setting."""


@dataclass(frozen=True, slots=True)
class Bot:
    """How to start processes that share one workspace and one store."""

    folder: Path
    api: str
    app: AppConfig
    settings: dict[str, str]

    def start(self, *command: str, port: int = 0) -> "Process":
        """`checkmail` with this command, listening on `port` or on any; returned at once."""
        port, number = port or free_port(), len(list(self.folder.glob("*.log")))
        log = self.folder / f"{number}-{command[0]}.log"
        told = {
            "HOME": str(self.folder),
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "SLACK_BOT_TOKEN": self.app.bot_token,
            "SLACK_APP_TOKEN": self.app.app_token,
            "SLACK_SIGNING_SECRET": self.app.signing_secret,
            "SLACK_API_URL": self.api,
            "CHECKMAIL_DATA_DIR": str(self.folder / "data"),
            "CHECKMAIL_HTTP": f"127.0.0.1:{port}",
            "CHECKMAIL_LOG": "json",
            "PYTHONWARNINGS": "default",
        }
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | told | self.settings
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "bot", *command], env=environment, stdout=out, stderr=out, cwd=self.folder
            )
        return Process(process, log, f"http://127.0.0.1:{port}")

    @contextmanager
    def running(self, *command: str, port: int = 0) -> Iterator["Process"]:
        """The same, ready; stopped at the end as an owner would."""
        started = self.start(*command, port=port)
        try:
            started.until_ready()
            yield started
        finally:
            started.stop()


@dataclass(frozen=True, slots=True)
class Process:
    process: subprocess.Popen[bytes]
    log: Path
    url: str

    def until_ready(self, seconds: float = 40.0) -> None:
        until(self._is_ready, f"{self.log.name} is ready", seconds)

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"it ended with {self.process.returncode}:\n{self.log.read_text('utf-8')[-3000:]}")
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def metrics(self) -> str:
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    def memory_mb(self) -> float:
        """What it holds now, by the kernel (VmRSS)."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text("ascii", "replace").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def cpu_s(self) -> float:
        """Processor time so far, of the process alone."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, seconds: float = 30.0) -> int:
        """SIGTERM, and its exit status; killed where it doesn't end in time."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
            return -9

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(5)
