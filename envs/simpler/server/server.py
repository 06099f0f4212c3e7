"""The socket: one seat, pings answered whatever the simulator does, the simulator in one thread from beginning to end."""

import asyncio
import hmac
import ipaddress
import os
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from websockets.asyncio.server import serve as listen
from websockets.exceptions import ConnectionClosed

from problem import Problem
from session import Session
from wire import PROTOCOL, pack, unpack

# Silence of a caller after which the seat is free again, s. Chosen: a caller's process may be at work on something else for that long.
SILENCE_S = 120
# Time that a simulator gets to put its things away, s. Chosen.
CLOSE_S = 5
# Bytes of a question. Chosen: they hold a few numbers.
MAX_BYTES = 1 << 20


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def key_for(options):
    """@returns the key, if one is needed. @raises Problem for an address that others reach, without the flag or without a key."""
    key = os.environ.get(options.key_env) or None
    if is_loopback(options.host):
        return key
    if not options.allow_remote:
        raise Problem("config/invalid", f"--host {options.host} can be reached by others", "Say --allow-remote and set a key, or use 127.0.0.1 through ssh -L")
    if not key or len(key) < 16:
        raise Problem("config/invalid", f"--allow-remote needs a key of at least 16 characters in {options.key_env}", "Set it; put TLS before it")
    return key


def serve(options, make, say) -> int:
    return asyncio.run(_serve(options, make, say, key_for(options)))


async def _serve(options, make, say, key) -> int:
    loop = asyncio.get_running_loop()
    simulator = ThreadPoolExecutor(max_workers=1)
    session = Session(options.backend, make)
    over = loop.create_future()
    is_taken = False

    def check_key(connection, request):
        given = (request.headers.get("Authorization") or "").removeprefix("Bearer ")
        if key and not hmac.compare_digest(given.encode(), key.encode()):
            return connection.respond(HTTPStatus.UNAUTHORIZED, "expected the server's key as 'Authorization: Bearer KEY'\n")
        return None

    async def attend(socket) -> None:
        nonlocal is_taken
        if is_taken:
            busy = Problem("simulator/busy", "expected a free simulator, somebody has it", "Wait until the other caller is gone, or start another server")
            # An answer to what is asked: one that comes before it would be heard by nobody.
            async for _ in socket:
                await socket.send(pack({"id": 0, "error": busy.body()}))
                return
            return
        is_taken = True
        try:
            async for message in socket:
                try:
                    request = unpack(message)
                except Problem as problem:
                    await socket.send(pack({"id": 0, "error": problem.body()}))
                    continue
                # In the one thread in which it was made: contexts of renderers belong to a thread.
                answer = await loop.run_in_executor(simulator, session.answer, request)
                await socket.send(pack(answer))
        except ConnectionClosed:
            pass
        finally:
            if not over.done():
                over.set_result(None)

    # A page in a browser sends an origin, and has no business here.
    guard = {"origins": [None], "process_request": check_key}
    async with listen(
        attend, options.host, options.port, compression=None, max_size=MAX_BYTES, ping_interval=10, ping_timeout=SILENCE_S, **guard
    ) as server:
        port = server.sockets[0].getsockname()[1]
        say({"ready": {"port": port, "protocol": PROTOCOL, "backend": options.backend}})
        await over
    try:
        await asyncio.wait_for(loop.run_in_executor(simulator, session.close), CLOSE_S)
    except Exception:
        pass
    # Whatever thread of a simulator is still at work.
    os._exit(0)
