"""
An expert for LIBERO's tasks of taking one thing and putting it on or into another, by the true state: over it, down, close, up, over the
target, down, open. A thing that is wider than the hand is taken by its rim.
"""

import numpy as np

# What 1 of an action is, m and rad.
UNIT_M, UNIT_RAD = 0.05, 0.5
# From here on a place counts as reached, m and rad. Chosen: a sixth of what the hand opens.
NEAR, NEAR_RAD = 0.01, 0.06
# Height over what it passes, of the tool or of what it holds, m. Chosen.
CLEARANCE = 0.06
# The same over where it lets go, m. Chosen.
DROP = 0.01
# Of the tool over what stands below, m: its fingertips reach a little lower. Chosen.
TIPS = 0.012
# How deep it takes a thing at most, from the top down, m: the palm is above. Chosen.
DEEP = 0.035
# What fits between the fingers, m: they open 0.08.
HAND = 0.07
# From the outside of a rim to its middle, m. Chosen: a bowl's wall and what it leans out.
RIM = 0.008
# Its controller leaves a hand up to 2 cm short of where it is told to go. What is missing when it is near is added up by this share a
# step, and to at most this, m. Chosen.
NEARBY, SHARE, MOST_M = 0.03, 0.2, 0.05
# Steps that fingers are given. Chosen: they take eight.
FINGERS = 12
ORDER = ["over", "down", "close", "lift", "carry", "lower", "open", "away"]


class LiberoExpert:
    def __init__(self, body):
        self.body = body
        (goal,) = body.inner.parsed_problem["goal_state"]
        # Of a target inside a thing, such as `basket_1_contain_region`, the thing.
        sites = body.inner.object_sites_dict
        self.is_into = goal[2] in sites
        self.source, self.target = goal[1], sites[goal[2]].parent_name if self.is_into else goal[2]

    def begin(self) -> None:
        self.phase, self.waited, self.grasp, self.hangs, self.short = "over", 0, None, 0.0, np.zeros(3)

    def _corners(self, name: str) -> np.ndarray:
        """Where the corners of its collision boxes are, in the frame of the base, m."""
        model, data = self.body.model, self.body.data
        body = self.body.inner.obj_body_id[name]
        touches = (model.geom_contype != 0) & (model.body_rootid[model.geom_bodyid] == model.body_rootid[body])
        signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, 8).T
        corners = [
            (model.geom_aabb[at][:3] + signs * model.geom_aabb[at][3:]) @ data.geom_xmat[at].reshape(3, 3).T + data.geom_xpos[at]
            for at in np.flatnonzero(touches)
        ]
        return np.concatenate(corners) - self.body.base

    def _middle_of(self, name: str) -> np.ndarray:
        return self.body.data.xpos[self.body.inner.obj_body_id[name]] - self.body.base

    def _fingers_along(self) -> float:
        """The angle about z of the way in which the fingers close."""
        across = self.body.data.joint(self.body.robot.gripper.joints[0]).xaxis
        return float(np.arctan2(across[1], across[0]))

    def _choose(self, corners) -> dict:
        """Where to take it, beside its middle, m, and with the fingers along which angle: across its narrow side, or over its rim."""
        flat = corners[:, :2] - _middle(corners)[:2]
        now = self._fingers_along()
        # From the angle that the hand has on, so that what is round is taken as it stands.
        angles = now + np.deg2rad(np.arange(0, 180, 5))
        widths = np.array([np.ptp(flat @ [np.cos(a), np.sin(a)]) for a in angles])
        if widths.min() <= HAND:
            at = 0 if widths[0] < 1.15 * widths.min() else int(widths.argmin())
            return {"beside": np.zeros(2), "angle": angles[at]}
        way = np.array([np.cos(now), np.sin(now)]) * (widths[0] / 2 - RIM)
        target = self._middle_of(self.target)[:2] - _middle(corners)[:2]
        # By the side that is farther from the target: there it stands freer while it is let go.
        return {"beside": -way if way @ target > 0 else way, "angle": now}

    def action(self) -> np.ndarray:
        tool, _ = self.body.tool()
        thing, under = self._corners(self.source), self._corners(self.target)
        if self.grasp is None:
            self.grasp = self._choose(thing)
        take = _middle(thing)[:2] + self.grasp["beside"]
        top, high = thing[:, 2].max(), max(thing[:, 2].max(), under[:, 2].max()) + CLEARANCE
        is_held = self.phase in ("close", "lift", "carry", "lower")
        if not is_held or self.phase == "close":
            self.hangs = tool[2] - thing[:, 2].min()
        over = self._middle_of(self.target)[:2] if not self.is_into else _middle(under)[:2]
        held = over + tool[:2] - self._middle_of(self.source)[:2]
        goal = np.array({
            "over": [*take, high],
            "down": [*take, max(top - DEEP, thing[:, 2].min() + TIPS)],
            "close": tool,
            "lift": [*tool[:2], under[:, 2].max() + self.hangs + CLEARANCE],
            "carry": [*held, under[:, 2].max() + self.hangs + CLEARANCE],
            "lower": [*held, under[:, 2].max() + self.hangs + DROP] if self.is_into else [*held, under[:, 2].min() + self.hangs + DROP],
            "open": tool,
            "away": [*tool[:2], high + CLEARANCE],
        }[self.phase])
        turn = _half_turn(self.grasp["angle"] - self._fingers_along()) if self.phase in ("over", "down") else 0.0
        missing = goal - tool
        self._next(np.linalg.norm(missing) < NEAR and abs(turn) < NEAR_RAD)
        if np.linalg.norm(missing) < NEARBY:
            self.short = np.clip(self.short + SHARE * missing, -MOST_M, MOST_M)
            missing = missing + self.short
        # As a whole, so that it goes straight.
        step = missing / max(1.0, np.abs(missing).max() / UNIT_M) / UNIT_M
        return np.array([*step, 0, 0, np.clip(turn / UNIT_RAD, -1, 1) if abs(turn) > NEAR_RAD / 2 else 0, 1.0 if is_held else -1.0])

    def _next(self, is_there: bool) -> None:
        self.waited += 1
        is_over = {"close": self.waited > FINGERS, "open": self.waited > FINGERS, "away": False}.get(self.phase, is_there)
        if is_over:
            self.phase, self.waited, self.short = ORDER[ORDER.index(self.phase) + 1], 0, np.zeros(3)


def _middle(corners):
    return (corners.max(axis=0) + corners.min(axis=0)) / 2


def _half_turn(angle: float) -> float:
    """A hand with two fingers is the same after half a turn."""
    return float((angle + np.pi / 2) % np.pi - np.pi / 2)
