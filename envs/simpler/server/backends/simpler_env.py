"""
SimplerEnv's WidowX tasks (ManiSkill2_real2sim on SAPIEN 2.2.2), as they are evaluated: real photo behind, robot and things simulated.
Seven numbers an action: x y z m, axis times angle rad, along the axes of the base; the last opens at 1 and closes at -1. docs/simulators.md
says how to install it, and what stands in for files that are not to be had.
"""

import hashlib
import os
import sys
from pathlib import Path

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

import gymnasium
import mani_skill2_real2sim.envs  # noqa: F401  it registers them
import numpy as np

from backends.bridge_expert import BridgeExpert

TASKS = {
    "widowx_stack_cube": ("StackGreenCubeOnYellowCubeBakedTexInScene-v0", ("baked_green_cube_3cm", "baked_yellow_cube_3cm")),
    "widowx_carrot_on_plate": ("PutCarrotOnPlateInScene-v0", ("bridge_carrot_generated_modified", "bridge_plate_objaverse_larger")),
}
CAMERA = "3rd_view_camera"
JOINTS = ["waist", "shoulder", "elbow", "forearm_roll", "wrist_angle", "wrist_rotate"]
# Of all these tasks.
MAX_STEPS = 60


def said(pose) -> dict:
    return {"pM": np.asarray(pose.p, dtype=float), "qWxyz": np.asarray(pose.q, dtype=float)}


class SimplerEnv:
    def __init__(self, task: str, looks, has_oracle: bool):
        if task not in TASKS:
            raise Problem("config/invalid", f"no task '{task}' (there is: {', '.join(TASKS)})", "Name one of these")
        if looks.cameras is not None and any(camera != CAMERA for camera in looks.cameras):
            raise Problem("config/invalid", f"cameras: expected {CAMERA}, got {looks.cameras}", "The picture is composed for this one")
        self.task = task
        self.cameras = [CAMERA] if looks.cameras is None else looks.cameras
        self.env = gymnasium.make(TASKS[task][0], obs_mode="rgbd", prepackaged_config=True)
        self.inner = self.env.unwrapped
        self.expert = BridgeExpert(self.inner) if has_oracle else None
        # It makes its scene with the first episode.
        self.reset({})

    def describe(self) -> dict:
        space = self.env.action_space
        return {
            "task": self.task,
            "robot": "widowx_bridge",
            "controlMode": self.inner.control_mode,
            "rateHz": float(self.inner.control_freq),
            "simHz": float(self.inner.sim_freq),
            "maxSteps": MAX_STEPS,
            "actionLow": space.low.astype(float),
            "actionHigh": space.high.astype(float),
            "jointNames": JOINTS,
            "cameras": self.cameras,
            "basePose": said(self.inner.agent.robot.pose),
            "successKeys": ["success", "src_on_target", "is_src_obj_grasped"],
            "renderer": {
                "driver": f"VK_ICD_FILENAMES={Path(os.environ.get('VK_ICD_FILENAMES', 'of the system')).name}",
                "layers": os.environ.get("VK_INSTANCE_LAYERS", "none"),
                "shader": "ibl",
                "overlay": Path(str(self.info["rgb_overlay_path"])).name,
            },
            "versions": {**VERSIONS, "python": sys.version.split()[0]},
            "assets": f"sha256 {self._fingerprint()} of stage {self.info['scene_name']} and {', '.join(TASKS[self.task][1])}",
        }

    def _fingerprint(self) -> str:
        """Of the files that make up the scene: a stand-in has another one than the original."""
        stages = self.inner.scene_root / "stages"
        files = [stages / f"{self.info['scene_name']}.glb"]
        for model in TASKS[self.task][1]:
            files += sorted(path for path in (self.inner.asset_root / "models" / model).rglob("*") if path.is_file())
        digest = hashlib.sha256()
        for path in files:
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()[:16]

    def reset(self, begin: dict) -> None:
        options = {}
        things, robot = begin.get("objects") or {}, begin.get("robot") or {}
        if things:
            raise Problem("config/invalid", "objects: these tasks have a grid of 24 episodes", "Give the number of one: episodeId")
        if "episodeId" in begin:
            options["obj_init_options"] = {"episode_id": int(begin["episodeId"])}
        placed = {"xyM": "init_xy", "qWxyz": "init_rot_quat", "qRad": "qpos"}
        if robot:
            options["robot_init_options"] = {placed[key]: value for key, value in robot.items()}
        self.seen, self.info = self.env.reset(seed=int(begin.get("seed", 0)), options=options)
        self.judged, self.reward, self.is_truncated = {"success": False}, 0.0, False
        if self.expert is not None:
            self.expert.begin()

    def step(self, action) -> None:
        self.seen, self.reward, _, self.is_truncated, self.judged = self.env.step(action)

    def state(self) -> dict:
        agent = self.seen["agent"]
        to_base = self.inner.agent.robot.pose.inv()
        target = agent["controller"]["arm"]["target_pose"]
        return {
            "instruction": self.inner.get_language_instruction(),
            "isFinalSubtask": bool(self.inner.is_final_subtask()),
            "qRad": agent["qpos"][:6].astype(float),
            "qdRadPerS": agent["qvel"][:6].astype(float),
            "tcpPose": said(to_base * self.inner.tcp.pose),
            "commandedTcpPose": {"pM": target[:3].astype(float), "qWxyz": target[3:].astype(float)},
            "gripperOpen": float(np.clip(1 - self.inner.agent.get_gripper_closedness(), 0, 1)),
        }

    def judge(self) -> dict:
        stats = {**self.judged.get("episode_stats", {}), "success": self.judged["success"]}
        return {
            "success": bool(self.judged["success"]),
            "reward": float(self.reward),
            "terminated": False,
            "truncated": bool(self.is_truncated),
            "stats": {name: bool(value) for name, value in stats.items()},
        }

    def draw(self) -> list:
        if not self.cameras:
            return []
        rgb = self.seen["image"][CAMERA]["rgb"]
        param = self.seen["camera_param"][CAMERA]
        focal = param["intrinsic_cv"]
        camera = self.inner.agent.robot.pose.inv() * sapien.Pose.from_transformation_matrix(param["cam2world_gl"])
        extra = {
            "intrinsics": {"fxPx": focal[0, 0], "fyPx": focal[1, 1], "cxPx": focal[0, 2], "cyPx": focal[1, 2]},
            "cameraInBase": said(camera),
        }
        return [(CAMERA, np.asarray(rgb, dtype=np.uint8), extra)]

    def oracle(self) -> dict:
        to_base = self.inner.agent.robot.pose.inv()
        things = {name: said(to_base * pose) for name, pose in (("source", self.inner.source_obj_pose), ("target", self.inner.target_obj_pose))}
        return {"expertAction": self.expert.action(), "state": {**things, "phase": self.expert.phase}}

    def close(self) -> None:
        self.env.close()


def make(task, looks, has_oracle: bool) -> SimplerEnv:
    return SimplerEnv(task or "widowx_stack_cube", looks, has_oracle)
