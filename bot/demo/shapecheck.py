"""Checks that the shapes of Block Kit are made of: texts with limits, lists with limits, objects with known fields."""

from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any, str], None]
Shape = Mapping[str, Check]
"""Field names with their checks; a trailing "!" says that the field must be there."""


class Fault(Exception):
    """What Slack doesn't take, and the JSON pointer to it."""

    def __init__(self, why: str, path: str) -> None:
        super().__init__(f"{why} [json-pointer:{path}]")


def string(most: int, least: int = 1) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise Fault("must be a string", path)
        if len(value) < least:
            raise Fault(f"must be more than {least - 1} characters", path)
        if len(value) > most:
            raise Fault(f"must be less than {most + 1} characters", path)

    return check


def integer(least: int, most: int) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Fault(f"must be a whole number from {least} to {most}", path)

    return check


def boolean(value: Any, path: str) -> None:
    if not isinstance(value, bool):
        raise Fault("must be a boolean", path)


def anything(value: Any, path: str) -> None:
    """Not looked into."""


def one_of(*values: str) -> Check:
    def check(value: Any, path: str) -> None:
        if value not in values:
            raise Fault(f"must be one of {', '.join(values)}", path)

    return check


def many(each: Check, least: int, most: int) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise Fault("must be an array", path)
        if len(value) < least:
            raise Fault(f"no fewer than {least} items allowed", path)
        if len(value) > most:
            raise Fault(f"no more than {most} items allowed", path)
        for number, item in enumerate(value):
            each(item, f"{path}/{number}")

    return check


def fields(shape: Shape) -> Check:
    """An object of exactly this shape; its `type` was looked at already."""
    needed = tuple(name[:-1] for name in shape if name.endswith("!"))
    known = {name.removesuffix("!"): check for name, check in shape.items()}

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise Fault("must be an object", path)
        for name in needed:
            if name not in value:
                raise Fault(f"missing required field: {name}", path)
        for name, item in value.items():
            if name == "type":
                continue
            if name not in known:
                raise Fault(f"invalid additional property: {name}", path)
            known[name](item, f"{path}/{name}")

    return check


def typed(shapes: Mapping[str, Shape]) -> Check:
    """An object whose `type` picks its shape."""
    checks = {name: fields(shape) for name, shape in shapes.items()}

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict) or not isinstance(value.get("type"), str):
            raise Fault("missing required field: type", path)
        if value["type"] not in checks:
            raise Fault(f"unsupported type: {value['type']}", f"{path}/type")
        checks[value["type"]](value, path)

    return check


def plain(most: int) -> Check:
    return typed({"plain_text": {"text!": string(most), "emoji": boolean}})


def text(most: int) -> Check:
    return typed(
        {
            "plain_text": {"text!": string(most), "emoji": boolean},
            "mrkdwn": {"text!": string(most), "verbatim": boolean},
        }
    )
