"""
Any env of gymnasium, as `module:EnvId {"keyword": "argument"}`. It says how many numbers it takes and between which, how often, how many steps
it gives, how it looks and when it is done. What it does not say is declared by who knows it (`envs/simpler/declared.ts`): which robot it is, and
where its tool, its joints and its gripper are found, in the observation or in a model of MuJoCo. What is not where it is said to be is refused.
"""

import hashlib
import importlib.metadata
import importlib.util
import inspect
import json
import os
import random
import re
import sys

from backends import mujoco_driver, needs
from problem import Problem

needs("gymnasium", {"gymnasium": None})

import numpy as np

# What `render()` shows: which of its cameras that is, an env is told by its own arguments.
CAMERA = "render"
OBSERVED = re.compile(r"obs:([^\[\]]*)(?:\[(\d+):(\d+)\])?")


def misfit(expected: str, hint: str = "Correct the declaration of the env") -> Problem:
    return Problem("config/misfit", f"expected {expected}", hint)


def made(task: str, is_drawn: bool):
    name, _, said = task.strip().partition(" ")
    try:
        arguments = {**json.loads(said or "{}"), **({"render_mode": "rgb_array"} if is_drawn else {})}
    except (ValueError, TypeError) as error:
        raise Problem("config/invalid", f"expected a JSON object after the env's id, got {said}: {error}", "Write 'module:EnvId {\"name\": 1}'") from error
    # Before the first import, which binds it for the whole process: plugins of gymnasium may bring MuJoCo.
    os.environ.setdefault("MUJOCO_GL", "osmesa" if is_drawn else "disable")
    import gymnasium

    seed_all(0)
    try:
        return gymnasium.make(name, **arguments)
    except gymnasium.error.UnregisteredEnv as error:
        raise Problem("config/invalid", f"no env '{name}': {error}", "Name the module that registers it too: module:EnvId") from error
    except Exception as error:
        if is_drawn and importlib.util.find_spec("mujoco"):
            mujoco_driver()
        if not isinstance(error, (ImportError, gymnasium.error.DependencyNotInstalled)):
            raise
        raise Problem("simulator/not-installed", f"{name}: {error}", f"Install what has it: {sys.executable} -m pip install ...") from error


def seed_all(seed: int) -> None:
    """Some draw, when they are made or begin, from what `reset(seed)` leaves alone."""
    random.seed(seed)
    np.random.seed(seed % 2**32)


