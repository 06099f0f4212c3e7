"""
SimplerEnv's tasks (ManiSkill2_real2sim on SAPIEN 2.2.2), as they are evaluated: real photo behind, robot and things simulated. Seven numbers
an action: x y z m, axis times angle rad, along the axes of the base; the last is the WidowX's opening, 1 open and -1 closed, or by how much the
Google Robot's closes more. docs/simulators.md says how to install it, and what stands in for files that are not to be had.
"""

import hashlib
import os
import sys
from pathlib import Path
from typing import NamedTuple

from backends import needs
from problem import Problem

VERSIONS = needs("simpler_env", {"sapien": "2.2.2", "numpy": None, "gymnasium": None})
try:
    import mani_skill2_real2sim
except ImportError as error:
    raise Problem(
        "simulator/not-installed",
        f"expected the package mani_skill2_real2sim, it cannot be imported: {error}",
        "Get simpler-env/ManiSkill2_real2sim and set PYTHONPATH to it: docs/simulators.md",
    ) from error
import sapien.core as sapien

try:
    sapien.SapienRenderer()
except Exception as error:
    raise Problem(
        "simulator/driver",
        f"expected a Vulkan driver that SAPIEN takes, there is none: {error}",
        "Set VK_ICD_FILENAMES, VK_LAYER_PATH and VK_INSTANCE_LAYERS: docs/simulators.md",
    ) from error

import cv2
import gymnasium
import mani_skill2_real2sim.envs  # noqa: F401  it registers them
import numpy as np
from mani_skill2_real2sim import ASSET_DIR

from backends.bridge_expert import BridgeExpert
from backends.google_expert import GoogleExpert
from backends.simpler_env_tasks import TASKS


class Robot(NamedTuple):
    camera: str
    """Of its arm, in the order of its joints."""
    joints: tuple
    expert: type


ROBOTS = {
    "widowx_bridge": Robot("3rd_view_camera", ("waist", "shoulder", "elbow", "forearm_roll", "wrist_angle", "wrist_rotate"), BridgeExpert),
    "google_robot": Robot("overhead_camera", ("torso", "shoulder", "bicep", "elbow", "forearm", "wrist", "gripper"), GoogleExpert),
}
PHOTOS = ASSET_DIR / "real_inpainting"


def said(pose) -> dict:
    return {"pM": np.asarray(pose.p, dtype=float), "qWxyz": np.asarray(pose.q, dtype=float)}


