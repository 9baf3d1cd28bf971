"""What a message's body holds, with transfer encodings and charsets undone and nothing interpreted yet."""

from dataclasses import dataclass

from bot.model import Attachment, Defect


@dataclass(frozen=True, slots=True)
class Body:
    """The readable parts and the attachments; what MIME, an Outlook file or a paste come down to."""

    plain: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    defects: tuple[Defect, ...] = ()
