"""An interaction read into types: who clicked or submitted what, where."""

from dataclasses import dataclass
from typing import Any

from bot.model import Told
from handlers.actions import NO, YES, Field, Harm
from handlers.reading import Json, string


@dataclass(frozen=True, slots=True)
class Click:
    """One click on a button of a message or of Home."""

    user: str
    action: str
    value: str
    at: str
    """The click's own time stamp: the same when Slack brings it again."""
    trigger: str
    channel: str = ""
    thread: str = ""
    """The thread that the message with the button stands in, or begins."""


def click_of(body: Json) -> Click:
    """A block_actions payload (docs.slack.dev/reference/interaction-payloads/block_actions-payload)."""
    action, container, message = _first(body.get("actions")), _object(body, "container"), _object(body, "message")
    thread = string(container.get("thread_ts")) or string(message.get("thread_ts"))
    return Click(
        user=string(_object(body, "user").get("id")),
        action=string(action.get("action_id")),
        value=string(action.get("value"))[:2000],
        at=string(action.get("action_ts")),
        trigger=string(body.get("trigger_id")),
        channel=string(_object(body, "channel").get("id")) or string(container.get("channel_id")),
        thread=thread or string(container.get("message_ts")) or string(message.get("ts")),
    )


@dataclass(frozen=True, slots=True)
class Form:
    """A modal's fields as they were submitted; what it hasn't is empty."""

    id: str
    """The view's own id: the same when Slack brings the submission again."""
    inquiry: str
    """What `private_metadata` says."""
    paste: str = ""
    claims: str = ""
    harm: frozenset[Harm] = frozenset()
    choice: str = ""
    files: tuple[Json, ...] = ()
    """File objects as Slack describes them."""


def form_of(view: Json) -> Form:
    """A submitted view (docs.slack.dev/reference/interaction-payloads/view-interactions-payload)."""
    values = _object(view, "state").get("values")
    fields: Json = values if isinstance(values, dict) else {}
    known = {harm.value: harm for harm in Harm}
    ticked = _listed(_field(fields, Field.HARM).get("selected_options"))
    return Form(
        id=string(view.get("id")),
        inquiry=string(view.get("private_metadata"))[:200],
        paste=string(_field(fields, Field.PASTE).get("value")),
        claims=" ".join(string(_field(fields, Field.CLAIMS).get("value")).split())[:300],
        harm=frozenset(known[value] for each in ticked if (value := string(each.get("value"))) in known),
        choice=string(_object(_field(fields, Field.NAMED), "selected_option").get("value")),
        files=tuple(_listed(_field(fields, Field.FILE).get("files"))),
    )


def told_of_harm(harm: frozenset[Harm]) -> Told:
    """What was done already. Nothing ticked says nothing; "none of these" says no to all, unless one is ticked, too."""
    done = harm - {Harm.NONE}
    if not harm:
        return Told()
    if not done:
        return Told(clicked=False, opened=False, typed_password=False, paid=False)
    return Told(
        clicked=Harm.CLICKED in done or None,
        opened=Harm.OPENED in done or None,
        typed_password=Harm.TYPED_PASSWORD in done or None,
        paid=Harm.PAID in done or None,
    )


def told_of_answer(question: str, choice: str) -> Told | None:
    """What an answer to the next question says; None where it says nothing that `Told` has a place for."""
    if choice not in (YES, NO):
        return None
    yes = choice == YES
    by_question: dict[str, dict[str, bool]] = {
        "ask-other-channel": {"sender_confirms": True} if yes else {"sender_denies": True},
        "second-address": {"sender_confirms": True} if yes else {"sender_denies": True},
        "bounces": {"bounces": yes},
        "others-got-it": {"others_got_it": yes},
        "sent-items": {"in_sent_items": yes},
        "sign-ins": {"strange_account_signs": yes},
        "did-you-click": {} if yes else dict.fromkeys(("clicked", "opened", "typed_password", "paid"), False),
    }
    fields = by_question.get(question)
    return Told(**fields) if fields else None  # type: ignore[arg-type]  # names of Told's yes-or-no fields


def _field(fields: Json, name: Field) -> Json:
    return _object(_object(fields, name.value), name.value)


def _object(value: Json, key: str) -> Json:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _listed(value: Any) -> list[Json]:
    return [item for item in value[:20] if isinstance(item, dict)] if isinstance(value, list) else []


def _first(value: Any) -> Json:
    return next(iter(_listed(value)), {})
