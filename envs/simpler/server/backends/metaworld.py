"""
Meta-World 3: a Sawyer arm at a table, 50 tasks, with an expert for each. Four numbers an action: x y z in hundredths of a metre along
the axes of the base, added to where the hand was told to be, and the effort of the fingers, -1 open to 1 closed. Its hand cannot turn.
Draws without shadows, reflections and multisampling, which take ten times as long; whoever compares pictures has to know that.
"""

import os
import sys

from backends import mujoco_driver, needs
from problem import Problem

# Before the simulator is imported, which binds it for the whole process.
os.environ.setdefault("MUJOCO_GL", "osmesa")
VERSIONS = needs("metaworld", {"metaworld": "3.1.1", "mujoco": "3.3.0", "gymnasium": None, "packaging": None})
mujoco_driver()

import metaworld
import mujoco
import numpy as np
from metaworld.policies import ENV_POLICY_MAP

# Meta-World has no words; these are ours.
INSTRUCTIONS = {
    "reach-v3": "move the gripper to the red point",
    "pick-place-v3": "pick up the puck and bring it to the goal",
    "drawer-open-v3": "open the drawer",
    "door-open-v3": "open the door",
    "button-press-v3": "press the button",
}
CAMERA = "corner2"
# Half a turn about the way a camera looks.
HALF_ROLL = np.array([0.0, 0.0, 0.0, 1.0])
# From the hand to the middle between the fingertips when it stands, m.
TOOL = np.array([0.0, 0.0, -0.045])
# What `gripper_distance_apart` is with the fingers closed on nothing; open it is 1.
CLOSED = 0.2967
JOINTS = [f"right_j{at}" for at in range(7)]


def pose(position, quaternion) -> dict:
    quaternion = np.asarray(quaternion, dtype=float)
    return {"pM": np.asarray(position, dtype=float), "qWxyz": quaternion / np.linalg.norm(quaternion)}


