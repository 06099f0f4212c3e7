"""
An expert for SimplerEnv's Google Robot that sees the true state: takes a can or another thing from above, across its narrow side, and lifts it,
or puts it down beside another; or pushes a drawer shut. A delta is added to where this arm is, and it does a third of a way in a step: so it is
told all that is missing, again and again. Its last number is how far the gripper is to be open, 1 closed and -1 open: the env makes changes of it.
"""

import numpy as np
from scipy.spatial.transform import Rotation

from backends.grasping import middle_of, parts_of, turn_across, turn_of

# Most of a step: inside the 1st to 99th percentile of fractal20220817_data, m and rad.
STEP = np.array([0.17, 0.14, 0.2])
TURN = 0.3
# From here on a place counts as reached, m and rad. Chosen.
NEAR, NEAR_RAD = 0.012, 0.12
# Heights of the tool, m: over what it passes; of its tip under the middle of what it takes, for fingers that close reach down last; over the table.
CLEARANCE, UNDER, TIPS = 0.04, 0.02, 0.015
# How far the hand leans outwards, rad. Chosen: its wrist reaches all of the grid so, and not at 0.3.
LEAN = 0.5
# How far a thing is lifted, how far to be carried, and from where it is let go of, m. Chosen.
LIFT, LOW_LIFT, DROP = 0.15, 0.08, 0.01
# Between two things that are to be near, m: near counts up to 0.1. Chosen.
BESIDE = 0.06
# Of a drawer, m: its front from its origin; how far over its middle it is pushed, from where before it, to where behind it, until it is shut.
FRONT, PUSHED_AT, BEFORE, BEHIND, SHUT = 0.3125, 0.03, 0.1, 0.08, 0.02
# How far the hand leans before it, rad: it starts right over the drawer. Where the arm reaches best, and how far from its middle it is pushed, m. Chosen.
STEEP, EASY_Y, ASIDE = 0.3, -0.1, 0.2
# From its middle, m: a thing that is farther off is not held any more. Chosen.
LOST = 0.15
# Steps that fingers are given: 1.3 rad at 1 rad/s. Chosen.
FINGERS = 5


class GoogleExpert:
    def __init__(self, env):
        self.env = env
        self.hand = Drawer(env) if hasattr(env, "art_obj") else Grasp(env)

    def begin(self) -> None:
        self.hand.begin()

    @property
    def phase(self) -> str:
        return self.hand.phase

    def things(self) -> dict:
        """What it looks at, by name: poses in the world."""
        return self.hand.things()

    def action(self):
        tool = self.env.agent.robot.pose.inv() * self.env.tcp.pose
        place, hand, is_closed = self.hand.goal(tool)
        missing = np.asarray(place, dtype=float) - np.asarray(tool.p)
        turn = (hand * turn_of(tool).inv()).as_rotvec()
        self.hand.went_on(np.linalg.norm(missing) < NEAR and np.linalg.norm(turn) < NEAR_RAD)
        size = np.linalg.norm(turn)
        turned = turn if size <= TURN else turn * TURN / size
        return np.array([*np.clip(missing, -STEP, STEP), *turned, 1.0 if is_closed else -1.0])


def pointing(tool, way, lean: float, level) -> Rotation:
    """
    A hand that points down and leans this way, as seen from above.

    @param level - along which its fingers do not close: they do at a right angle to it, as seen from above, on whichever side is less of a turn.
    """
    way, level = np.asarray(way)[:2] / np.linalg.norm(way[:2]), np.asarray(level)[:2] / np.linalg.norm(level[:2])
    points = np.array([*(np.sin(lean) * way), -np.cos(lean)])
    flat = np.array([-level[1], level[0]])
    closing = np.array([*flat, -points[:2] @ flat / points[2]])
    closing *= np.copysign(1 / np.linalg.norm(closing), closing @ turn_of(tool).as_matrix()[:, 1])
    return Rotation.from_matrix(np.stack([np.cross(closing, points), closing, points], axis=1))


def leaning(tool, corners) -> Rotation:
    """
    A hand that leans outwards to a thing, since its wrist ends before it points straight down from there. Its fingers close across the narrow
    side; where there is none, across the lean, which is level.
    """
    over = middle_of(corners)
    across = turn_across(corners, bearing(over) + np.pi / 2)
    return pointing(tool, over, LEAN, Rotation.from_euler("z", across).apply([*over[:2], 0.0]))


def wide(corners) -> float:
    """Across its corners, seen from above."""
    return float(np.linalg.norm(np.ptp(corners, axis=0)[:2]))


def bearing(place) -> float:
    return float(np.arctan2(place[1], place[0]))


