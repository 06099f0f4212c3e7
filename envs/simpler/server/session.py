"""One caller and one simulated robot: made once, reset and stepped as often as it likes. Knows no simulator."""

import traceback

from problem import Problem
from wire import PROTOCOL, Clock, Looks, numbers


def _count(value, name: str, most: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most:
        return value
    raise Problem("config/invalid", f"{name}: expected 1..{most}, got {value!r}", "Correct it")


class Session:
    def __init__(self, backend_name: str, make):
        self.backend_name, self._make = backend_name, make
        self.env = None
        self.is_reset = False

    def answer(self, request: dict) -> dict:
        """@returns what to send. What goes wrong is an answer too, and the next call may do better."""
        calls = {"hello": self.hello, "make": self.make, "reset": self.reset, "step": self.step}
        try:
            call = calls.get(request["call"])
            if call is None:
                raise Problem("decode/schema", f"no call '{request['call']}' (there is: {', '.join(calls)})")
            return {"id": request["id"], "ok": call(request)}
        except Problem as problem:
            return {"id": request["id"], "error": problem.body()}
        except Exception as error:
            traceback.print_exc()
            where = traceback.extract_tb(error.__traceback__)[-1]
            said = f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"
            return {"id": request["id"], "error": Problem("simulator/failed", said, "Look into what it wrote to standard error").body()}

    def hello(self, _request: dict) -> dict:
        return {"protocol": PROTOCOL, "backend": self.backend_name}

    def make(self, request: dict) -> dict:
        if self.env is not None:
            raise Problem("config/misfit", "expected one env in a process, this one has one", "Start another server")
        if request.get("protocol") != PROTOCOL:
            raise Problem(
                "simulator/version", f"expected protocol {PROTOCOL}, the caller speaks {request.get('protocol')}", "Use server and pumice of one version"
            )
        images = request.get("images")
        if images not in ("raw", "jpeg"):
            raise Problem("config/invalid", f"images: expected raw or jpeg, got {images!r}", "Correct it")
        cameras = request.get("cameras")
        looks = Looks(
            cameras if cameras is None else list(cameras),
            _count(request.get("widthPx"), "widthPx", 4096),
            _count(request.get("heightPx"), "heightPx", 4096),
            images,
            _count(request.get("jpegQuality"), "jpegQuality", 100),
        )
        self.has_oracle = request.get("oracle") is True
        declared = request.get("declared")
        self.env = self._make(request.get("task"), looks, self.has_oracle, *(() if declared is None else (declared,)))
        self.looks = looks
        about = self.env.describe()
        self.low, self.high = about["actionLow"], about["actionHigh"]
        self.max_steps = about["maxSteps"]
        return {**about, "protocol": PROTOCOL, "backend": self.backend_name, "images": images}

    def reset(self, request: dict) -> dict:
        self._needs_env()
        begin = {key: request[key] for key in ("seed", "episodeId", "objects", "robot") if request.get(key) is not None}
        clock = Clock()
        self.is_reset = False
        clock.timed("stepMs", lambda: self.env.reset(begin))
        self.is_reset = True
        self.steps = 0
        return self._sensed(clock)

    def step(self, request: dict) -> dict:
        self._needs_env()
        if not self.is_reset:
            raise Problem("body/not-ready", "expected a reset before a step", "Reset it")
        if self.steps >= self.max_steps:
            raise Problem("body/halted", f"the episode is over after {self.max_steps} steps", "Reset it")
        action = numbers(request.get("action"), len(self.low), self.low, self.high)
        clock = Clock()
        clock.timed("stepMs", lambda: self.env.step(action))
        self.steps += 1
        return self._sensed(clock)

    def _sensed(self, clock: Clock) -> dict:
        drawn = clock.timed("renderMs", self.env.draw)
        images = clock.timed("encodeMs", lambda: [self.looks.send(camera, rgb, extra) for camera, rgb, extra in drawn])
        sensed = {"state": self.env.state(), "judge": {"elapsedSteps": self.steps, **self.env.judge()}, "images": images}
        if self.has_oracle:
            sensed["oracle"] = self.env.oracle()
        return {**sensed, "timings": clock.spent}

    def _needs_env(self) -> None:
        if self.env is None:
            raise Problem("body/not-ready", "expected make before this call", "Make an env first")

    def close(self) -> None:
        if self.env is not None:
            self.env.close()
