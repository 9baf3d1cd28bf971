"""A mail that was forwarded into Slack, as its file object shows it: without the headers that would tell its origin.

Source: the objects in the slack-web and java-slack-sdk repositories' samples of `mode: "email"`.
"""

from dataclasses import dataclass, field

from bot.demo.shapes import slug
from bot.demo.state import File
from bot.demo.wire import Json


@dataclass(frozen=True, slots=True)
class Attachment:
    filename: str
    mimetype: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ForwardedMail:
    """`sender` is who forwarded it; what they were sent stands quoted in the text."""

    sender_name: str
    sender_address: str
    subject: str
    text: str
    html: str = ""
    date: str = "Wed, 22 Mar 2023 16:20:37 +0900"
    message_id: str = "<forwarded@mail.example.com>"
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = field(default=())


def as_file(mail: ForwardedMail, shown: Json, bot_id: str, base: str) -> File:
    """`shown` is the plain file object that becomes the mail's."""
    body = (mail.html or f"<pre>{mail.text}</pre>").encode()
    inner = {f"{number}-{slug(a.filename)}": a.content for number, a in enumerate(mail.attachments)}
    where = f"{base}/files-email-priv/{shown['url_private'].split('/files-pri/')[1].split('/')[0]}"
    sender = f"{mail.sender_name} <{mail.sender_address}>"
    mark = {"user": "USLACKBOT", "display_as_bot": True, "username": "Email", "bot_id": bot_id}
    object_: Json = (
        shown
        | mark
        | {
            "title": mail.subject,
            "name": mail.subject,
            "mode": "email",
            "filetype": "email",
            "pretty_type": "Email",
            "mimetype": "text/html",
            "editable": True,
            "size": len(body),
            "subject": mail.subject,
            "to": [{"address": "", "name": "Email", "original": "Email <>"}],
            "from": [{"address": mail.sender_address, "name": mail.sender_name, "original": sender}],
            "cc": [],
            "attachments": [
                {"filename": a.filename, "mimetype": a.mimetype, "size": len(a.content), "url": f"{where}/{name}"}
                for a, name in zip(mail.attachments, inner, strict=True)
            ],
            "original_attachment_count": len(mail.attachments),
            "plain_text": mail.text,
            "preview": body.decode()[:1000],
            "preview_plain_text": mail.text[:500],
            "headers": {
                "date": mail.date,
                "in_reply_to": None,
                "reply_to": mail.reply_to,
                "message_id": mail.message_id,
            },
            "has_more": len(body) > 1000,
            "sent_to_self": False,
        }
    )
    return File(str(shown["id"]), object_, body, inner=inner)
