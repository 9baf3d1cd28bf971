"""response_url: up to five posts within thirty minutes, to the person alone or to the channel.

Source: docs.slack.dev/interactivity/handling-user-interaction, "Message responses".
"""

import json
from dataclasses import dataclass

from aiohttp import web

from bot.demo import blockcheck
from bot.demo.office import Office
from bot.demo.state import ResponseUrl
from bot.demo.wire import Json, Refused

MOST_POSTS = 5


@dataclass(frozen=True, slots=True)
class Responses:
    office: Office

    async def serve(self, request: web.Request) -> web.Response:
        url = self.office.state.response_urls.get(request.match_info["id"])
        args = json.loads(await request.read() or b"{}")
        try:
            self._take(url, args)
        except Refused as refused:
            self.office.log.called("response_url", args, refused.error)
            status = 404 if refused.error in ("expired_url", "used_url") else 400
            return web.json_response(refused.answer(), status=status)
        self.office.log.called("response_url", args, "")
        return web.json_response({"ok": True})

    def _take(self, url: ResponseUrl | None, args: Json) -> None:
        if url is None or self.office.clock() - url.made_at > self.office.config.times.response_url:
            raise Refused("expired_url")
        if url.posts >= MOST_POSTS:
            raise Refused("used_url")
        if args.get("delete_original"):
            self._delete(url)
        else:
            self._say(url, args)
        url.posts += 1

    def _say(self, url: ResponseUrl, args: Json) -> None:
        blocks = args.get("blocks") or []
        if self.office.config.habits.check_blocks and blocks:
            blockcheck.check_message(blocks)
        if not args.get("text") and not blocks:
            raise Refused("no_text")
        app = self.office.config.app
        message: Json = {"user": app.bot_user, "bot_id": app.bot_id, "text": args.get("text", "")}
        if blocks:
            message["blocks"] = blockcheck.with_ids(blocks, self.office.numbers)
        if args.get("thread_ts") or url.thread:
            message["thread_ts"] = args.get("thread_ts") or url.thread
        channel = self.office.state.channels[url.channel]
        if args.get("replace_original") and url.ts:
            self._replace(url, message)
        elif args.get("response_type") == "in_channel":
            self.office.post(channel, message)
        else:
            self.office.whisper(url.channel, url.user, message)

    def _replace(self, url: ResponseUrl, message: Json) -> None:
        channel = self.office.state.channels[url.channel]
        old = channel.messages.get(url.ts) or self._whispered(url)
        if old is None:
            raise Refused("message_not_found")
        before = dict(old)
        old.pop("blocks", None)
        old |= {name: message[name] for name in ("text", "blocks") if name in message}
        if url.ts in channel.messages:
            self.office.changed(channel, before, old)

    def _whispered(self, url: ResponseUrl) -> Json | None:
        return next((m for m in self.office.state.ephemeral.get(url.user, ()) if m["ts"] == url.ts), None)

    def _delete(self, url: ResponseUrl) -> None:
        channel = self.office.state.channels[url.channel]
        gone = channel.messages.pop(url.ts, None)
        if gone is not None:
            self.office.changed(channel, gone, None)
        kept = self.office.state.ephemeral.get(url.user, [])
        kept[:] = [message for message in kept if message["ts"] != url.ts]
