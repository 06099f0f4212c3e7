"""
An expert for SimplerEnv's WidowX tasks that sees the true state: takes the source across its narrow side, carries it over the target, and
lets it go there. Its steps are as small as the training data's, so that they go through an action model's tokens as they are.
"""

import numpy as np
from scipy.spatial.transform import Rotation

# Most of a step: inside the 1st to 99th percentile of bridge_orig, m and rad.
STEP = np.array([0.026, 0.038, 0.025])
TURN = 0.18
# From here on a place counts as reached, m and rad. Chosen: half of a finger's width.
NEAR, NEAR_RAD = 0.008, 0.08
# Heights of the tool: over what it passes, and over the place at which it lets go, m. Chosen.
CLEARANCE, DROP = 0.08, 0.006
# Steps that fingers are given. Chosen.
FINGERS = 4
# A thing whose one side is longer than the other by this has a narrow side. Chosen.
LONG = 1.3


class BridgeExpert:
    def __init__(self, env):
        self.env = env

    def begin(self) -> None:
        self.phase, self.waited, self.yaw = "over", 0, None

    def _in_base(self, pose):
        return self.env.agent.robot.pose.inv() * pose

    def _shape(self, actor):
        """Where its corners are, in the frame of the base."""
        def points(shape):
            local = shape.get_local_pose().to_transformation_matrix()
            return (shape.geometry.vertices * shape.geometry.scale) @ local[:3, :3].T + local[:3, 3]

        corners = np.concatenate([points(shape) for shape in actor.get_collision_shapes()])
        pose = self._in_base(actor.pose)
        turn = Rotation.from_quat(np.asarray(pose.q)[[1, 2, 3, 0]]).as_matrix()
        return corners @ turn.T + pose.p

    def _grasp_turn(self, corners) -> float:
        """How far the hand has to turn about z, so that its fingers close across the narrow side."""
        flat = corners[:, :2] - (corners[:, :2].max(axis=0) + corners[:, :2].min(axis=0)) / 2
        angles = np.deg2rad(np.arange(0, 180, 2))
        widths = np.array([np.ptp(flat @ [np.cos(a), np.sin(a)]) for a in angles])
        # Of a square the diagonal is longer by the root of two: it is taken as it lies.
        if widths.max() < LONG * widths.min() * np.sqrt(2):
            return 0.0
        return _half_turn(angles[widths.argmin()] - self._finger_angle())

    def _finger_angle(self) -> float:
        quaternion = np.asarray(self._in_base(self.env.tcp.pose).q)[[1, 2, 3, 0]]
        across = Rotation.from_quat(quaternion).as_matrix()[:, 1]
        return float(np.arctan2(across[1], across[0]))

    def action(self):
        env = self.env
        tool = np.asarray(self._in_base(env.tcp.pose).p)
        state = env.agent.controller.get_state()["arm"]["target_pose"]
        told = np.asarray(state[:3], dtype=float)
        corners = self._shape(env.episode_source_obj)
        under = self._shape(env.episode_target_obj)
        middle = (corners.max(axis=0) + corners.min(axis=0)) / 2
        if self.yaw is None:
            self.yaw = self._finger_angle() + self._grasp_turn(corners)
        turn = _half_turn(self.yaw - self._finger_angle())
        high = max(corners[:, 2].max(), under[:, 2].max()) + CLEARANCE

        closed = self.phase in ("close", "lift", "carry", "lower")
        goal = {
            "over": [*middle[:2], high],
            "down": [*middle[:2], max(middle[2], 0.012)],
            "close": told,
            "lift": [*told[:2], under[:, 2].max() + CLEARANCE + 0.03],
            "carry": [*self._target(under, tool, middle)[:2], told[2]],
            "lower": self._target(under, tool, middle) + [0, 0, self._height(under, tool, corners)],
            "open": told,
            "away": [*told[:2], under[:, 2].max() + CLEARANCE + 0.06],
        }[self.phase]
        goal = np.asarray(goal, dtype=float)
        missing = goal - told
        is_there = np.linalg.norm(goal - tool) < NEAR and abs(turn) < NEAR_RAD
        self._next(is_there)
        step = np.clip(missing, -STEP, STEP)
        turned = 0.0 if closed or self.phase in ("open", "away") else float(np.clip(turn, -TURN, TURN))
        return np.array([*step, 0.0, 0.0, turned, -1.0 if closed else 1.0])

    def _target(self, under, tool, middle):
        """Where the tool has to be for what it holds to be over the target: it is not held by its middle."""
        over = (under.max(axis=0) + under.min(axis=0)) / 2
        return np.array([*(over[:2] + tool[:2] - middle[:2]), 0.0])

    def _height(self, under, tool, corners) -> float:
        return under[:, 2].max() + (tool[2] - corners[:, 2].min()) + DROP

    def _next(self, is_there: bool) -> None:
        self.waited += 1
        order = ["over", "down", "close", "lift", "carry", "lower", "open", "away"]
        is_over = {"close": self.waited > FINGERS, "open": self.waited > FINGERS, "away": False}.get(self.phase, is_there)
        if is_over:
            self.phase, self.waited = order[order.index(self.phase) + 1], 0


def _half_turn(angle: float) -> float:
    """A hand with two fingers is the same after half a turn."""
    return float((angle + np.pi / 2) % np.pi - np.pi / 2)