class SimplerEnv:
    def __init__(self, task: str, looks, has_oracle: bool):
        if task not in TASKS:
            raise Problem("config/invalid", f"no task '{task}' (there is: {', '.join(TASKS)})", "Name one of these")
        self.name, self.task = task, TASKS[task]
        self.robot = ROBOTS[self.task.robot]
        if looks.cameras is not None and any(camera != self.robot.camera for camera in looks.cameras):
            raise Problem("config/invalid", f"cameras: expected {self.robot.camera}, got {looks.cameras}", "The picture is composed for this one")
        self.cameras = [self.robot.camera] if looks.cameras is None else looks.cameras
        options = dict(self.task.options)
        if "rgb_overlay_path" in options:
            options["rgb_overlay_path"] = str(PHOTOS / options["rgb_overlay_path"])
        self.env = gymnasium.make(self.task.env, obs_mode="rgbd", **options)
        self.inner = self.env.unwrapped
        self.expert = self.robot.expert(self.inner) if has_oracle else None
        # It makes its scene with the first episode.
        self.reset({})

    def describe(self) -> dict:
        space = self.env.action_space
        return {
            "task": self.name,
            "robot": self.task.robot,
            "controlMode": self.inner.control_mode,
            "rateHz": float(self.inner.control_freq),
            "simHz": float(self.inner.sim_freq),
            "maxSteps": self.task.max_steps,
            "actionLow": space.low.astype(float),
            "actionHigh": space.high.astype(float),
            "jointNames": list(self.robot.joints),
            "cameras": self.cameras,
            "basePose": said(self.inner.agent.robot.pose),
            "successKeys": ["success", *self.inner.episode_stats],
            "renderer": {
                "driver": f"VK_ICD_FILENAMES={Path(os.environ.get('VK_ICD_FILENAMES', 'of the system')).name}",
                "layers": os.environ.get("VK_INSTANCE_LAYERS", "none"),
                "shader": "ibl",
                "without": self.task.without,
                "overlay": "one for each episode" if self.task.episodes[0].photo else Path(str(self.info["rgb_overlay_path"])).name,
            },
            "versions": {**VERSIONS, "python": sys.version.split()[0]},
            "assets": f"sha256 {self._fingerprint()} of {', '.join(('stage ' + self.info['scene_name'], *self.task.models))}",
        }

    def _fingerprint(self) -> str:
        """Of the files that make up the scene: a stand-in has another one than the original."""
        # A chest of drawers is its own stage.
        station = getattr(self.inner, "station_name", None)
        stage = self.inner.scene_root / "stages" / f"{self.info['scene_name']}.glb"
        files = [self.inner.asset_root / f"{station}.urdf" if station else stage]
        for model in self.task.models:
            files += sorted(path for path in (self.inner.asset_root / "models" / model).rglob("*") if path.is_file())
        digest = hashlib.sha256()
        for path in files:
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()[:16]

    def reset(self, begin: dict) -> None:
        options = self._options(begin)
        self.seen, self.info = self.env.reset(seed=int(begin.get("seed", 0)), options=options)
        self.judged, self.reward, self.is_truncated = {"success": False}, 0.0, False
        if self.expert is not None:
            self.expert.begin()

    def _options(self, begin: dict) -> dict:
        things, robot, grid = begin.get("objects") or {}, begin.get("robot") or {}, self.task.episodes
        if things:
            raise Problem("config/invalid", f"objects: these tasks have a grid of {len(grid)} episodes", "Give the number of one: episodeId")
        if "episodeId" in begin and int(begin["episodeId"]) >= len(grid):
            raise Problem("config/invalid", f"episodeId: expected 0..{len(grid) - 1}, got {begin['episodeId']}", "Correct it")
        if self.task.robot == "google_robot":
            if robot:
                raise Problem("config/invalid", "robot: the photo behind it fits the place that the episode gives it", "Leave it out")
            return self._episode(grid[int(begin.get("episodeId", begin.get("seed", 0))) % len(grid)])
        placed = {"xyM": "init_xy", "qWxyz": "init_rot_quat", "qRad": "qpos"}
        return {
            **({"obj_init_options": dict(grid[int(begin["episodeId"])].things)} if "episodeId" in begin else {}),
            **({"robot_init_options": {placed[key]: value for key, value in robot.items()}} if robot else {}),
        }

    def _episode(self, episode) -> dict:
        """The same as SimplerEnv's own configuration, but one of the grid in place of one by lot."""
        half = (np.pi + episode.yaw_rad) / 2
        stands = {"init_xy": list(episode.xy_m), "init_rot_quat": [np.cos(half), 0.0, 0.0, np.sin(half)]}
        options = {"obj_init_options": dict(episode.things), "robot_init_options": stands}
        if episode.photo is not None:
            self.inner.rgb_overlay_img = cv2.cvtColor(cv2.imread(str(PHOTOS / episode.photo)), cv2.COLOR_BGR2RGB) / 255
        if self.inner.urdf_version != episode.paint:
            self.inner.urdf_version = episode.paint
            self.inner._configure_agent()
            options["reconfigure"] = True
        return options

    def step(self, action) -> None:
        self.seen, self.reward, _, self.is_truncated, self.judged = self.env.step(action)

    def state(self) -> dict:
        agent, arm = self.seen["agent"], len(self.robot.joints)
        to_base = self.inner.agent.robot.pose.inv()
        return {
            "instruction": self.inner.get_language_instruction(),
            "isFinalSubtask": bool(self.inner.is_final_subtask()),
            "qRad": agent["qpos"][:arm].astype(float),
            "qdRadPerS": agent["qvel"][:arm].astype(float),
            "tcpPose": said(to_base * self.inner.tcp.pose),
            # Its own state has it only where a delta is added to it.
            "commandedTcpPose": said(self.inner.agent.controller.controllers["arm"]._target_pose),
            "gripperOpen": float(np.clip(1 - self.inner.agent.get_gripper_closedness(), 0, 1)),
        }

    def judge(self) -> dict:
        stats = {**self.judged.get("episode_stats", {}), "success": self.judged["success"]}
        return {
            "success": bool(self.judged["success"]),
            "reward": float(self.reward),
            "terminated": False,
            "truncated": bool(self.is_truncated),
            # A drawer's opening comes in words.
            "stats": {name: float(value) if isinstance(value, str) else bool(value) for name, value in stats.items()},
        }

    def draw(self) -> list:
        if not self.cameras:
            return []
        rgb = self.seen["image"][self.robot.camera]["rgb"]
        param = self.seen["camera_param"][self.robot.camera]
        focal = param["intrinsic_cv"]
        camera = self.inner.agent.robot.pose.inv() * sapien.Pose.from_transformation_matrix(param["cam2world_gl"])
        extra = {
            "intrinsics": {"fxPx": focal[0, 0], "fyPx": focal[1, 1], "cxPx": focal[0, 2], "cyPx": focal[1, 2]},
            "cameraInBase": said(camera),
        }
        return [(self.robot.camera, np.asarray(rgb, dtype=np.uint8), extra)]

    def oracle(self) -> dict:
        to_base = self.inner.agent.robot.pose.inv()
        things = {name: said(to_base * pose) for name, pose in self.expert.things().items()}
        return {"expertAction": self.expert.action(), "state": {**things, "phase": self.expert.phase}}

    def close(self) -> None:
        self.env.close()


def make(task, looks, has_oracle: bool) -> SimplerEnv:
    return SimplerEnv(task or "widowx_stack_cube", looks, has_oracle)
