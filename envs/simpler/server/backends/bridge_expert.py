"""
An expert for SimplerEnv's WidowX tasks that sees the true state: takes the source across its narrow side, carries it over the target, and
lets it go there. Its steps are as small as the training data's, so that they go through an action model's tokens as they are.
"""

import numpy as np

from backends.grasping import finger_angle, half_turn, middle_of, parts_of, turn_across

# Most of a step: inside the 1st to 99th percentile of bridge_orig, m and rad.
STEP = np.array([0.026, 0.038, 0.025])
TURN = 0.18
# From here on a place counts as reached, m and rad. Chosen: half of a finger's width.
NEAR, NEAR_RAD = 0.008, 0.08
# Heights of the tool: over what it passes, and over the place at which it lets go, m. Chosen.
CLEARANCE, DROP = 0.08, 0.006
# Lowest height of the tool over the table, m: its fingertips reach 0.016 below it, and fingers that touch the table do not close.
TIPS = 0.02
# Steps that fingers are given. Chosen.
FINGERS = 4


class BridgeExpert:
    def __init__(self, env):
        self.env = env

    def begin(self) -> None:
        self.phase, self.waited, self.yaw = "over", 0, None

    def things(self) -> dict:
        """What it looks at, by name: poses in the world."""
        return {"source": self.env.source_obj_pose, "target": self.env.target_obj_pose}

    def _to_base(self):
        return self.env.agent.robot.pose.inv()

    def action(self):
        env = self.env
        pose = self._to_base() * env.tcp.pose
        tool = np.asarray(pose.p)
        state = env.agent.controller.get_state()["arm"]["target_pose"]
        told = np.asarray(state[:3], dtype=float)
        parts = parts_of(env.episode_source_obj, self._to_base())
        corners = np.concatenate(parts)
        under = np.concatenate(parts_of(env.episode_target_obj, self._to_base()))
        middle = middle_of(corners)
        # By its largest part: a spoon's neck is thinner than what closed fingers leave free.
        held = middle_of(max(parts, key=lambda part: np.prod(np.ptp(part, axis=0))))
        if self.yaw is None:
            self.yaw = finger_angle(pose) + turn_across(corners, finger_angle(pose))
        turn = half_turn(self.yaw - finger_angle(pose))
        top = max(under[:, 2].max(), self._rim())
        high = max(corners[:, 2].max(), top) + CLEARANCE

        closed = self.phase in ("close", "lift", "carry", "lower")
        goal = {
            "over": [*held[:2], high],
            "down": [*held[:2], max(held[2], TIPS)],
            "close": told,
            "lift": [*told[:2], top + CLEARANCE + 0.03],
            "carry": [*self._target(under, tool, middle)[:2], told[2]],
            "lower": self._target(under, tool, middle) + [0, 0, top + (tool[2] - corners[:, 2].min()) + DROP],
            "open": told,
            "away": [*told[:2], top + CLEARANCE + 0.06],
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
        over = middle_of(under)
        return np.array([*(over[:2] + tool[:2] - middle[:2]), 0.0])

    def _rim(self) -> float:
        """Of a sink that all stands in: it is not reached into but to take hold, and let go of from above."""
        sink = getattr(self.env, "sink", None)
        return -np.inf if sink is None else np.concatenate(parts_of(sink, self._to_base()))[:, 2].max()

    def _next(self, is_there: bool) -> None:
        self.waited += 1
        order = ["over", "down", "close", "lift", "carry", "lower", "open", "away"]
        is_over = {"close": self.waited > FINGERS, "open": self.waited > FINGERS, "away": False}.get(self.phase, is_there)
        if is_over:
            self.phase, self.waited = order[order.index(self.phase) + 1], 0

