"""Who may ask. By default only this machine; anyone else needs a key, and the flag that says so."""

import hmac
import ipaddress
import os

from starlette.requests import Request

from failures import Refusal

LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def check_bind(host: str, allows_remote: bool, key_env: str) -> str | None:
    """@returns the key, if one is set. @raises SystemExit for an address that others reach, without the flag or without a key."""
    key = os.environ.get(key_env) or None
    if is_loopback(host):
        return key
    if not allows_remote:
        raise SystemExit(f"--host {host} can be reached by others: say --allow-remote and set a key in {key_env}, or use 127.0.0.1 through ssh -L")
    if not key or len(key) < 16:
        raise SystemExit(f"--allow-remote needs a key of at least 16 characters in {key_env}; put TLS before it, the key travels in clear")
    return key


class Guard:
    def __init__(self, key: str | None, is_local: bool):
        self.key, self.is_local = key, is_local

    def check_host(self, request: Request) -> None:
        """A page in a browser can reach a loopback server under a name of its own: such a name is not answered."""
        name, _, port = (request.headers.get("host") or "").rpartition(":")
        name = name if port.isdigit() and name else request.headers.get("host", "")
        if self.is_local and name not in LOCAL_NAMES and not is_loopback(name):
            raise Refusal(403, "permission_error", "this server answers under the names of this machine only")

    def check_key(self, request: Request) -> None:
        if not self.key:
            return
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if not hmac.compare_digest(given, self.key.encode()):
            raise Refusal(401, "authentication_error", "expected the server's key as 'Authorization: Bearer KEY'")
