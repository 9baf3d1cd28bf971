"""`checkmail serve` and `checkmail worker` as processes, against the workspace double: from start to stop."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.demo.config import AppConfig, Limits, Times, acme
from bot.demo.running import run
from bot.demo.workspace import Posted, Upload, Workspace, until
from tests.botprocess import Bot, Process
from tests.commandline import Done, checkmail
from tests.localslack import free_port
from tests.valkeys import Server, running
from tests.workspace import ALICE, TECHNICIANS, workspace

MARK = "xyzzy-never-in-a-log"
MAIL = f"""Return-Path: <maria@example.net>
Received: from mail.example.net (mail.example.net [203.0.113.9])
\tby mx.example.org with ESMTPS id abc; Tue, 24 Nov 2026 10:00:00 +0000
From: "Maria {MARK}" <maria@example.net>
To: alice@example.org
Subject: {MARK} subject
Date: Tue, 24 Nov 2026 09:59:58 +0000
Message-ID: <one@example.net>
Content-Type: text/plain; charset=utf-8

I was robbed in Manila, please send 1,850 EUR by Western Union. {MARK} body
""".replace("\n", "\r\n").encode()
SETTINGS = {"CHECKMAIL_OFFLINE": "1", "CHECKMAIL_TECHNICIANS_CHANNEL": "technicians"}


def bot(folder: Path, slack: Workspace, **settings: str) -> Bot:
    return Bot(folder, slack.api, slack.app, SETTINGS | settings)


def report(slack: Workspace, name: str = "mail.eml") -> Posted:
    return slack.say(ALICE, "", "is this real?", files=[Upload(name, MAIL)])


def answered(slack: Workspace, posted: Posted, seconds: float = 30.0) -> list[dict[str, Any]]:
    """The bot's words in that thread once the answer stands there: "I've got it", and the verdict."""

    def both() -> list[dict[str, Any]]:
        said = slack.said(posted.channel, posted.ts)
        return said if len(said) > 1 else []

    return until(both, "the answer", seconds)


