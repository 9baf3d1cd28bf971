"""The workspace's doors on loopback: Web API, Socket Mode, files, response URLs, control, and the feed of changes."""

import contextlib
import json

from aiohttp import web

from bot.demo.api import Api
from bot.demo.config import Config
from bot.demo.control import Control
from bot.demo.feed import CLOSED
from bot.demo.filehost import FileHost, Uploads
from bot.demo.office import Office
from bot.demo.responses import Responses
from bot.demo.wire import Refused

HOST = "127.0.0.1"
LARGEST_UPLOAD = 64 << 20


class Server:
    """One workspace that listens; to be started and stopped within one event loop."""

    def __init__(self, config: Config) -> None:
        self.office = Office(config)
        self.control = Control(self.office)
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Listens on 127.0.0.1 alone; the address. Raises OSError where the port is taken."""
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        await site.start()
        self.office.base = f"http://{HOST}:{self._runner.addresses[0][1]}"
        return self.office.base

    async def stop(self) -> None:
        await self.office.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_UPLOAD)
        files = FileHost(self.office)
        app.router.add_route("*", "/api/{method}", Api(self.office).serve)
        app.router.add_get("/link/", self.office.sockets.serve)
        app.router.add_get("/files-pri/{team}-{file}/download/{name}", files.serve)
        app.router.add_get("/files-pri/{team}-{file}/{name}", files.serve)
        app.router.add_get("/files-email-priv/{team}-{file}/{inner}", files.serve)
        app.router.add_post("/upload/v1/{ticket}", Uploads(self.office).serve)
        app.router.add_post("/response/{app}/{id}", Responses(self.office).serve)
        app.router.add_get("/_control/feed", self._feed)
        app.router.add_post("/_control/{act}", self._act)
        return app

    def _foreign(self, request: web.Request) -> bool:
        """A page of somewhere else, in a browser on this machine, may not drive the workspace."""
        own = {self.office.base, self.office.base.replace(HOST, "localhost")}
        return request.headers.get("Origin", self.office.base) not in own or f"http://{request.host}" not in own

    async def _act(self, request: web.Request) -> web.Response:
        if self._foreign(request):
            return web.json_response({"ok": False, "error": "foreign_origin"}, status=403)
        args = json.loads(await request.read() or b"{}")
        try:
            return web.json_response(await self.control.do(request.match_info["act"], args))
        except Refused as refused:
            return web.json_response(refused.answer(), status=400)

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        """Changes as server-sent events, until the watcher goes."""
        if self._foreign(request):
            return web.json_response({"ok": False, "error": "foreign_origin"}, status=403)
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await answer.prepare(request)
        with self.office.feed.watch() as changes, contextlib.suppress(ConnectionError):
            while (change := await changes.get())["what"] != CLOSED:
                await answer.write(f"data: {json.dumps(change)}\n\n".encode())
        return answer