class Grasp:
    """Takes a thing and lifts it; where there is another to be near to, it is put down beside it."""

    def __init__(self, env):
        self.env = env

    def begin(self) -> None:
        self.phase, self.waited, self.turn, self.beside = "over", 0, None, None

    def _source(self):
        return self.env.obj if hasattr(self.env, "obj") else self.env.episode_source_obj

    def _target(self):
        return getattr(self.env, "episode_target_obj", None)

    def things(self) -> dict:
        target = self._target()
        return {"source": self._source().pose, **({} if target is None else {"target": target.pose})}

    def _corners(self, actor):
        return np.concatenate(parts_of(actor, self.env.agent.robot.pose.inv()))

    def goal(self, tool):
        corners = self._corners(self._source())
        middle, low = middle_of(corners), corners[:, 2].min()
        at = np.asarray(tool.p)
        held = at - middle
        if self.phase in ("lift", "carry", "lower") and np.linalg.norm(held) > LOST:
            # It slipped out: what is not held leads nowhere. Once more.
            self.phase, self.waited, self.turn = "over", 0, None
        if self.turn is None:
            self.table, self.top = low, corners[:, 2].max()
            self.turn = leaning(tool, corners)
            self.beside = self._beside(corners)
        deep = np.array([*middle[:2], max(middle[2] - UNDER, self.table + TIPS)])
        goals = {
            # It comes the way that it points.
            "over": lambda: deep - self.turn.as_matrix()[:, 2] * (self.top + CLEARANCE - deep[2]) / np.cos(LEAN),
            "down": lambda: deep,
            "close": lambda: at,
            "lift": lambda: [*at[:2], self.lifted],
            "carry": lambda: [*(self.beside + held[:2]), self.lifted],
            "lower": lambda: [*(self.beside + held[:2]), self.table + DROP + at[2] - low],
            "open": lambda: at,
            "away": lambda: [*at[:2], self.lifted],
        }
        if self.phase == "close":
            self.lifted = at[2] + (LIFT if self.beside is None else LOW_LIFT)
        if self.phase == "carry" and self.waited == 0:
            # It leans outwards there too.
            self.turn = Rotation.from_euler("z", bearing(self.beside) - bearing(middle)) * self.turn
        return goals[self.phase](), self.turn, self.phase in ("close", "lift", "carry", "lower")

    def _beside(self, corners):
        """Where the thing's middle is to be, in x and y: near the target, on the way to it. What is third stands on neither's way in any layout."""
        if self._target() is None:
            return None
        there = self._corners(self._target())
        way = (middle_of(corners) - middle_of(there))[:2]
        return middle_of(there)[:2] + way / np.linalg.norm(way) * (BESIDE + (wide(corners) + wide(there)) / 2)

    def went_on(self, is_there: bool) -> None:
        self.waited += 1
        order = ["over", "down", "close", "lift", *(["carry", "lower", "open", "away"] if self.beside is not None else [])]
        is_over = self.waited > FINGERS if self.phase in ("close", "open") else is_there
        if is_over and self.phase != order[-1]:
            self.phase, self.waited = order[order.index(self.phase) + 1], 0


class Drawer:
    """
    Pushes a drawer shut with a hand that points down before its front. It opens none. It says closed from its first step on: told as changes, of which
    the first step is none, its fingers stay open, and the server alone, which is told the numbers, closes them.
    """

    def __init__(self, env):
        self.env = env

    def begin(self) -> None:
        self.phase = "back"

    def things(self) -> dict:
        return {"drawer": self.env.drawer_obj.pose}

    def goal(self, tool):
        to_base = self.env.agent.robot.pose.inv()
        drawer = to_base * self.env.drawer_obj.pose
        inwards = -turn_of(drawer).as_matrix()[:, 0]
        # Wherever it is pushed, it slides: where the arm reaches best.
        aside = np.clip(EASY_Y - drawer.p[1], -ASIDE, ASIDE)
        front = np.asarray(drawer.p) - inwards * FRONT + [0, aside, PUSHED_AT]
        hand = pointing(tool, inwards, LEAN if self.phase == "push" else STEEP, inwards)
        at = np.asarray(tool.p)
        back = front - inwards * BEFORE
        goals = {"back": lambda: [*back[:2], at[2]], "down": lambda: back, "push": lambda: front + inwards * BEHIND, "rest": lambda: at}
        return goals[self.phase](), hand, True

    def went_on(self, is_there: bool) -> None:
        is_shut = self.env.art_obj.get_qpos()[self.env.joint_idx] < SHUT
        order = ["back", "down", "push", "rest"]
        if (is_shut if self.phase == "push" else is_there) and self.phase != "rest":
            self.phase = order[order.index(self.phase) + 1]
