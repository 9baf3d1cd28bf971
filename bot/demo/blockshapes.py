"""The shapes that Slack takes as Block Kit, as one table: each part's fields, which are needed, and their limits.

Source: docs.slack.dev/reference/block-kit, each block's, element's and object's page. What isn't listed is refused, as
Slack refuses it ("invalid additional property").
"""

from bot.demo.shapecheck import Shape, anything, boolean, fields, integer, many, one_of, plain, string, text, typed

_CONFIRM = fields(
    {
        "title!": plain(100),
        "text!": text(300),
        "confirm!": plain(30),
        "deny!": plain(30),
        "style": one_of("primary", "danger"),
    }
)
_OPTION = fields({"text!": text(75), "value!": string(150), "description": text(75), "url": string(3000)})
_OPTIONS = many(_OPTION, 1, 100)
_GROUPS = many(fields({"label!": plain(75), "options!": _OPTIONS}), 1, 100)
_STYLE = one_of("primary", "danger")
_ACTION: Shape = {"action_id": string(255)}
_FOCUS: Shape = {**_ACTION, "focus_on_load": boolean, "placeholder": plain(150)}
_PICK: Shape = {**_FOCUS, "confirm": _CONFIRM}
_ONE: Shape = {**_PICK, "options": _OPTIONS, "option_groups": _GROUPS, "initial_option": _OPTION}
_SOME: Shape = {**_PICK, "options": _OPTIONS, "option_groups": _GROUPS, "initial_options": _OPTIONS}
_MOST: Shape = {"max_selected_items": integer(1, 1000)}
_TYPED: Shape = {**_FOCUS, "initial_value": string(3000, 0), "dispatch_action_config": anything}
_IMAGE: Shape = {"image_url": string(3000), "slack_file": anything, "alt_text!": string(2000)}

BUTTON: Shape = {
    **_ACTION,
    "text!": plain(75),
    "url": string(3000),
    "value": string(2000, 0),
    "style": _STYLE,
    "confirm": _CONFIRM,
    "accessibility_label": string(75),
}
_FEEDBACK = fields({"text!": plain(75), "value!": string(2000), "accessibility_label": string(75)})

CHOICES: dict[str, Shape] = {
    "button": BUTTON,
    "workflow_button": {**BUTTON, "workflow!": anything},
    "overflow": {**_ACTION, "options!": many(_OPTION, 1, 5), "confirm": _CONFIRM},
    "checkboxes": {**_PICK, "options!": many(_OPTION, 1, 10), "initial_options": many(_OPTION, 1, 10)},
    "radio_buttons": {**_PICK, "options!": many(_OPTION, 1, 10), "initial_option": _OPTION},
    "datepicker": {**_PICK, "initial_date": string(10, 10)},
    "timepicker": {**_PICK, "initial_time": string(5, 5), "timezone": string(100)},
    "datetimepicker": {**_PICK, "initial_date_time": integer(1_000_000_000, 9_999_999_999)},
    "static_select": _ONE,
    "external_select": {**_PICK, "initial_option": _OPTION, "min_query_length": integer(0, 1000)},
    "users_select": {**_PICK, "initial_user": string(50)},
    "conversations_select": {
        **_PICK,
        "initial_conversation": string(50),
        "default_to_current_conversation": boolean,
        "response_url_enabled": boolean,
        "filter": anything,
    },
    "channels_select": {**_PICK, "initial_channel": string(50), "response_url_enabled": boolean},
    "multi_static_select": {**_SOME, **_MOST},
    "multi_users_select": {**_PICK, **_MOST, "initial_users": many(string(50), 1, 1000)},
    "multi_conversations_select": {**_PICK, **_MOST, "initial_conversations": anything, "filter": anything},
    "multi_channels_select": {**_PICK, **_MOST, "initial_channels": anything},
}
TYPED: dict[str, Shape] = {
    "plain_text_input": {
        **_TYPED,
        "multiline": boolean,
        "min_length": integer(0, 3000),
        "max_length": integer(1, 3000),
    },
    "email_text_input": _TYPED,
    "url_text_input": _TYPED,
    "number_input": {**_TYPED, "is_decimal_allowed!": boolean, "min_value": string(30), "max_value": string(30)},
    "rich_text_input": {**_FOCUS, "initial_value": anything, "dispatch_action_config": anything},
}
FILES: dict[str, Shape] = {
    "file_input": {**_ACTION, "filetypes": many(string(20), 1, 100), "max_files": integer(1, 10)}
}
_INPUTS = {name: shape for name, shape in CHOICES.items() if name not in ("button", "workflow_button", "overflow")}

