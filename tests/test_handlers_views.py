"""The real forms, Home and texts behind the handlers: what is shown is what is read back."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.handbook import load
from bot.model import Reader, Told
from handlers.actions import CLAIMS_MODAL, FORGET_MODAL, HARM_MODAL, MODAL, Field, Harm
from handlers.blocks.wording import Wording
from handlers.desk import Desk
from handlers.views import BlockViews
from tests.blockkit import check
from tests.fakeslack import FakeSlack, running
from tests.handlerkit import (
    ALICE,
    RecordingReception,
    app,
    desk,
    inquiry,
    message,
    reception,
    send_command,
    send_event,
    send_payload,
    submission,
    ticked,
    typed,
    upload,
)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with running() as fake:
        yield fake


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording(load().talk)


def real(taken: RecordingReception, wording: Wording) -> Desk:
    return desk(taken, talk=wording.talk, views=BlockViews(wording))


def inputs(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A view's inputs by block id."""
    return {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}


def test_the_forms_fields_are_those_that_are_read(wording: Wording) -> None:
    views = BlockViews(wording)
    shown = {
        MODAL: (views.report(), set(Field)),
        HARM_MODAL: (views.harm("i1"), {Field.HARM}),
        CLAIMS_MODAL: (views.claims("i1"), {Field.CLAIMS}),
        FORGET_MODAL: (views.forget(), set[Field]()),
    }
    for callback, (view, fields) in shown.items():
        found = inputs(view)
        assert view["callback_id"] == callback
        assert set(found) == {field.value for field in fields}
        assert all(element["action_id"] == block for block, element in found.items())
        assert check(view) == []


def test_the_form_takes_ten_files_three_thousand_letters_and_every_harm(wording: Wording) -> None:
    found = inputs(BlockViews(wording).report())
    assert found[Field.FILE]["max_files"] == 10
    assert found[Field.PASTE]["max_length"] == 3000
    assert [option["value"] for option in found[Field.HARM]["options"]] == [harm.value for harm in Harm]


def test_the_forms_remember_their_inquiry(wording: Wording) -> None:
    views = BlockViews(wording)
    assert views.harm("i1")["private_metadata"] == "i1"
    assert views.claims("i1")["private_metadata"] == "i1"


def test_from_the_command_through_the_form_to_the_reception(slack: FakeSlack, wording: Wording) -> None:
    taken = reception()
    made = app(slack, real(taken, wording))
    send_command(made, "")
    view = slack.of("views.open")[0]["view"]
    files = {"type": "file_input", "files": [upload()]}
    own = inputs(view)[Field.NAMED]["options"][1]
    values = {"paste": typed(None), "file": files, "harm": ticked("paid"), "named": {"selected_option": own}}
    assert send_payload(made, submission(view["callback_id"], values)).body == ""
    [given] = taken.received
    assert given.reader is Reader.NAMED
    assert given.told == Told(paid=True, own_account=True)


@pytest.mark.parametrize("known", [(), ("i2", "i1")])
def test_home_and_status_are_what_slack_takes(slack: FakeSlack, wording: Wording, known: tuple[str, ...]) -> None:
    taken = reception()
    taken.knows(*map(inquiry, known))
    made = app(slack, real(taken, wording))
    send_event(made, {"type": "app_home_opened", "user": ALICE.user, "channel": "D1", "tab": "home"})
    assert check(slack.of("views.publish")[0]["view"]) == []
    assert send_command(made, "status").status == 200


@pytest.mark.parametrize(
    ("said", "code"), [("Thank you!", "thanks"), ("hello", "hello"), ("How does this work?", "help")]
)
def test_small_talk_is_answered_by_the_real_texts(slack: FakeSlack, wording: Wording, said: str, code: str) -> None:
    taken = reception()
    send_event(app(slack, real(taken, wording)), message(said))
    assert [remark for _, remark, _ in taken.remarks] == [code]


def test_a_report_that_begins_with_hi_is_a_report(slack: FakeSlack, wording: Wording) -> None:
    taken = reception()
    said = "Hi, I got a mail from my boss who asks me to buy gift cards. Thanks!"
    send_event(app(slack, real(taken, wording)), message(said))
    assert [given.pieces[0].text for given in taken.received] == [said]
