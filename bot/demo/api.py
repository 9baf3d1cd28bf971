"""The Web API: who calls, whether they may, what breaks on command, and the method's answer.

Errors and their words: docs.slack.dev/reference/methods, each method's page.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from bot.demo import methods_chat, methods_conversations, methods_files, methods_people, methods_views
from bot.demo.calls import Call, Method
from bot.demo.faults import Fault, Harm
from bot.demo.office import Office
from bot.demo.state import Token
from bot.demo.wire import Json, Refused

METHODS: dict[str, Method] = {
    **methods_chat.METHODS,
    **methods_conversations.METHODS,
    **methods_files.METHODS,
    **methods_people.METHODS,
    **methods_views.METHODS,
}
_NESTED = ("blocks", "attachments", "metadata", "view", "files", "prompts", "outputs", "loading_messages")
_SECRET = ("token",)


@dataclass(frozen=True, slots=True)
class Api:
    office: Office

    async def serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        fault = self.office.faults.for_call(name)
        if fault is not None and fault.harm is not Harm.CUT_AFTER and fault.harm is not Harm.SLOW:
            return _harm(fault, request)
        method = METHODS.get(name)
        answer = self._answer(name, request, await _arguments(request, method is None or method.takes_json))
        if fault is not None and fault.harm is Harm.SLOW:
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.harm is Harm.CUT_AFTER:
            return _cut(request)
        return answer

    def _answer(self, name: str, request: web.Request, args: Json) -> web.Response:
        bearer, token = self._token(request, args)
        error, status, headers = "", 200, {}
        try:
            answer = {"ok": True, **self._call(name, bearer, token, args)}
        except Refused as refused:
            answer, error, status = refused.answer(), refused.error, refused.status
            if "retry_after" in refused.more:
                headers["Retry-After"] = str(answer.pop("retry_after"))
        if token is not None:
            headers["X-OAuth-Scopes"] = ",".join(token.scopes)
        hidden = _SECRET if self.office.config.habits.keep_blocks else (*_SECRET, "blocks")
        self.office.log.called(name, {key: args[key] for key in args if key not in hidden}, error)
        return web.Response(body=json.dumps(answer), status=status, headers=headers, content_type="application/json")

    def _token(self, request: web.Request, args: Json) -> tuple[str, Token | None]:
        header = request.headers.get("Authorization", "")
        bearer = header.removeprefix("Bearer ").strip() if header else str(args.pop("token", ""))
        return bearer, self.office.state.tokens.get(bearer)

    def _call(self, name: str, bearer: str, token: Token | None, args: Json) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise Refused("unknown_method", req_method=name)
        if not bearer:
            raise Refused("not_authed")
        if token is None:
            raise Refused("invalid_auth")
        if token.revoked:
            raise Refused("token_revoked")
        if token.app != method.app_level:
            raise Refused("not_allowed_token_type")
        call = Call(self.office, name, args, token)
        call.needs(*method.scopes)
        channel = str(args.get("channel", ""))
        self.office.gate.pass_call(name, bearer, self.office.state.direct.get(channel, channel))
        return method.run(call)


async def _arguments(request: web.Request, takes_json: bool) -> Json:
    """Query, form and (where the method takes it) JSON alike; JSON within a form's known fields is read too."""
    args: Json = dict(request.query)
    body = await request.read()
    if request.content_type == "application/json":
        read = _parsed(body) if takes_json else None
        return args | (read if isinstance(read, dict) else {})
    if request.content_type == "application/x-www-form-urlencoded":
        args.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    for name in _NESTED:
        if isinstance(args.get(name), str):
            args[name] = _parsed(args[name])
    return args


def _parsed(text: bytes | str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _harm(fault: Fault, request: web.Request) -> web.Response:
    if fault.harm is Harm.CUT_BEFORE:
        return _cut(request)
    if fault.harm is Harm.RATE:
        headers = {"Retry-After": str(max(1, round(fault.seconds)))}
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
    if fault.harm is Harm.ERROR:
        return web.json_response({"ok": False, "error": fault.error})
    return web.Response(status=fault.status, text="upstream is unwell")


def _cut(request: web.Request) -> web.Response:
    """The connection breaks without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
