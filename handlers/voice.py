"""The Voice port over Slack's Web API: what is said, where it goes, and finding again what was said."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import structlog
from slack_sdk import WebClient

from bot.errors import Shown
from bot.model import Inquiry, Outcome, Place, Surface, Wish
from bot.ports import Later, Meter, Said, Voice
from handlers.blocks.answer import answer, summary
from handlers.blocks.calls import call, complaint
from handlers.blocks.kit import Post
from handlers.blocks.posts import acknowledgement, person_told, refusal, remark
from handlers.blocks.wording import Wording
from handlers.pacing import Budget
from handlers.reading import Json, string
from handlers.sending import EVENT, Sender
from handlers.working import Signs

log = structlog.get_logger()

DELETIONS_A_MINUTE, DELETE_AGAIN_S = 40, 5.0
_PAGE, _MOST_PAGES = 200, 5
"""Messages of a thread or a channel that are searched for one of ours: a thousand."""
_CLOSED = frozenset({"slack-is-archived", "slack-not-in-channel", "slack-channel-not-found"})
"""What Slack says where a channel was archived, or we were taken out of it."""
_FINISHED = frozenset(
    {
        "slack-function-execution-not-found",
        "slack-invalid-function-execution-state",
        "slack-function-execution-already-completed",
    }
)
"""What Slack says of a step that is complete already, or that nobody waits for any more."""


@dataclass(frozen=True, slots=True)
class SlackVoice(Voice):
    """One for each process. `technicians` is their channel's id, "" where there is none; `group` their user group's."""

    sender: Sender
    wording: Wording
    signs: Signs
    technicians: str = ""
    group: str = ""
    deletions: Budget = field(default_factory=lambda: Budget(DELETIONS_A_MINUTE))
    _opened: dict[str, str] = field(default_factory=dict)
    """Direct-message channels by person; asked for only where something is looked for."""

    def acknowledge(self, inquiry: Inquiry, mark: str) -> Said:
        return self._say(inquiry, acknowledgement(inquiry, self.wording), mark)

    def working(self, inquiry: Inquiry, busy: bool) -> None:
        self.signs.show(inquiry, busy)

    def answer(self, inquiry: Inquiry, outcome: Outcome, mark: str) -> Said:
        return self._say(inquiry, answer(inquiry, outcome, self.wording), mark)

    def cannot(self, inquiry: Inquiry, why: Shown, mark: str) -> Said:
        return self._say(inquiry, refusal(inquiry, why, self.wording), mark)

    def remark(self, place: Place, code: str, mark: str, **values: str) -> Said:
        """Also for the codes of errors that have no text of their own: then it is the help text."""
        known = self.wording.talk.has(code)
        if not known:
            log.error("no text", code=code)
        post = remark(code if known else "help", self.wording, **values)
        return self.sender.post(place.channel, place.thread, post, inquiry="", mark=mark)

    def call_technicians(self, inquiry: Inquiry, wish: Wish | None, mark: str) -> Said | None:
        if not self.technicians:
            return None
        post = call(inquiry, wish, self.wording, group=self.group, permalink=self.permalink(inquiry))
        return self.sender.post(self.technicians, "", post, inquiry=inquiry.id, mark=mark)

    def complain(self, inquiry: Inquiry, why: Shown, mark: str) -> Said | None:
        if not self.technicians:
            return None
        post = complaint(inquiry, why, self.wording, permalink=self.permalink(inquiry))
        return self.sender.post(self.technicians, "", post, inquiry=inquiry.id, mark=mark)

    def finish_step(self, inquiry: Inquiry, outcome: Outcome | None, why: Shown | None) -> None:
        """Completing it twice changes nothing."""
        try:
            if outcome is not None:
                outputs = json.dumps(self._outputs(outcome))
                self.sender.ask("functions.completeSuccess", function_execution_id=inquiry.step, outputs=outputs)
                return
            said = person_told(why, self.wording) if why else ""
            error = self.wording.talk.text("step-failed", why=said)
            self.sender.ask("functions.completeError", function_execution_id=inquiry.step, error=error)
        except Shown as refused:
            if refused.code not in _FINISHED:
                raise

    def unsay(self, said: Said) -> None:
        if not self.deletions.take():
            raise Later(DELETE_AGAIN_S, "pace")
        try:
            self.sender.ask("chat.delete", channel=said.channel, ts=said.ts)
        except Shown as refused:  # deleted already, or older than the workspace lets an app delete
            log.info("not deleted", why=refused.code)

    def find(self, place: Place, inquiry: str, mark: str) -> Said | None:
        channel = self._conversation(place.channel or self.technicians)
        if not channel:
            return None
        method = "conversations.replies" if place.thread else "conversations.history"
        where = {"channel": channel, **({"ts": place.thread} if place.thread else {})}
        try:
            ours = next((each for each in self._messages(method, where) if self._is(each, inquiry, mark)), None)
        except Shown as refused:
            if refused.code != "slack-thread-not-found":
                raise
            return None
        return Said(channel, string(ours.get("ts")), place.thread) if ours else None

    def _is(self, message: Json, inquiry: str, mark: str) -> bool:
        """Metadata is whatever its app writes: another app's copy is none of ours."""
        return _is(message, inquiry, mark) and self._ourselves() in ("", message.get("bot_id"))

    def _ourselves(self) -> str:
        """Our bot's id, asked once; only where something is looked for."""
        if "" not in self._opened:
            self._opened[""] = string(self.sender.ask("auth.test").get("bot_id"))
        return self._opened[""]

    def _say(self, inquiry: Inquiry, post: Post, mark: str) -> Said:
        """Where it was asked; where that place is closed to us by now, to whoever asked alone."""
        place, asker = inquiry.place, inquiry.asker.user
        try:
            return self.sender.post(place.channel, place.thread, post, inquiry=inquiry.id, mark=mark)
        except Shown as refused:
            if refused.code not in _CLOSED or not asker or inquiry.surface is not Surface.CHANNEL:
                raise
            log.warning("the place is closed; said in direct message", inquiry=inquiry.id, code=refused.code)
        return self.sender.post(asker, "", post, inquiry=inquiry.id, mark=mark)

    def permalink(self, inquiry: Inquiry) -> str:
        """Of a channel's thread; nobody else could follow one into a direct message. "" if it can't be had."""
        if inquiry.surface is not Surface.CHANNEL or not inquiry.place.thread:
            return ""
        try:
            found = self.sender.ask("chat.getPermalink", channel=inquiry.place.channel, message_ts=inquiry.place.thread)
        except (Later, Shown):
            return ""
        link = string(found.get("permalink"))
        return link if link.startswith(("https://", "http://127.0.0.1", "http://localhost")) else ""

    def _outputs(self, outcome: Outcome) -> dict[str, object]:
        """As handlers/manifest.json declares them."""
        diagnosis = outcome.diagnosis
        return {
            "verdict": diagnosis.verdict.value,
            "confidence": round(diagnosis.confidence, 2),
            "reply": summary(outcome, self.wording),
        }

    def _conversation(self, channel: str) -> str:
        """The channel; for a person's id, that of the direct message with them, which is asked of Slack once."""
        if not channel.startswith(("U", "W")):
            return channel
        if channel not in self._opened:
            found = self.sender.ask("conversations.open", users=channel).get("channel")
            self._opened[channel] = string(found.get("id")) if isinstance(found, dict) else ""
        return self._opened[channel]

    def _messages(self, method: str, where: dict[str, str]) -> Iterator[Json]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            more = {"cursor": cursor} if cursor else {}
            answer = self.sender.ask(method, **where, **more, limit=_PAGE, include_all_metadata=True)
            messages = answer.get("messages")
            yield from (each for each in messages or () if isinstance(each, dict))
            after = answer.get("response_metadata")
            cursor = string(after.get("next_cursor")) if isinstance(after, dict) else ""
            if not cursor:
                return


def make_voice(
    client: WebClient, wording: Wording, meter: Meter, *, technicians: str = "", group: str = ""
) -> SlackVoice:
    """A voice over one client, whose retry handlers must leave 429 to us. Calls nobody."""
    talk = wording.talk
    turns = tuple(map(talk.text, ("working-sender", "working-server", "working-text")))
    signs = Signs(client, talk.text("working"), turns)
    return SlackVoice(Sender(client, meter), wording, signs, technicians, group)


def _is(message: Json, inquiry: str, mark: str) -> bool:
    """Whether it is ours with that mark. A remark knows no inquiry: its mark tells it, in its thread."""
    metadata = message.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT:
        return False
    said = metadata.get("event_payload")
    return isinstance(said, dict) and said.get("mark") == mark and said.get("inquiry") in (inquiry, "", None)
