"""
The socket: one seat, pings answered whatever the simulator does, the simulator in one thread from beginning to end. That thread reads and
writes the seat's messages too: each hand-over to another one would cost a step a tenth of a millisecond and more.
"""

import hmac
import ipaddress
import os
import threading
from http import HTTPStatus

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve as listen

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
    key = key_for(options)
    session = Session(options.backend, make)
    seat = threading.Lock()

    def check_key(connection, request):
        given = (request.headers.get("Authorization") or "").removeprefix("Bearer ")
        if key and not hmac.compare_digest(given.encode(), key.encode()):
            return connection.respond(HTTPStatus.UNAUTHORIZED, "expected the server's key as 'Authorization: Bearer KEY'\n")
        return None

    def attend(socket) -> None:
        """Each caller has a thread of its own; that of the seat is the simulator's."""
        if not seat.acquire(blocking=False):
            busy = Problem("simulator/busy", "expected a free simulator, somebody has it", "Wait until the other caller is gone, or start another server")
            # An answer to what is asked: one that comes before it would be heard by nobody.
            for _ in socket:
                return socket.send(pack({"id": 0, "error": busy.body()}))
            return None
        try:
            for message in socket:
                try:
                    request = unpack(message)
                except Problem as problem:
                    socket.send(pack({"id": 0, "error": problem.body()}))
                    continue
                socket.send(pack(session.answer(request)))
        except ConnectionClosed:
            pass
        finally:
            end(session)

    # A page in a browser sends an origin, and has no business here.
    guard = {"origins": [None], "process_request": check_key}
    with listen(attend, options.host, options.port, compression=None, max_size=MAX_BYTES, ping_interval=10, ping_timeout=SILENCE_S, **guard) as server:
        say({"ready": {"port": server.socket.getsockname()[1], "protocol": PROTOCOL, "backend": options.backend}})
        server.serve_forever()
    return 0


def end(session) -> None:
    """The caller is gone: the simulator is put away, and the process ends whatever else is at work in it."""
    late = threading.Timer(CLOSE_S, os._exit, [0])
    late.daemon = True
    late.start()
    try:
        session.close()
    finally:
        os._exit(0)
