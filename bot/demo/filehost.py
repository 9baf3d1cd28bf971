"""The file host: content against a token, the login page without one, and misbehaviour on command."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from bot.demo.office import Office
from bot.demo.state import File, Hosting, Token

LOGIN_PAGE = (
    b"<!DOCTYPE html><html><head><title>Sign in | Slack</title></head>"
    b"<body><form action='/signin'>Sign in to your workspace</form></body></html>"
)
_CHUNK = 16_384
_PERMISSION = "files:read"


@dataclass(frozen=True, slots=True)
class FileHost:
    office: Office

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """`/files-pri/<team>-<file>/download/<name>` and `/files-email-priv/<team>-<file>/<attachment>`."""
        file = self.office.state.files.get(request.match_info["file"])
        header = request.headers.get("Authorization", "")
        bearer = header.removeprefix("Bearer ").strip()
        if file is None or file.deleted:
            return self._said(request, "gone", web.Response(status=404, text="not found"))
        content = self._content(file, request.match_info.get("inner", ""))
        if content is None:
            return self._said(request, "gone", web.Response(status=404, text="not found"))
        if file.hosting.login or not self._may(self.office.state.tokens.get(bearer), file):
            return self._said(request, "login", web.Response(body=LOGIN_PAGE, content_type="text/html"))
        return await self._hosted(request, file.hosting, content, file.shown["mimetype"])

    def _content(self, file: File, inner: str) -> bytes | None:
        return file.inner.get(inner) if inner else file.content

    def _may(self, token: Token | None, file: File) -> bool:
        """With the scope, and for what lies where the bot is, or was put into its form; else Slack sends to the login
        page with 200.
        """
        if token is None or token.revoked or _PERMISSION not in token.scopes:
            return False
        bot = self.office.config.app.bot_user
        return (
            file.handed_in
            or file.shown["user"] == bot
            or any(bot in self.office.state.channels[id].members for id in file.channels)
        )

    def _said(self, request: web.Request, how: str, answer: web.Response) -> web.Response:
        self.office.log.add("download", path=request.path, how=how)
        return answer

    async def _hosted(self, request: web.Request, hosting: Hosting, content: bytes, mime: str) -> web.StreamResponse:
        if hosting.times:
            hosting.times -= 1
            return self._said(request, str(hosting.status), web.Response(status=hosting.status, text="unwell"))
        if hosting.redirect:
            answer = web.Response(status=302, headers={"Location": hosting.redirect})
            return self._said(request, "redirect", answer)
        if not (hosting.chunk_delay_s or hosting.length or hosting.endless):
            return self._said(request, "content", web.Response(body=content, content_type=mime))
        self.office.log.add("download", path=request.path, how="odd")
        return await _odd(request, hosting, content, mime)


async def _odd(request: web.Request, hosting: Hosting, content: bytes, mime: str) -> web.StreamResponse:
    """A slow body, one of another length than was said, or one without an end."""
    answer = web.StreamResponse(headers={"Content-Type": mime})
    if hosting.length:
        answer.content_length = hosting.length
    else:
        answer.enable_chunked_encoding()
    try:
        await answer.prepare(request)
        for start in range(0, max(1, len(content)), _CHUNK):
            await asyncio.sleep(hosting.chunk_delay_s)
            await answer.write(content[start : start + _CHUNK])
        while hosting.endless:
            await asyncio.sleep(hosting.chunk_delay_s)
            await answer.write(b"A" * _CHUNK)
    except ConnectionError:
        return answer  # the app had enough
    if hosting.length and request.transport is not None:
        request.transport.close()
    return answer


@dataclass(frozen=True, slots=True)
class Uploads:
    """Where `files.getUploadURLExternal` points to."""

    office: Office

    async def serve(self, request: web.Request) -> web.Response:
        file = self.office.state.uploads.get(request.match_info["ticket"])
        if file is None:
            return web.Response(status=404, text="unknown upload")
        file.content = await request.read()
        if len(file.content) != file.shown["size"]:
            return web.Response(status=400, text="length_mismatch")
        return web.Response(text=f"OK - {len(file.content)}")