class MetaWorld:
    def __init__(self, task: str, looks, has_oracle: bool):
        name = f"{task}-goal-observable"
        known = metaworld.env_dict.ALL_V3_ENVIRONMENTS_GOAL_OBSERVABLE
        if task not in INSTRUCTIONS or name not in known:
            raise Problem("config/invalid", f"no task '{task}' (there is: {', '.join(INSTRUCTIONS)})", "Name one of these")
        self.task, self.looks = task, looks
        self.env = known[name](seed=0)
        self.env._freeze_rand_vec, self.env.seeded_rand_vec = False, True
        self.expert = ENV_POLICY_MAP[task]() if has_oracle else None
        names = [self.env.model.camera(at).name for at in range(self.env.model.ncam)]
        self.cameras = [CAMERA] if looks.cameras is None else looks.cameras
        for camera in self.cameras:
            if camera not in names:
                raise Problem("config/invalid", f"no camera '{camera}' (there is: {', '.join(names)})", "Name one of these")
            if camera.startswith("corner"):
                # The model has them upside down: the camera is turned, which costs nothing, and not each picture.
                mujoco.mju_mulQuat(self.env.model.camera(camera).quat, self.env.model.camera(camera).quat.copy(), HALF_ROLL)
        self.renderer = self._renderer() if self.cameras else None
        joints = [self.env.model.joint(name) for name in JOINTS]
        self.qpos_at, self.qvel_at = [int(joint.qposadr[0]) for joint in joints], [int(joint.dofadr[0]) for joint in joints]

    def _renderer(self):
        model, height, width = self.env.model, self.looks.height_px, self.looks.width_px
        model.vis.quality.shadowsize = 0
        model.vis.quality.offsamples = 0
        model.vis.global_.offwidth = max(model.vis.global_.offwidth, width)
        model.vis.global_.offheight = max(model.vis.global_.offheight, height)
        renderer = mujoco.Renderer(model, height, width)
        for flag in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION):
            renderer.scene.flags[flag] = 0
        return renderer

    def describe(self) -> dict:
        return {
            "task": self.task,
            "robot": "sawyer",
            "controlMode": "mocap_delta_xyz_gripper_effort",
            "rateHz": 1 / self.env.dt,
            "simHz": 1 / self.env.model.opt.timestep,
            "maxSteps": self.env.max_path_length,
            "actionLow": [-1.0] * 4,
            "actionHigh": [1.0] * 4,
            "jointNames": JOINTS,
            "cameras": self.cameras,
            "basePose": pose([0, 0, 0], [1, 0, 0, 0]),
            "successKeys": ["success"],
            "renderer": {
                "driver": f"MUJOCO_GL={os.environ['MUJOCO_GL']}",
                "device": gl_name(self.renderer),
                "quality": "no shadow, no reflection, no multisampling",
                "turned": "pictures of corner* are turned upright",
            },
            "versions": {**VERSIONS, "python": sys.version.split()[0]},
            "assets": "in the package metaworld",
        }

    def reset(self, begin: dict) -> None:
        for key, why in (("episodeId", "its episodes have seeds, no numbers"), ("objects", "its seed places them"), ("robot", "its hand has one place to begin")):
            if key in begin:
                raise Problem("config/invalid", f"{key}: metaworld takes none: {why}", "Leave it out")
        self.env.seed(int(begin.get("seed", 0)))
        self.seen, _ = self.env.reset()
        self.info, self.reward, self.is_truncated = {"success": 0.0}, 0.0, False

    def step(self, action) -> None:
        self.seen, self.reward, _, self.is_truncated, self.info = self.env.step(action.astype(np.float32))
        if not np.all(np.isfinite(self.env.data.qpos)):
            raise Problem("body/crashed", "the simulation diverged", "Reset it")

    def state(self) -> dict:
        data, env = self.env.data, self.env
        hand = data.body("hand").xquat
        return {
            "instruction": INSTRUCTIONS[self.task],
            "isFinalSubtask": True,
            "qRad": data.qpos[self.qpos_at],
            "qdRadPerS": data.qvel[self.qvel_at],
            "tcpPose": pose(env.tcp_center, hand),
            "commandedTcpPose": pose(data.mocap_pos[0] + TOOL, data.mocap_quat[0]),
            "gripperOpen": float(np.clip((self.seen[3] - CLOSED) / (1 - CLOSED), 0, 1)),
        }

    def judge(self) -> dict:
        stats = {name: float(value) for name, value in self.info.items()}
        return {
            "success": bool(self.info["success"]),
            "reward": float(self.reward),
            "terminated": False,
            "truncated": bool(self.is_truncated),
            "stats": stats,
        }

    def draw(self) -> list:
        drawn = []
        for name in self.cameras:
            self.renderer.update_scene(self.env.data, name)
            rgb = self.renderer.render()
            camera, seen = self.env.data.camera(name), self.env.model.camera(name)
            height, width, _ = rgb.shape
            focal = height / 2 / np.tan(np.deg2rad(seen.fovy[0]) / 2)
            quaternion = np.zeros(4)
            mujoco.mju_mat2Quat(quaternion, camera.xmat)
            extra = {
                "intrinsics": {"fxPx": focal, "fyPx": focal, "cxPx": width / 2, "cyPx": height / 2},
                "cameraInBase": pose(camera.xpos, quaternion),
            }
            drawn.append((name, rgb, extra))
        return drawn

    def oracle(self) -> dict:
        expert = np.clip(self.expert.get_action(self.seen), -1, 1)
        return {"expertAction": expert.astype(float), "state": {"seen": self.seen}}

    def close(self) -> None:
        if self.renderer is not None:
            self.renderer.close()
        self.env.close()


def gl_name(renderer) -> str:
    if renderer is None:
        return "nothing is drawn"
    from OpenGL import GL

    renderer._gl_context.make_current()
    return f"{GL.glGetString(GL.GL_RENDERER).decode()}, {GL.glGetString(GL.GL_VERSION).decode()}"


def make(task, looks, has_oracle: bool) -> MetaWorld:
    return MetaWorld(task or "reach-v3", looks, has_oracle)
