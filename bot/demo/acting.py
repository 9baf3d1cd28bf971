"""What people do: they write, upload, forward mails, type commands, press buttons, fill in modals."""

from dataclasses import dataclass
from typing import Any

from bot.demo import forms, methods_views
from bot.demo.blockcheck import elements_of
from bot.demo.composer import composed, cut
from bot.demo.config import Paste
from bot.demo.mails import ForwardedMail, as_file
from bot.demo.office import Office
from bot.demo.shapes import file_json, shared_file, snippet_json
from bot.demo.state import Channel, Execution, File, View
from bot.demo.wire import Json, Refused

MAIL_USER = "USLACKBOT"


@dataclass(frozen=True, slots=True)
class Actors:
    """Raises Refused where a person couldn't do that either."""

    office: Office

    def place(self, channel: str, user: str) -> Channel:
        """A channel by id; "" or the bot's id stands for the person's direct message with it."""
        if channel in ("", self.office.config.app.bot_user):
            return self.office.direct(user)
        return self.office.state.channel(channel)

    def say(self, user: str, channel: str, text: str, thread: str = "", files: tuple[str, ...] = ()) -> list[Json]:
        """Posts it, in several messages or as a snippet where it is too long; the messages."""
        place = self.place(channel, user)
        habits = self.office.config.habits
        if len(text) <= habits.paste_over or habits.paste is Paste.WHOLE:
            return [self._write(user, place, text, thread, files)]
        if habits.paste is Paste.SPLIT:
            return [self._write(user, place, part, thread, ()) for part in cut(text, habits.paste_over)]
        snippet = self.upload(user, "Untitled.txt", text.encode(), snippet=True)
        return [self._write(user, place, "", thread, (*files, snippet.id))]

    def _write(self, user: str, place: Channel, text: str, thread: str, files: tuple[str, ...]) -> Json:
        self.office.state.user(user)
        message: Json = {"user": user, "client_msg_id": self.office.numbers.secret("c-"), **composed(text)}
        message["team"] = self.office.state.team_of(user)
        if not message["blocks"]:
            del message["blocks"]
        if files:
            shown = [self._shared(self.office.state.file(file), place) for file in files]
            message |= {"subtype": "file_share", "files": shown, "upload": False, "display_as_bot": False}
        if thread:
            message["thread_ts"] = thread
        return self.office.post(place, message)

    def _shared(self, file: File, place: Channel) -> Json:
        file.channels.add(place.id)
        return shared_file(file, self.office.config.habits.stub_mail)

    def upload(self, user: str, name: str, content: bytes, *, snippet: bool = False, mimetype: str = "") -> File:
        """A file that isn't shared yet, as in a modal's file input; `say` shares it."""
        office = self.office
        id = office.numbers.id("F")
        shown = file_json(id, name, len(content), user, office.config, office.base, int(office.clock()))
        if mimetype:
            shown["mimetype"] = mimetype
        if snippet:
            shown = snippet_json(shown, content.decode("utf-8", "replace"))
        return office.keep(File(id, shown, content))

    def forward_mail(self, channel: str, mail: ForwardedMail, user: str = "") -> Json:
        """A mail sent to the channel's address, or by an add-on into `user`'s direct message; USLACKBOT posts it."""
        office = self.office
        place = self.place(channel, user)
        id, bot = office.numbers.id("F"), office.numbers.id("B")
        size = len(mail.html or mail.text)
        shown = file_json(id, "mail", size, MAIL_USER, office.config, office.base, int(office.clock()))
        file = office.keep(as_file(mail, shown, bot, office.base))
        message: Json = {"user": MAIL_USER, "bot_id": bot, "subtype": "file_share", "text": "", "upload": True}
        return office.post(place, message | {"display_as_bot": True, "files": [self._shared(file, place)]})

    async def command(self, user: str, command: str, text: str = "", channel: str = "", thread: str = "") -> Json:
        """Types a slash command; the app's answer is shown to the person alone, unless it says otherwise."""
        if thread:
            raise Refused("command_not_supported_in_threads")
        office, place = self.office, self.place(channel, user)
        payload: Json = {
            **self._sender(user),
            "channel_id": place.id,
            "channel_name": place.name if place.kind != "group" else "privategroup",
            "user_name": office.state.user(user).name,
            "user_id": user,
            "command": command,
            "text": text,
            "is_enterprise_install": "false",
            "response_url": office.response_url(user, place),
            "trigger_id": office.trigger(user),
        }
        del payload["user"], payload["team"], payload["enterprise"]
        answer = await office.delivery.ask("slash_commands", payload)
        if (
            answer.ok
            and isinstance(answer.payload, dict)
            and (answer.payload.get("text") or answer.payload.get("blocks"))
        ):
            self._respond(place, user, answer.payload)
        return _outcome(answer.ok, answer.reason, answer.payload)

    def _respond(self, place: Channel, user: str, payload: Json) -> None:
        app = self.office.config.app
        message: Json = {name: payload[name] for name in ("text", "blocks") if name in payload}
        message |= {"user": app.bot_user, "bot_id": app.bot_id}
        if payload.get("response_type") == "in_channel":
            self.office.post(place, message)
        else:
            self.office.whisper(place.id, user, message)

    async def press(self, user: str, channel: str, ts: str, action: str, value: Any = None) -> Json:
        """Presses the button (or chooses) with that action_id in a message."""
        office, place = self.office, self.place(channel, user)
        ephemeral = [m for m in office.state.ephemeral.get(user, ()) if m["ts"] == ts]
        message = ephemeral[0] if ephemeral else office.state.message(place, ts)
        container = {"type": "message", "message_ts": ts, "channel_id": place.id, "is_ephemeral": bool(ephemeral)}
        if "thread_ts" in message:
            container["thread_ts"] = message["thread_ts"]
        payload: Json = {
            "type": "block_actions",
            **self._sender(user),
            "container": container,
            "trigger_id": office.trigger(user),
            "channel": {"id": place.id, "name": place.name},
            "message": {name: item for name, item in message.items() if name != "metadata"},
            "state": {"values": {}},
            "response_url": office.response_url(user, place, ts, str(message.get("thread_ts", ""))),
            "actions": [self._action(message.get("blocks") or [], action, value)],
        }
        answer = await office.delivery.ask("interactive", payload)
        return _outcome(answer.ok, answer.reason, answer.payload)

    async def press_in_view(self, user: str, view: str, action: str, value: Any = None) -> Json:
        """The same in a modal or in App Home."""
        office = self.office
        seen = self._view(user, view)
        payload: Json = {
            "type": "block_actions",
            **self._sender(user),
            "container": {"type": "view", "view_id": seen.id},
            "trigger_id": office.trigger(user, seen.id if seen.shown["type"] == "modal" else ""),
            "view": seen.shown,
            "actions": [self._action(seen.shown["blocks"], action, value)],
        }
        answer = await office.delivery.ask("interactive", payload)
        return _outcome(answer.ok, answer.reason, answer.payload)

    def _action(self, blocks: list[Json], action: str, value: Any) -> Json:
        for block in blocks:
            for element in elements_of(block):
                if element.get("action_id") == action:
                    return self._pressed(block, element, value)
        raise Refused("no_such_action")

    def _pressed(self, block: Json, element: Json, value: Any) -> Json:
        done: Json = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"]}
        done["action_ts"] = self.office.numbers.ts()
        if element["type"] in ("button", "workflow_button", "icon_button"):
            return done | {name: element[name] for name in ("text", "value", "style") if name in element}
        if element["type"] == "feedback_buttons":
            chosen = element[f"{value}_button"]
            return done | {"text": chosen["text"], "value": chosen["value"]}
        values, _ = forms.filled([block], {element["action_id"]: value}, self.office.state)
        chosen_value: Json = values[block["block_id"]][element["action_id"]]
        return done | chosen_value

    def _sender(self, user: str) -> Json:
        config = self.office.config
        person = self.office.state.user(user)
        return {
            "team_id": config.team,
            "team_domain": config.domain,
            "team": {"id": config.team, "domain": config.domain},
            "user": {"id": user, "username": person.name, "name": person.name, "team_id": person.team or config.team},
            "enterprise": None,
            "is_enterprise_install": False,
            "api_app_id": config.app.id,
            "token": "demo-verification",
        }

    def _view(self, user: str, view: str) -> View:
        """By id; "" is the topmost modal, "home" the App Home."""
        state = self.office.state
        if view == "home" and user in state.homes:
            return state.homes[user]
        found = state.views.get(view or (state.stacks.get(user) or [""])[-1])
        if found is None:
            raise Refused("no_such_view")
        return found

    async def submit(self, user: str, values: Json, view: str = "") -> Json:
        """Presses a modal's submit button; `errors` are by block_id, the client's own or the app's."""
        office = self.office
        seen = self._view(user, view)
        state, wrong = forms.filled(seen.shown["blocks"], values, office.state)
        if wrong:
            return {"ok": False, "error": "client", "errors": wrong}
        seen.shown["state"] = {"values": state}
        payload: Json = {"type": "view_submission", **self._sender(user), "view": seen.shown, "response_urls": []}
        payload["trigger_id"] = office.trigger(user, seen.id)
        answer = await office.delivery.ask("interactive", payload)
        if not answer.ok:
            return _outcome(False, answer.reason, None)
        reply = answer.payload if isinstance(answer.payload, dict) else {}
        return self._after(seen, reply) | {"response": reply}

    def _after(self, view: View, reply: Json) -> Json:
        kind = reply.get("response_action")
        if kind == "errors":
            return {"ok": False, "error": "app", "errors": reply.get("errors", {})}
        if kind == "update":
            methods_views.replace(self.office, view, reply["view"])
        elif kind == "push":
            methods_views.show(self.office, methods_views.make(self.office, view.user, reply["view"]))
        elif kind == "clear":
            self.dismiss(view.user)
        else:
            self._drop(view)
        return {"ok": True}

    async def close_view(self, user: str, view: str = "") -> Json:
        """Closes a modal; the app hears of it only if it asked to."""
        seen = self._view(user, view)
        self._drop(seen)
        if not seen.shown["notify_on_close"]:
            return {"ok": True}
        payload = {"type": "view_closed", **self._sender(user), "view": seen.shown, "is_cleared": False}
        answer = await self.office.delivery.ask("interactive", payload)
        return _outcome(answer.ok, answer.reason, answer.payload)

    def _drop(self, view: View) -> None:
        stack = self.office.state.stacks.get(view.user, [])
        if view.id in stack:
            stack.remove(view.id)
        self.office.state.views.pop(view.id, None)
        self.office.feed.tell("view", user=view.user, view="")

    def dismiss(self, user: str) -> None:
        """All of a person's modals are closed."""
        for id in self.office.state.stacks.pop(user, []):
            self.office.state.views.pop(id, None)
        self.office.feed.tell("view", user=user, view="")

    async def shortcut(self, user: str, channel: str, ts: str, callback: str) -> Json:
        """Picks the app's entry in a message's menu, also where the bot isn't a member."""
        office, place = self.office, self.place(channel, user)
        message = office.state.message(place, ts)
        payload: Json = {
            "type": "message_action",
            **self._sender(user),
            "action_ts": office.numbers.ts(),
            "channel": {"id": place.id, "name": place.name},
            "callback_id": callback,
            "trigger_id": office.trigger(user),
            "response_url": office.response_url(user, place, thread=str(message.get("thread_ts", ""))),
            "message_ts": ts,
            "message": {name: item for name, item in message.items() if name != "metadata"},
        }
        answer = await office.delivery.ask("interactive", payload)
        return _outcome(answer.ok, answer.reason, answer.payload)

    def open_home(self, user: str, tab: str = "home") -> None:
        office = self.office
        event: Json = {"type": "app_home_opened", "user": user, "channel": office.direct(user).id, "tab": tab}
        event["event_ts"] = office.numbers.ts()
        if tab == "home" and user in office.state.homes:
            event["view"] = office.state.homes[user].shown
        office.delivery.event(event)

    def run_function(self, callback: str, inputs: Json) -> Execution:
        """A workflow comes to the app's step; `Execution` shows later how it was completed."""
        office = self.office
        run = Execution(office.numbers.id("Fx"), callback)
        office.state.executions[run.id] = run
        token = office.numbers.secret("xwfp-")
        office.state.tokens[token] = office.state.tokens[office.config.app.bot_token]
        function: Json = {"title": callback, "description": "", "input_parameters": [], "output_parameters": []}
        function |= {"id": office.numbers.id("Fn"), "callback_id": callback, "type": "app"}
        function["app_id"] = office.config.app.id
        event: Json = {"type": "function_executed", "function": function, "inputs": inputs}
        event |= {"function_execution_id": run.id, "workflow_execution_id": office.numbers.id("Wx")}
        office.delivery.event(event | {"event_ts": office.numbers.ts(), "bot_access_token": token})
        return run


def _outcome(ok: bool, reason: str, payload: Any) -> Json:
    return {"ok": True, "response": payload} if ok else {"ok": False, "error": reason}
