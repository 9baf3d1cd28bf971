"""The forms: a mail handed in, what was clicked or typed, who the mail claims to be from, forgetting. Pure."""

from handlers.actions import (
    CLAIMS_MODAL,
    FORGET_MODAL,
    HARM_MODAL,
    MODAL,
    OWN_ACCOUNT,
    RECEIVER,
    Field,
    Harm,
)
from handlers.blocks.kit import (
    Block,
    Option,
    checkboxes,
    file_box,
    input_block,
    modal,
    paragraph,
    radio_buttons,
    text_box,
)
from handlers.blocks.wording import Wording

_MOST_FILES = 10
_MOST_CLAIM = 300


def report_form(wording: Wording) -> Block:
    """In which a mail is handed in. Nothing must be filled in: what is missing is told when it is submitted."""
    talk = wording.talk
    paste = text_box(Field.PASTE, several_lines=True)
    blocks = (
        paragraph(talk.text("form-intro")),
        _field(Field.FILE, "label-file", file_box(Field.FILE, most=_MOST_FILES), wording, hint="form-file-hint"),
        _field(Field.PASTE, "label-paste", paste, wording, hint="form-paste-hint"),
        _claims(wording),
        _harm(wording, optional=True),
        _field(Field.NAMED, "label-named", _whose(wording), wording),
    )
    return _modal("report", blocks, MODAL, wording)


def harm_form(inquiry: str, wording: Wording) -> Block:
    """What was clicked, opened, typed or paid."""
    blocks = (paragraph(wording.talk.text("harm-intro")), _harm(wording, optional=False))
    return _modal("harm", blocks, HARM_MODAL, wording, inquiry)


def claims_form(inquiry: str, wording: Wording) -> Block:
    """Who the mail claims to be from."""
    blocks = (paragraph(wording.talk.text("claims-intro")), _claims(wording, optional=False))
    return _modal("claims", blocks, CLAIMS_MODAL, wording, inquiry)


def forget_form(wording: Wording) -> Block:
    """Whether to forget everything."""
    return _modal("forget", (paragraph(wording.talk.text("forget-question")),), FORGET_MODAL, wording)


def _claims(wording: Wording, *, optional: bool = True) -> Block:
    box = text_box(Field.CLAIMS, most=_MOST_CLAIM)
    return _field(Field.CLAIMS, "label-claims", box, wording, hint="form-claims-hint", optional=optional)


def _harm(wording: Wording, *, optional: bool) -> Block:
    options = [Option(harm.value, wording.talk.text(f"option-{harm.value}")) for harm in Harm]
    boxes = checkboxes(Field.HARM, options)
    return _field(Field.HARM, "label-harm", boxes, wording, hint="form-harm-hint", optional=optional)


def _whose(wording: Wording) -> Block:
    options = [Option(value, wording.talk.text(f"option-{value}")) for value in (RECEIVER, OWN_ACCOUNT)]
    return radio_buttons(Field.NAMED, options, RECEIVER)


def _field(
    field: Field, label: str, element: Block, wording: Wording, *, hint: str = "", optional: bool = True
) -> Block:
    talk = wording.talk
    told = talk.text(hint) if hint else ""
    return input_block(talk.text(label), element, block_id=field.value, hint=told, optional=optional)


def _modal(name: str, blocks: tuple[Block, ...], callback_id: str, wording: Wording, inquiry: str = "") -> Block:
    talk = wording.talk
    return modal(
        talk.text(f"title-{name}"),
        blocks,
        callback_id=callback_id,
        submit=talk.text(f"submit-{name}"),
        close=talk.text("submit-cancel"),
        metadata=inquiry,
    )