def page(process: Process, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(process.url + path, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@dataclass(frozen=True, slots=True)
class Office:
    """One workspace with one process that serves it, for the tests that leave it as it was."""

    folder: Path
    slack: Workspace
    serving: Process

    def checkmail(self, *words: str) -> Done:
        """Another command over the same store."""
        return checkmail(self.folder, *words, settings={"CHECKMAIL_DATA_DIR": str(self.folder / "data")})


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    with workspace() as slack, bot(folder, slack, CHECKMAIL_LOG_LEVEL="debug").running("serve") as serving:
        yield Office(folder, slack, serving)


def test_a_report_is_answered_and_counted(office: Office) -> None:
    first, verdict = answered(office.slack, report(office.slack))
    assert "got it" in first["text"]
    assert "maria@example.net" in verdict["text"]
    assert verdict["blocks"]
    until(lambda: 'checkmail_verdict_seconds_count{surface="direct"} 1.0' in office.serving.metrics(), "it is counted")
    told = office.serving.metrics()
    assert 'checkmail_reports_total{surface="direct"} 1.0' in told
    assert 'checkmail_delivery_seconds_count{kind="events_api"}' in told
    assert 'checkmail_queue_dead{queue="checks"} 0.0' in told


def test_its_pages_tell_that_all_is_well(office: Office) -> None:
    assert page(office.serving, "/healthz")[0] == 200
    ready = json.loads(page(office.serving, "/readyz")[1])
    assert ready == {"ready": True, "store": "fine", "token": "fine", "worker": "fine", "slack": "fine"}


def test_no_technician_hears_of_what_doesnt_concern_them(office: Office) -> None:
    before = len(office.slack.said(office.slack.direct(ALICE)))
    office.slack.say(ALICE, "", "thanks!")
    until(lambda: len(office.slack.said(office.slack.direct(ALICE))) > before, "it says something")
    assert [each for each in office.slack.said(TECHNICIANS) if "thanks" in each["text"].lower()] == []


def test_a_job_given_up_is_listed_shown_and_tried_again(office: Office) -> None:
    slack = office.slack
    slack.fail("chat.postMessage", "error", 50, error="restricted_action")
    posted = slack.say(ALICE, "", "and this?", files=[Upload("other.eml", MAIL.replace(b"<one@", b"<two@"))])
    until(lambda: "checks: 0 waiting, 0 at work, 0 put off, 1 given up" in office.checkmail("jobs").out, "it ends", 60)
    slack.heal()
    id = next(line.split()[0] for line in office.checkmail("jobs").out.splitlines() if " check " in line)
    assert "slack-restricted-action" in office.checkmail("jobs", "show", id).out
    assert "is queued again: check" in office.checkmail("jobs", "retry", "--all").out
    assert office.checkmail("jobs", "show", id).status == 2
    until(lambda: any("maria@" in each["text"] for each in slack.said(posted.channel, posted.ts)), "the answer", 30)


def test_no_log_quotes_a_mail_a_person_or_a_token(office: Office) -> None:
    slack = office.slack
    slack.say(ALICE, "", f"{MARK}?")
    slack.command(ALICE, "/checkmail", f"{MARK} what is this")
    slack.command(ALICE, "/checkmail", "")
    slack.open_home(ALICE)
    time.sleep(1.0)
    log = office.serving.log.read_text("utf-8")
    for secret in (MARK, slack.app.bot_token, slack.app.app_token, "alice@example", "maria@example", "Anderson"):
        assert secret.lower() not in log.lower()
    lines = [json.loads(line) for line in log.splitlines()]
    assert all(line["event"] and line["level"] in ("debug", "info", "warning", "error") for line in lines)


def test_http_mode_takes_what_is_signed(tmp_path: Path) -> None:
    port = free_port()
    at = f"127.0.0.1:{port}"
    app = replace(AppConfig(), request_url=f"http://{at}/slack/events")
    with workspace(app=app) as slack:
        started = bot(tmp_path, slack, CHECKMAIL_MODE="http", CHECKMAIL_HTTP=at, SLACK_APP_TOKEN="").start("serve")
        serving = replace(started, url=f"http://{at}")
        try:
            serving.until_ready()
            assert slack.verify_url()
            assert len(answered(slack, report(slack))) == 2
            refused = urllib.request.Request(app.request_url, b"{}", {"Content-Type": "application/json"})
            with pytest.raises(urllib.error.HTTPError) as unsigned:
                urllib.request.urlopen(refused, timeout=5)
            unsigned.value.close()
            assert unsigned.value.code == 401
        finally:
            assert serving.stop() == 0


def test_a_stop_finishes_the_job_at_work(tmp_path: Path) -> None:
    with workspace() as slack:
        with bot(tmp_path, slack).running("serve") as serving:
            slack.fail("chat.postMessage", "slow", 2, seconds=1.5)
            posted = report(slack)
            until(lambda: slack.calls("chat.postMessage"), "it speaks")
            serving.process.terminate()
            assert serving.process.wait(30) == 0
        with bot(tmp_path, slack).running("serve"):
            said = answered(slack, posted)
            time.sleep(1.0)
            assert len(slack.said(posted.channel, posted.ts)) == len(said) == 2


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    with workspace() as slack, bot(tmp_path, slack).running("serve") as serving:
        slack.fail("chat.postMessage", "slow", 1, seconds=8.0)
        report(slack)
        until(lambda: slack.calls("chat.postMessage"), "it speaks")
        serving.process.terminate()
        until(lambda: "stopping" in serving.log.read_text("utf-8"), "it stops")
        serving.process.terminate()
        assert serving.process.wait(5) == 130


def test_front_and_worker_may_be_processes_of_their_own(tmp_path: Path) -> None:
    with workspace() as slack, bot(tmp_path, slack).running("serve", "--no-worker") as front:
        posted = report(slack)
        until(lambda: 'checkmail_queue_waiting{queue="checks"} 1.0' in front.metrics(), "it waits")
        assert slack.said(posted.channel, posted.ts) == []
        with bot(tmp_path, slack).running("worker") as worker:
            assert len(answered(slack, posted)) == 2
            ready = json.loads(page(worker, "/readyz")[1])
            assert ready == {"ready": True, "store": "fine", "token": "fine", "worker": "fine"}


def test_workers_beside_the_front_are_kept_running_and_end_with_it_even_if_it_is_killed(tmp_path: Path) -> None:
    with workspace() as slack, bot(tmp_path, slack).running("serve", "--workers", "2") as serving:
        until(lambda: len(workers(serving)) == 2, "they run")
        os.kill(workers(serving)[0], signal.SIGKILL)
        until(lambda: len(workers(serving)) == 3, "another one runs", 20.0)
        assert len(answered(slack, report(slack))) == 2
        serving.kill()
        until(lambda: not any(alive(pid) for pid in workers(serving)), "the workers ended", 30.0)


def workers(process: Process) -> list[int]:
    """The workers that were ever started beside it."""
    lines = process.log.read_text("utf-8").splitlines()
    return [json.loads(line)["pid"] for line in lines if '"a worker runs"' in line]


def test_a_revoked_token_makes_it_unready(tmp_path: Path) -> None:
    with workspace() as slack, bot(tmp_path, slack).running("serve") as serving:
        slack.revoke()
        until(lambda: page(serving, "/readyz")[0] == 503, "it is unready", 20.0)
        assert "tokens_revoked" in page(serving, "/readyz")[1] or "token_revoked" in page(serving, "/readyz")[1]
        assert page(serving, "/healthz")[0] == 200


def test_a_slack_that_is_away_at_the_start_is_waited_for(tmp_path: Path) -> None:
    port = free_port()
    config = acme(limits=Limits(on=False))
    told = Bot(tmp_path, f"http://127.0.0.1:{port}/api/", config.app, SETTINGS)
    serving = told.start("serve")
    try:
        until(lambda: responding(serving), "its pages answer", 30.0)
        assert page(serving, "/readyz")[0] == 503
        assert page(serving, "/healthz")[0] == 200
        with run(config, port) as slack:
            serving.until_ready()
            assert len(answered(slack, report(slack))) == 2
            assert serving.stop() == 0
    finally:
        serving.stop()


@contextmanager
def lasting(process: Process) -> Iterator[Process]:
    try:
        yield process
    finally:
        process.stop()


def test_a_store_that_goes_away_costs_time_and_no_report(tmp_path: Path) -> None:
    server = Server(tmp_path / "valkey")
    settings = {"REDIS_URL": f"redis://127.0.0.1:{server.port}/0"}
    patient = Times(ack=1.0, retries=(1.0, 2.0, 4.0, 8.0))
    with workspace(times=patient) as slack, lasting(bot(tmp_path, slack, **settings).start("serve")) as serving:
        until(lambda: "the store is away" in serving.log.read_text("utf-8"), "it waits for it", 30.0)
        with running(server):
            serving.until_ready()
            server.kill()
            until(lambda: page(serving, "/readyz")[0] == 503, "it is unready", 30.0)
            posted = report(slack)
            until(lambda: 'checkmail_not_taken_total{kind="events_api"}' in serving.metrics(), "it isn't taken")
            server.start()
            said = answered(slack, posted, 60.0)
            time.sleep(1.0)
            assert len(slack.said(posted.channel, posted.ts)) == len(said) == 2
            assert serving.stop() == 0


def test_a_token_that_slack_refuses_is_told_at_once(tmp_path: Path) -> None:
    with workspace() as slack:
        serving = bot(tmp_path, slack, SLACK_BOT_TOKEN="xoxb-another").start("serve")
        with lasting(serving):
            assert serving.process.wait(30) == 2
    said = serving.log.read_text("utf-8")
    assert "SLACK_BOT_TOKEN: Slack doesn't take it (invalid_auth)." in said
    assert "Traceback" not in said
    assert "xoxb-another" not in said


def test_wrong_settings_are_all_told_and_nothing_starts(tmp_path: Path) -> None:
    done = checkmail(tmp_path, "serve", settings={"SLACK_BOT_TOKEN": "xapp-1", "CHECKMAIL_WORKER_THREADS": "many"})
    assert done.status == 2
    assert [line.split(":")[0] for line in done.err.splitlines()[:3]] == [
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "CHECKMAIL_WORKER_THREADS",
    ]
    assert not (tmp_path / "data").exists()


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits for its parent doesn't."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def responding(process: Process) -> bool:
    try:
        return bool(page(process, "/healthz")[0])
    except (OSError, subprocess.SubprocessError):
        return False