class Gymnasium:
    def __init__(self, task: str, looks, declared: dict):
        self.cameras = [CAMERA] if looks.cameras is None else looks.cameras
        if self.cameras not in ([], [CAMERA]):
            raise Problem("config/invalid", f"no camera '{self.cameras}' (there is: {CAMERA})", "Name the env's own camera among its arguments")
        self.declared, self.env = declared, made(task, bool(self.cameras))
        self.space, self.inner, self.rate_hz = self.env.action_space, self.env.unwrapped, self.env.metadata.get("render_fps")
        if type(self.space).__name__ != "Box" or self.space.shape is None or len(self.space.shape) != 1 or not self.space.is_bounded():
            raise misfit(f"an action of numbers in a row between bounds, the env takes {self.space}", "Only an arm that is told numbers is driven")
        if not self.rate_hz:
            raise misfit("to be told how many actions a second are, the env does not", "Say it in the env's class: metadata['render_fps']")
        self.max_steps = self.env.spec.max_episode_steps
        if not self.max_steps:
            raise misfit("an end of an episode, the env has none", 'Give it among its arguments: {"max_episode_steps": 200}')
        self._try()

    def _try(self) -> None:
        """Everything that is asked of it later, once: what it lacks is said before anybody drives it."""
        from gymnasium.utils.env_checker import data_equivalence

        self.reset({})
        first = self.seen
        self.reset({})
        if not data_equivalence(first, self.seen, exact=True):
            raise misfit("one seed to be one beginning, it was two", "Let the env draw by lot from its np_random alone")
        self.draw()
        self.step((self.space.low + self.space.high) / 2)
        self.success = [key for key in self.declared["success"] if key in self.info]
        if not self.success:
            raise misfit(f"{' or '.join(self.declared['success'])} in info, got {', '.join(self.info) or 'nothing'}", "Declare what says it: success")

    def describe(self) -> dict:
        kind, known = type(self.inner), importlib.metadata.packages_distributions()
        packages = [known[name][0] for name in ("gymnasium", "numpy", "mujoco", kind.__module__.split(".")[0]) if name in sys.modules and name in known]
        with open(inspect.getfile(kind), "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()[:16]
        return {
            "task": self.env.spec.id,
            "robot": self.declared["robot"],
            # No env says it: which envs a declaration is of is looked at in its place.
            "controlMode": self.declared["controlMode"],
            "rateHz": float(self.rate_hz),
            "simHz": 1 / self.inner.model.opt.timestep if hasattr(self.inner, "model") else float(self.rate_hz),
            "maxSteps": self.max_steps,
            "actionLow": self.space.low.astype(float),
            "actionHigh": self.space.high.astype(float),
            "jointNames": self.declared["jointNames"],
            "cameras": self.cameras,
            "basePose": {"pM": [0.0, 0.0, 0.0], "qWxyz": [1.0, 0.0, 0.0, 0.0]},
            "successKeys": self.success,
            "renderer": {"driver": f"MUJOCO_GL={os.environ['MUJOCO_GL']}", "device": self._gl_name(), "quality": "as the env draws"},
            "versions": {**{name: importlib.metadata.version(name) for name in packages}, "python": sys.version.split()[0]},
            "assets": f"{kind.__module__}.{kind.__qualname__}, its file {digest}; arguments {json.dumps(self.env.spec.kwargs, default=str)}",
        }

    def _gl_name(self) -> str:
        # 0x1F01 is GL_RENDERER: it was drawn once, so a context is there if it draws by OpenGL.
        name = sys.modules["OpenGL.GL"].glGetString(0x1F01) if self.cameras and "OpenGL.GL" in sys.modules else None
        return name.decode() if name else "unknown" if self.cameras else "nothing is drawn"

    def reset(self, begin: dict) -> None:
        for key in ("episodeId", "objects", "robot"):
            if key in begin:
                raise Problem("config/invalid", f"{key}: an env of gymnasium takes none: its seed is all it is told", "Leave it out")
        seed = int(begin.get("seed", 0))
        seed_all(seed)
        self.inner.np_random = np.random.Generator(np.random.PCG64(seed))
        self.seen, self.info = self.env.reset(seed=seed)
        self.reward, self.is_terminated, self.is_truncated, self.was_told = 0.0, False, False, False
        self.said = self._state()

    def step(self, action) -> None:
        if self.is_terminated or self.is_truncated:
            raise Problem("body/halted", "the env has ended the episode", "Reset it")
        self.seen, self.reward, self.is_terminated, self.is_truncated, self.info = self.env.step(action.astype(self.space.dtype))
        self.was_told = True
        self.said = self._state()

    def _at(self, place: str, size: int, of: str) -> np.ndarray:
        try:
            if observed := OBSERVED.fullmatch(place):
                key, begin, end = observed.groups()
                values = np.asarray(self.seen[key] if key else self.seen, dtype=float).ravel()
                values = values if begin is None else values[int(begin) : int(end)]
            else:
                kind, _, name = place.partition(":")
                values = np.array(getattr(getattr(self.inner.data, kind)(name), of))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise misfit(f"something at '{place}', there is nothing: {error}") from error
        if len(values) != size:
            raise misfit(f"{size} numbers at '{place}', got {len(values)}")
        return values

    def _pose(self, at: list, turn, offset: list) -> dict:
        q = self._at(turn, 4, "xquat") if isinstance(turn, str) else np.array(turn)
        q = q / np.linalg.norm(q)
        across = 2 * np.cross(q[1:], offset)
        middle = np.mean([self._at(place, 3, "xpos") for place in at], axis=0)
        return {"pM": middle + offset + q[0] * across + np.cross(q[1:], across), "qWxyz": q}

    def _state(self) -> dict:
        tool, gripper, joints = self._pose(**self.declared["tool"]), self.declared["gripper"], self.declared["joints"]
        # One that goes from where it is has been told to be nowhere before its first step.
        is_told = self.was_told or self.declared["reference"] == "commanded"
        opening = (self._at(gripper["at"], 1, "qpos")[0] - gripper["closed"]) / (gripper["open"] - gripper["closed"])
        state = {
            "qRad": np.concatenate([self._at(place, 1, "qpos") for place in joints["qRad"]]),
            "qdRadPerS": np.concatenate([self._at(place, 1, "qvel") for place in joints["qdRadPerS"]]),
            "tcpPose": tool,
            "commandedTcpPose": self._pose(**self.declared["commanded"]) if is_told else tool,
            "gripperOpen": float(np.clip(opening, 0, 1)),
        }
        if not all(np.isfinite(number).all() for part in state.values() for number in (part.values() if isinstance(part, dict) else [part])):
            raise Problem("body/crashed", "the simulation diverged: where the robot is is no number", "Reset it")
        return state

    def state(self) -> dict:
        return {"instruction": self.declared["instruction"], "isFinalSubtask": True, **self.said}

    def judge(self) -> dict:
        stats = {name: float(value) for name, value in self.info.items() if isinstance(value, (bool, int, float, np.number, np.bool_)) and np.isfinite(value)}
        success = any(bool(self.info.get(key, False)) for key in self.success)
        ends = {"terminated": bool(self.is_terminated), "truncated": bool(self.is_truncated)}
        return {"success": success, "reward": float(self.reward), **ends, "stats": stats}

    def draw(self) -> list:
        rgb = self.env.render() if self.cameras else None
        if self.cameras and not (isinstance(rgb, np.ndarray) and rgb.dtype == np.uint8 and rgb.shape[2:] == (3,)):
            raise misfit(f"a picture from render() as rgb_array, got {type(rgb).__name__}", "Look through no camera, or name an env that draws")
        return [(CAMERA, rgb, {}) for _ in self.cameras]

    def oracle(self) -> dict:
        return {"state": {"seen": self.seen}}

    def close(self) -> None:
        self.env.close()


def make(task, looks, has_oracle: bool, declared=None) -> Gymnasium:
    if task is None or declared is None:
        raise Problem("config/invalid", "expected the id of an env and a declaration of what its numbers mean", "See docs/simulators.md")
    return Gymnasium(task, looks, declared)
