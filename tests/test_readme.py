"""What the README says of Slack is what the program does: scopes, metrics, commands, pages."""

import json
import re
from pathlib import Path

from typer.testing import CliRunner

from bot.__main__ import app
from bot.adapters.metrics import COUNTS, TIMES
from bot.cli_serve import manifest
from handlers.permissions import SCOPES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
GAUGES = ("queue_waiting", "queue_unfinished", "queue_delayed", "queue_dead", "queue_oldest_seconds")


def test_the_scopes_are_the_manifests_with_the_reasons_that_the_code_gives() -> None:
    section = README.partition("### Scopes")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `([a-z_.:]+)` \| (.+) \|$", section, re.M))
    assert rows == dict(SCOPES)


def test_every_metric_that_is_named_is_there() -> None:
    known = {f"{name}_total" for name in COUNTS} | {f"{name}_seconds" for name in TIMES} | set(GAUGES)
    named = set(re.findall(r"`checkmail_([a-z_]+)`", README))
    assert named
    assert named <= known


def test_every_command_that_is_told_to_be_run_is_there() -> None:
    told = {
        word for word in re.findall(r"`?(?:uv run )?checkmail ([a-z]+)", README) if word not in ("answers", "checkmail")
    }
    offered = CliRunner().invoke(app(), ["--help"]).output
    for command in told & {"serve", "worker", "doctor", "jobs", "manifest", "check"}:
        assert re.search(rf"^\W*{command}\b", offered, re.M), command
    assert {"serve", "worker", "doctor", "jobs", "manifest"} <= told


def test_the_manifest_is_printed_as_it_ships() -> None:
    done = CliRunner().invoke(app(), ["manifest"])
    shipped = json.loads((ROOT / "handlers" / "manifest.json").read_text("utf-8"))
    assert json.loads(done.output) == manifest() == shipped


def test_for_http_mode_everything_goes_to_one_address() -> None:
    done = CliRunner().invoke(app(), ["manifest", "--url", "https://checkmail.example.org/"])
    made = json.loads(done.output)
    address = "https://checkmail.example.org/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert [command["url"] for command in made["features"]["slash_commands"]] == [address]
    assert made["oauth_config"] == manifest()["oauth_config"]


def test_an_address_that_slack_wouldnt_call_is_refused() -> None:
    done = CliRunner().invoke(app(), ["manifest", "--url", "http://checkmail.example.org"])
    assert done.exit_code == 2
    assert "not an https address" in done.output