_LEAF_STYLE: Shape = {
    "style": fields(dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight"), boolean))
}
_LEAVES = typed(
    {
        "text": {**_LEAF_STYLE, "text!": string(40_000)},
        "link": {**_LEAF_STYLE, "url!": string(3000), "text": string(40_000, 0), "unsafe": boolean},
        "emoji": {**_LEAF_STYLE, "name!": string(255), "unicode": string(100), "skin_tone": integer(1, 6)},
        "user": {**_LEAF_STYLE, "user_id!": string(50)},
        "usergroup": {**_LEAF_STYLE, "usergroup_id!": string(50)},
        "channel": {**_LEAF_STYLE, "channel_id!": string(50)},
        "team": {**_LEAF_STYLE, "team_id!": string(50)},
        "broadcast": {**_LEAF_STYLE, "range!": one_of("here", "channel", "everyone")},
        "color": {**_LEAF_STYLE, "value!": string(30)},
        "date": {
            **_LEAF_STYLE,
            "timestamp!": integer(0, 99_999_999_999),
            "format!": string(300),
            "url": string(3000),
            "fallback": string(3000),
        },
    }
)
_LINE: Shape = {"elements!": many(_LEAVES, 0, 1000)}
_BORDER: Shape = {"border": integer(0, 1)}
_RICH = typed(
    {
        "rich_text_section": _LINE,
        "rich_text_preformatted": {**_LINE, **_BORDER, "language": string(50)},
        "rich_text_quote": {**_LINE, **_BORDER},
        "rich_text_list": {
            **_BORDER,
            "elements!": many(typed({"rich_text_section": _LINE}), 0, 1000),
            "style!": one_of("bullet", "ordered"),
            "indent": integer(0, 8),
            "offset": integer(0, 10_000),
        },
    }
)
_RICH_TEXT: Shape = {"elements!": many(_RICH, 1, 1000)}
_CELL = typed(
    {
        "raw_text": {"text!": string(10_000)},
        "raw_number": {"value!": anything, "text": string(100)},
        "rich_text": _RICH_TEXT,
    }
)
_ID: Shape = {"block_id": string(255)}

BLOCKS: dict[str, Shape] = {
    "section": {
        **_ID,
        "text": text(3000),
        "fields": many(text(2000), 1, 10),
        "accessory": typed({**CHOICES, "image": _IMAGE}),
        "expand": boolean,
    },
    "header": {**_ID, "text!": plain(150), "level": integer(1, 4)},
    "divider": _ID,
    "image": {**_ID, **_IMAGE, "title": plain(2000)},
    "actions": {**_ID, "elements!": many(typed({**CHOICES, "rich_text_input": TYPED["rich_text_input"]}), 1, 25)},
    "context": {
        **_ID,
        "elements!": many(
            typed(
                {
                    "image": _IMAGE,
                    "plain_text": {"text!": string(3000), "emoji": boolean},
                    "mrkdwn": {"text!": string(3000), "verbatim": boolean},
                }
            ),
            1,
            10,
        ),
    },
    "context_actions": {
        **_ID,
        "elements!": many(
            typed(
                {
                    "feedback_buttons": {**_ACTION, "positive_button!": _FEEDBACK, "negative_button!": _FEEDBACK},
                    "icon_button": {
                        **_ACTION,
                        "icon!": one_of("trash"),
                        "text!": plain(75),
                        "value": string(2000),
                        "confirm": _CONFIRM,
                        "accessibility_label": string(75),
                        "visible_to_user_ids": anything,
                    },
                }
            ),
            1,
            5,
        ),
    },
    "rich_text": {**_ID, **_RICH_TEXT},
    "markdown": {**_ID, "text!": string(12_000)},
    "table": {
        **_ID,
        "rows!": many(many(_CELL, 1, 20), 1, 100),
        "column_settings": many(anything, 1, 20),
    },
    "input": {
        **_ID,
        "label!": plain(2000),
        "element!": typed({**_INPUTS, **TYPED}),
        "dispatch_action": boolean,
        "hint": plain(2000),
        "optional": boolean,
    },
}
MODAL_INPUT: Shape = {**BLOCKS["input"], "element!": typed({**_INPUTS, **TYPED, **FILES})}
