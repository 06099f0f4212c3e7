"""A fake simulator with no physics: a hand that goes where it is told, and tasks by which it goes wrong. For tests of what watches over it."""

import ctypes
import signal
import time

import numpy as np


class Fake:
    def __init__(self, task):
        self.task, self.at, self.steps, self.grip = task, np.array([0.0, 0.6, 0.15]), 0, 1.0

    def describe(self):
        return {
            "task": self.task,
            "robot": "sawyer",
            "controlMode": "mocap_delta_xyz_gripper_effort",
            "rateHz": 80.0,
            "simHz": 400.0,
            "maxSteps": 8,
            "actionLow": [-1.0] * 4,
            "actionHigh": [1.0] * 4,
            "jointNames": [f"right_j{at}" for at in range(7)],
            "cameras": ["fake"],
            "basePose": {"pM": [0, 0, 0], "qWxyz": [1, 0, 0, 0]},
            "successKeys": ["success"],
            "renderer": {"driver": "fake"},
            "versions": {"fake": "1"},
            "assets": "fake",
        }

    def reset(self, begin):
        if self.task == "begins slowly":
            time.sleep(1.5)
        if self.task == "never begins":
            time.sleep(3600)
        self.begin, self.steps, self.at = begin, 0, np.array([0.0, 0.6, 0.15])

    def step(self, action):
        self.steps += 1
        if self.steps == 3 and self.task == "sleeps":
            time.sleep(3600)
        if self.steps == 3 and self.task == "hangs":
            # In C, and with the lock that every thread of Python needs.
            ctypes.PyDLL(None).sleep(3600)
        if self.steps == 3 and self.task == "crashes":
            # In its own thread, as a bad pointer would.
            signal.raise_signal(signal.SIGSEGV)
        if self.steps == 3 and self.task == "raises":
            raise ValueError("a wheel came off")
        self.at = self.at + action[:3] * 0.01
        self.grip = (1 - action[3]) / 2

    def state(self):
        # A gripper of no number is one that its own simulator lost.
        opening = float("nan") if self.task == "lies" and self.steps == 3 else self.grip
        pose = {"pM": self.at, "qWxyz": [0.5, 0.1, 0.7, 0.5]}
        words = "first part" if self.steps < 3 else "second part"
        return {
            "instruction": words,
            "isFinalSubtask": self.steps >= 3,
            "qRad": [0.0] * 7,
            "qdRadPerS": [0.0] * 7,
            "tcpPose": pose,
            "commandedTcpPose": pose,
            "gripperOpen": opening,
        }

    def judge(self):
        # At the fourth step alone.
        return {"success": self.steps == 4, "reward": 0.0, "terminated": False, "truncated": False, "stats": {"seed": self.begin.get("seed", -1)}}

    def draw(self):
        rgb = np.full((4, 6, 3), self.steps, dtype=np.uint8)
        rgb[0, 0] = (255, 128, 0)
        return [("fake", rgb, {"cameraInBase": {"pM": [1, 2, 3], "qWxyz": [0.5, 0.1, 0.7, 0.5]}})]

    def oracle(self):
        return {"state": {"secret": self.begin, "steps": self.steps}}

    def close(self):
        pass


def make(task, looks, has_oracle):
    return Fake(task or "fine")
