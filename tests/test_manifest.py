"""The manifest is one that Slack takes, asks for nothing superfluous, and names what the handlers answer to.

The shape follows Slack's published schema of app manifests, version 2 (github.com/slackapi/manifest-schema), written
down here for the parts that we use, with every key that isn't known refused.
"""

import json
from importlib import resources
from typing import Any

import jsonschema
import pytest

from bot.handbook import load
from handlers import actions
from handlers.direct import PROMPTS
from handlers.permissions import EVENTS, SCOPES


def text(most: int, least: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": most, **more}


def record(needed: tuple[str, ...] = (), /, **properties: Any) -> dict[str, Any]:
    """An object with these keys and no others."""
    return {"type": "object", "properties": properties, "required": list(needed), "additionalProperties": False}


def array(items: dict[str, Any], most: int, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": most, "minItems": least, "uniqueItems": True}


YES_OR_NO = {"type": "boolean"}
TYPES = ("string", "number", "integer", "boolean", "slack#/types/user_id", "slack#/types/channel_id")
PARAMETERS = record(
    ("properties",),
    properties={
        "type": "object",
        "additionalProperties": record(
            ("type",), type={"enum": list(TYPES)}, title=text(255), description=text(255), hint=text(255)
        ),
    },
    required=array(text(100), 50),
)
STEP = record(
    ("title", "description", "input_parameters", "output_parameters"),
    title=text(255),
    description=text(255),
    input_parameters=PARAMETERS,
    output_parameters=PARAMETERS,
)
SHORTCUT = record(
    ("name", "type", "callback_id", "description"),
    name=text(24),
    type={"enum": ["message", "global"]},
    callback_id=text(255),
    description=text(150),
)
COMMAND = record(
    ("command", "description"),
    command=text(32, 2, pattern="^/"),
    description=text(2000),
    usage_hint=text(1000),
    should_escape=YES_OR_NO,
    url=text(3000, pattern="^https?://"),
)
AGENT = record(
    agent_description=text(300),
    suggested_prompts=array(record(("title", "message"), title=text(255), message=text(2000)), 4),
    actions=array(record(("name", "description"), name=text(255), description=text(255)), 50),
)
SETTINGS = record(
    event_subscriptions=record(bot_events=array(text(50), 100), request_url=text(3500, pattern="^https?://")),
    interactivity=record(("is_enabled",), is_enabled=YES_OR_NO, request_url=text(3500, pattern="^https?://")),
    org_deploy_enabled=YES_OR_NO,
    socket_mode_enabled=YES_OR_NO,
    token_rotation_enabled=YES_OR_NO,
    function_runtime={"enum": ["remote", "slack"]},
)
SCHEMA = record(
    ("display_information",),
    _metadata=record(major_version={"const": 2}, minor_version={"type": "integer"}),
    display_information=record(
        ("name",),
        name=text(35),
        description=text(140),
        long_description=text(4000, 175),
        background_color=text(7, 4, pattern="^#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?$"),
    ),
    features=record(
        agent_view=AGENT,
        app_home=record(
            home_tab_enabled=YES_OR_NO, messages_tab_enabled=YES_OR_NO, messages_tab_read_only_enabled=YES_OR_NO
        ),
        bot_user=record(("display_name",), display_name=text(80), always_online=YES_OR_NO),
        shortcuts=array(SHORTCUT, 10, 1),
        slash_commands=array(COMMAND, 50, 1),
    ),
    oauth_config=record(scopes=record(bot=array(text(50), 255)), redirect_urls=array(text(2500), 1000)),
    settings=SETTINGS,
    functions={"type": "object", "maxProperties": 50, "additionalProperties": STEP},
)


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return dict(json.loads(resources.files("handlers").joinpath("manifest.json").read_text("utf-8")))


def test_the_manifest_has_the_shape_that_slack_takes(manifest: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    faults = [
        f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}"
        for fault in jsonschema.Draft202012Validator(SCHEMA).iter_errors(manifest)
    ]
    assert faults == []


BROKEN = [
    ("display_information", "name", "x" * 36),
    ("features", "assistant_view", {}),
    ("features", "shortcuts", [{"name": "x" * 25, "type": "message", "callback_id": "c", "description": "d"}]),
    ("settings", "socket_mode", True),
    ("oauth_config", "scopes", {"bots": []}),
]


@pytest.mark.parametrize(("part", "key", "value"), BROKEN)
def test_a_manifest_that_slack_refuses_is_refused_here(
    manifest: dict[str, Any], part: str, key: str, value: Any
) -> None:
    broken = manifest | {part: manifest[part] | {key: value}}
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(broken)


def test_it_is_made_for_agents_and_for_socket_mode_and_people_may_write(manifest: dict[str, Any]) -> None:
    features, settings = manifest["features"], manifest["settings"]
    assert "agent_view" in features
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"]["is_enabled"] is True
    assert features["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


def test_every_scope_and_event_has_a_reason_and_no_other_is_asked_for(manifest: dict[str, Any]) -> None:
    scopes, events = (
        manifest["oauth_config"]["scopes"]["bot"],
        manifest["settings"]["event_subscriptions"]["bot_events"],
    )
    assert scopes == sorted(SCOPES)
    assert events == sorted(EVENTS)


NEEDS = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
}
"""The scope without which Slack delivers no such event."""


def test_each_event_comes_with_its_scope(manifest: dict[str, Any]) -> None:
    scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    assert {NEEDS[event] for event in EVENTS if event in NEEDS} <= scopes


def test_it_names_what_the_handlers_answer_to(manifest: dict[str, Any]) -> None:
    features = manifest["features"]
    assert [each["command"] for each in features["slash_commands"]] == [actions.COMMAND]
    assert [each["callback_id"] for each in features["shortcuts"]] == [actions.SHORTCUT]
    assert list(manifest["functions"]) == [actions.FUNCTION]


def test_the_step_takes_and_gives_what_the_handlers_do(manifest: dict[str, Any]) -> None:
    step = manifest["functions"][actions.FUNCTION]
    assert set(step["input_parameters"]["properties"]) == {"mail", "reporter", "claims"}
    assert set(step["output_parameters"]["properties"]) == {"verdict", "confidence", "reply"}
    assert set(step["output_parameters"]["required"]) == {"verdict", "confidence", "reply"}


def test_the_suggested_prompts_are_those_of_the_talk(manifest: dict[str, Any]) -> None:
    talk = load().talk
    prompts = manifest["features"]["agent_view"]["suggested_prompts"]
    assert [prompt["message"] for prompt in prompts] == [talk.text(code) for code in PROMPTS]
    assert all(prompt["title"] == prompt["message"] for prompt in prompts)


def test_a_suggested_prompt_is_answered_in_words_and_not_checked(manifest: dict[str, Any]) -> None:
    talk = load().talk
    for prompt in manifest["features"]["agent_view"]["suggested_prompts"]:
        assert talk.small(prompt["message"]) is not None
