"""Driving the workspace: every act and every fault by name, with JSON in and JSON out.

The same table serves a thread next door (`bot.demo.running`) and another process (POST /_control/<name>).
"""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from bot.demo.acting import Actors
from bot.demo.composer import composed
from bot.demo.faults import Fault, Harm
from bot.demo.mails import Attachment, ForwardedMail
from bot.demo.office import Office
from bot.demo.state import File, Hosting
from bot.demo.wire import Json, Refused

Act = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Control:
    office: Office

    async def do(self, name: str, args: Json) -> Json:
        """Raises Refused: what can't be done, or "unknown_act" and "invalid_arguments"."""
        act = getattr(self, f"do_{name}", None)
        if act is None:
            raise Refused("unknown_act", act=name)
        try:
            done = act(**args)
            if isinstance(done, Awaitable):
                done = await done
        except TypeError as wrong:
            raise Refused("invalid_arguments", why=str(wrong)) from wrong
        return done if isinstance(done, dict) else {"ok": True}

    @property
    def _actors(self) -> Actors:
        return Actors(self.office)

    def do_say(self, user: str, channel: str = "", text: str = "", thread: str = "", files: Any = ()) -> Json:
        """`files` are ids, or objects {name, content (base64), snippet, mimetype} to upload on the way."""
        ids = [file if isinstance(file, str) else self._upload(user, **file).id for file in files]
        messages = self._actors.say(user, channel, text, thread, tuple(ids))
        place = self._actors.place(channel, user)
        return {"channel": place.id, "ts": messages[-1]["ts"], "all": [message["ts"] for message in messages]}

    def do_upload(self, user: str, name: str, content: str, snippet: bool = False, mimetype: str = "") -> Json:
        return {"file": self._upload(user, name, content, snippet, mimetype).id}

    def _upload(self, user: str, name: str, content: str, snippet: bool = False, mimetype: str = "") -> File:
        return self._actors.upload(user, name, base64.b64decode(content), snippet=snippet, mimetype=mimetype)

    def do_forward_mail(self, mail: Json, channel: str = "", user: str = "") -> Json:
        attachments = tuple(
            Attachment(a["filename"], a["mimetype"], base64.b64decode(a["content"]))
            for a in mail.pop("attachments", ())
        )
        message = self._actors.forward_mail(channel, ForwardedMail(**mail, attachments=attachments), user)
        place = self._actors.place(channel, user)
        return {"channel": place.id, "ts": message["ts"], "file": message["files"][0]["id"]}

    async def do_command(self, user: str, command: str, text: str = "", channel: str = "", thread: str = "") -> Json:
        return await self._actors.command(user, command, text, channel, thread)

    async def do_press(self, user: str, channel: str, ts: str, action: str, value: Any = None) -> Json:
        return await self._actors.press(user, channel, ts, action, value)

    async def do_press_in_view(self, user: str, action: str, view: str = "", value: Any = None) -> Json:
        return await self._actors.press_in_view(user, view, action, value)

    async def do_submit(self, user: str, values: Json, view: str = "") -> Json:
        return await self._actors.submit(user, values, view)

    async def do_close_view(self, user: str, view: str = "") -> Json:
        return await self._actors.close_view(user, view)

    async def do_shortcut(self, user: str, channel: str, ts: str, callback: str) -> Json:
        return await self._actors.shortcut(user, channel, ts, callback)

    def do_open_home(self, user: str, tab: str = "home") -> None:
        self._actors.open_home(user, tab)

    def do_run_function(self, callback: str, inputs: Json) -> Json:
        return {"execution": self._actors.run_function(callback, inputs).id}

    def do_direct(self, user: str) -> Json:
        return {"channel": self.office.direct(user).id}

    def do_execution(self, id: str) -> Json:
        return asdict(self.office.state.executions[id])

    def do_messages(self, channel: str, thread: str = "") -> Json:
        place = self.office.state.channel(channel)
        found = list(place.messages.values())
        if thread:
            found = [message for message in found if thread in (message["ts"], message.get("thread_ts"))]
        return {"messages": found}

    def do_screen(self, user: str) -> Json:
        """All that this person sees: channels, messages, what only they see, modals, Home, prompts, status lines."""
        state = self.office.state
        places = [channel for channel in state.channels.values() if user in channel.members]
        return {
            "channels": [
                {"id": c.id, "name": c.name, "kind": c.kind, "messages": list(c.messages.values())} for c in places
            ],
            "ephemeral": state.ephemeral.get(user, []),
            "modals": [state.views[id].shown for id in state.stacks.get(user, [])],
            "home": state.homes[user].shown if user in state.homes else None,
            "prompts": {c.id: state.prompts[c.id] for c in places if c.id in state.prompts},
            "status": [[c, thread, text] for (c, thread), text in state.status.items() if c in {p.id for p in places}],
        }

    def do_log(self, kind: str = "", after: int = 0) -> Json:
        return {"log": self.office.log.entries(kind, after)}

    def do_counts(self) -> Json:
        counts = self.office.log.counts()
        return counts | {
            "unacknowledged": self.office.delivery.unacknowledged,
            "connections": len(self.office.sockets.links),
        }

    def do_fail(self, method: str, harm: str, times: int = 1, **how: Any) -> None:
        """The next calls of a method ("*": any) suffer; `harm` as in `faults.Harm`, `how` as in `faults.Fault`."""
        self.office.faults.plan(method, Fault(Harm(harm), **how), times)

    def do_duplicate(self, copies: int = 2, times: int = 1) -> None:
        """Each of the next events goes out so many times at once."""
        self.office.faults.duplicate(copies, times)

    def do_reorder(self, events: int) -> None:
        """So many events are held back and delivered the other way round."""
        self.office.faults.hold = events

    def do_lose_acks(self, events: int) -> None:
        """The app's next acknowledgements of events get lost, so that Slack delivers again."""
        self.office.faults.deaf = events

    def do_heal(self) -> None:
        self.office.faults.clear()
        self.office.delivery.release()
        for file in self.office.state.files.values():
            file.hosting = Hosting()

    async def do_disconnect(self, reason: str = "refresh_requested", close_after_s: float = 0.2) -> Json:
        return {"connections": await self.office.sockets.disconnect(reason, close_after_s)}

    def do_cut(self) -> Json:
        """Every Socket Mode connection breaks without a word."""
        return {"connections": self.office.sockets.cut()}

    def do_revoke(self, uninstall: bool = False) -> None:
        """The bot's token is revoked, or the app is taken out of the workspace; the app hears of it."""
        app = self.office.config.app
        self.office.state.tokens[app.bot_token].revoked = True
        self.office.delivery.event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [app.bot_user]}})
        if uninstall:
            self.office.delivery.event({"type": "app_uninstalled"})

    def do_scopes(self, scopes: list[str]) -> None:
        """What the bot's token may do from now on."""
        token = self.office.state.tokens[self.office.config.app.bot_token]
        token.scopes, token.revoked = tuple(scopes), False

    def do_hosting(self, file: str, **how: Any) -> None:
        """How the file host misbehaves over this file; fields of `state.Hosting`."""
        hosting = self.office.state.file(file).hosting
        for name, value in how.items():
            setattr(hosting, name, value)

    def do_describe(self, file: str, **shown: Any) -> None:
        """What Slack says of the file from now on, true or not: size, mimetype, mode, name."""
        self.office.state.file(file).shown.update(shown)

    def do_restrict(self, file: str, check_info: bool = True, deleted: bool = False) -> None:
        """Events show only `check_file_info` from now on (Slack Connect); or the file is gone."""
        kept = self.office.state.file(file)
        kept.check_info, kept.deleted = check_info, deleted

    def do_leave(self, channel: str) -> None:
        """The bot is taken out of the channel."""
        members = self.office.state.channel(channel).members
        if self.office.config.app.bot_user in members:
            members.remove(self.office.config.app.bot_user)

    def do_join(self, channel: str) -> None:
        """The bot is invited."""
        members = self.office.state.channel(channel).members
        if self.office.config.app.bot_user not in members:
            members.append(self.office.config.app.bot_user)

    async def do_verify_url(self) -> Json:
        """HTTP mode's first request: whether the app sends the challenge back."""
        challenge = self.office.numbers.secret("challenge-")
        answer = await self.office.delivery.ask("events_api", {"type": "url_verification", "challenge": challenge})
        return {"ok": answer.ok and isinstance(answer.payload, dict) and challenge in answer.payload.values()}

    def do_archive(self, channel: str) -> None:
        self.office.state.channel(channel).archived = True

    def do_edit_message(self, channel: str, ts: str, text: str) -> None:
        """A person edits what they wrote."""
        place = self.office.state.channel(channel)
        message = self.office.state.message(place, ts)
        before = dict(message)
        message |= {**composed(text), "edited": {"user": message["user"], "ts": self.office.numbers.ts()}}
        self.office.changed(place, before, message)

    def do_delete_message(self, channel: str, ts: str) -> None:
        """A person deletes a message."""
        place = self.office.state.channel(channel)
        self.office.changed(place, self.office.state.message(place, ts), None)
        del place.messages[ts]
