"""Filling in a modal as a person would: what is typed and chosen becomes the view's state, checked on the way."""

from typing import Any

from bot.demo import blockcheck
from bot.demo.state import State
from bot.demo.wire import Json


def filled(blocks: list[Json], values: Json, state: State) -> tuple[Json, Json]:
    """The state's values, and what the client says is wrong by block_id (then nothing is sent).

    `values` are by action_id: a text, an option's value or values, file ids, a user's id.
    """
    known: Json = {}
    wrong: Json = {}
    for block in blocks:
        for element in blockcheck.elements_of(block):
            if block["type"] not in ("input", "actions", "section") or element["type"] in ("button", "image"):
                continue
            action = element["action_id"]
            value = _state(element, values.get(action), state)
            known.setdefault(block["block_id"], {})[action] = value
            problem = _problem(block, element, value)
            if problem:
                wrong[block["block_id"]] = problem
    return known, wrong


def _state(element: Json, given: Any, state: State) -> Json:
    kind = str(element["type"])
    value: Json = {"type": kind}
    if kind.endswith("text_input") or kind == "number_input":
        return value | {"value": given if given is not None else element.get("initial_value")}
    if kind == "file_input":
        return value | {"files": [_handed_in(id, state) for id in given or ()]}
    if kind in ("checkboxes", "multi_static_select"):
        return value | {"selected_options": _options(element, given, "initial_options")}
    if kind in ("static_select", "radio_buttons", "overflow"):
        chosen = _options(element, [given] if given is not None else None, "initial_option")
        return value | {"selected_option": chosen[0] if chosen else None}
    if kind == "datepicker":
        return value | {"selected_date": given or element.get("initial_date")}
    if kind == "users_select":
        return value | {"selected_user": given or element.get("initial_user")}
    if kind == "conversations_select":
        return value | {"selected_conversation": given or element.get("initial_conversation")}
    return value | {"value": given}


def _handed_in(id: str, state: State) -> Json:
    file = state.file(id)
    file.handed_in = True
    return file.shown


def _options(element: Json, given: Any, initial: str) -> list[Json]:
    if given is None:
        preset = element.get(initial) or []
        return [preset] if isinstance(preset, dict) else list(preset)
    options = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        options += group["options"]
    by_value = {option["value"]: option for option in options}
    unknown = [value for value in given if value not in by_value]
    if unknown:
        raise KeyError(f"no such option: {unknown[0]}")
    return [by_value[value] for value in given]


def _problem(block: Json, element: Json, value: Json) -> str:
    content = next((value[name] for name in value if name != "type"), None)
    if block["type"] == "input" and not block.get("optional") and not content:
        return "Please complete this required field."
    if element["type"] == "plain_text_input" and content:
        if len(content) > element.get("max_length", 3000):
            return f"Please shorten this to {element.get('max_length', 3000)} characters or fewer."
        if len(content) < element.get("min_length", 0):
            return f"Please lengthen this to {element['min_length']} characters or more."
    if element["type"] == "file_input" and len(content or ()) > element.get("max_files", 10):
        return f"Please choose {element.get('max_files', 10)} files or fewer."
    return ""
