"""Envs of gymnasium with no physics: a hand that follows where it is told to be, and others that lack something of what is asked of an env."""

import gymnasium
import numpy as np


class Arm(gymnasium.Env):
    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}
    observation_space = gymnasium.spaces.Dict({"hand": gymnasium.spaces.Box(-9, 9, (8,)), **{key: gymnasium.spaces.Box(-9, 9, (3,)) for key in ("told", "goal")}})
    action_space = gymnasium.spaces.Box(-1, 1, (4,), dtype=np.float32)

    def __init__(self, lacks=None, render_mode=None):
        self.lacks, self.render_mode = lacks, render_mode
        if lacks == "rate":
            self.metadata = {"render_modes": ["rgb_array"]}
        if lacks == "bounds":
            self.action_space = gymnasium.spaces.Box(-np.inf, np.inf, (4,), dtype=np.float32)
        if lacks == "numbers":
            self.action_space = gymnasium.spaces.Discrete(4)
        self.lots = np.random.default_rng()
        # As Meta-World draws its goals.
        self.drawn = np.random.uniform(-0.02, 0.02)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.seed, self.steps, self.hand, self.grip = seed, 0, np.array([0.5, 0.0, 0.3]), 1.0
        self.told = self.hand
        self.goal = self.hand + (self.lots if self.lacks == "seed" else self.np_random).uniform(-0.08, 0.08, 3) + self.drawn
        return self._seen(), {}

    def step(self, action):
        self.steps += 1
        if self.steps == 3 and self.seed == 101:
            raise ValueError("a wheel came off")
        self.told = self.told + action[:3] * (np.nan if self.steps == 3 and self.seed == 102 else 0.02)
        self.hand = self.hand + 0.6 * (self.told - self.hand)
        self.grip = float(action[3] + 1) / 2
        info = {"distance": np.linalg.norm(self.hand - self.goal), "words": "no number"}
        if self.lacks != "success":
            info["success"] = info["distance"] < 0.01
        return self._seen(), 0.0, self.steps == 3 and self.seed == 103, False, info

    def _seen(self):
        return {"hand": np.array([*self.hand, self.grip, 0.1 * self.steps, 0.2, 0.3, 0.4]), "told": self.told, "goal": self.goal}

    def render(self):
        return None if self.lacks == "picture" else np.full((6, 8, 3), self.steps, dtype=np.uint8)


gymnasium.register("Arm-v0", Arm, max_episode_steps=40)
gymnasium.register("EndlessArm-v0", Arm)
