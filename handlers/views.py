"""The modals and Home, as the handlers ask for them (`handlers.desk.Views`)."""

from dataclasses import dataclass
from datetime import timedelta

from bot.model import Inquiry
from handlers.blocks.evidence import evidence
from handlers.blocks.forms import claims_form, forget_form, harm_form, report_form
from handlers.blocks.kit import Block, Post
from handlers.blocks.listing import home_view, status
from handlers.blocks.wording import Wording
from handlers.desk import Views


@dataclass(frozen=True, slots=True)
class BlockViews(Views):
    """One for each process; the times are told on Home."""

    wording: Wording
    keep_content: timedelta = timedelta(hours=24)
    keep_verdicts: timedelta = timedelta(days=90)

    def report(self) -> Block:
        return report_form(self.wording)

    def harm(self, inquiry: str) -> Block:
        return harm_form(inquiry, self.wording)

    def claims(self, inquiry: str) -> Block:
        return claims_form(inquiry, self.wording)

    def forget(self) -> Block:
        return forget_form(self.wording)

    def evidence(self, inquiry: Inquiry, technician: bool) -> Block:
        return evidence(inquiry, technician, self.wording)

    def home(self, inquiries: tuple[Inquiry, ...]) -> Block:
        hours, days = self.keep_content // timedelta(hours=1), self.keep_verdicts.days
        return home_view(inquiries, self.wording, hours=hours, days=days)

    def status(self, inquiries: tuple[Inquiry, ...]) -> Post:
        return status(inquiries, self.wording)
