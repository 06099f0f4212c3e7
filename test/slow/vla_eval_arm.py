"""A benchmark for vla-eval's own harness: a tool without an arm, told and led as LIBERO's is, has to get where its task says, turned and closed."""
import numpy
from vla_eval.benchmarks.base import StepBenchmark, StepResult
from vla_eval.rotation import axisangle_to_matrix, matrix_to_quat, quat_to_axisangle
from vla_eval.specs import GRIPPER_CLOSE_POS, IMAGE_RGB, LANGUAGE, POSITION_DELTA, ROTATION_AA, STATE_EEF_POS_AA_GRIP

START_M = numpy.array([0.35, 0.0, 0.2])
DOWN = axisangle_to_matrix(numpy.array([numpy.pi, 0.0, 0.0]))
METRES_PER_UNIT, RADIANS_PER_UNIT, FINGER_M = 0.05, 0.5, 0.04


class Arm(StepBenchmark):
    render_backends = frozenset({"cpu"})

    @classmethod
    def configure_render(cls, mode):
        return {}

    def __init__(self, tasks, send_state=False, send_wrist_image=False, seed=0):
        super().__init__()
        self.tasks, self.send_state, self.send_wrist_image = tasks, send_state, send_wrist_image

    def get_tasks(self):
        return [{"name": name, "suite": "arm"} for name in self.tasks]

    def reset(self, task):
        self.at_m, self.turn, self.is_closed = START_M.copy(), DOWN.copy(), False
        # Where the task sends it to, "to X Y Z", else nowhere.
        words = task["name"].split()
        self.goal_m = numpy.array([float(one) for one in words[-3:]]) if "to" in words else None

    def step(self, action):
        numbers = action["actions"]
        assert numbers.shape == (7,) and numbers.dtype == numpy.float32, (numbers.shape, numbers.dtype)
        self.at_m += METRES_PER_UNIT * numbers[:3]
        self.turn = axisangle_to_matrix(RADIANS_PER_UNIT * numbers[3:6].astype(float)) @ self.turn
        self.is_closed = bool(numbers[6] > 0)
        self._recorder.record_step(action=numbers, reward=0.0)
        return StepResult(obs=None, reward=0.0, done=self.is_there(), info={})

    def is_there(self):
        # What its policy does besides, in one step: a turn about x by 0.2 rad and then about the z of the base, which no three angles in a row are.
        turn = axisangle_to_matrix(numpy.array([0, 0, 0.2])) @ axisangle_to_matrix(numpy.array([0.2, 0, 0])) @ DOWN
        is_near = self.goal_m is not None and numpy.linalg.norm(self.at_m - self.goal_m) < 0.005
        return bool(is_near and self.is_closed and numpy.abs(turn - self.turn).max() < 0.01)

    def make_obs(self, raw_obs, task):
        names = ["agentview"] + (["wrist"] if self.send_wrist_image else [])
        image = numpy.full((64, 64, 3), 128, dtype=numpy.uint8)
        observation = {"images": {name: image for name in names}, "task_description": task["name"]}
        if self.send_state:
            finger = 0.0 if self.is_closed else FINGER_M
            turn = quat_to_axisangle(matrix_to_quat(self.turn))
            observation["states"] = numpy.concatenate([self.at_m, turn, [finger, -finger]])
        return observation

    def get_step_result(self, step_result):
        return {"success": step_result.done}

    def get_metadata(self):
        return {"max_steps": 40}

    def get_action_spec(self):
        return {"position": POSITION_DELTA, "rotation": ROTATION_AA, "gripper": GRIPPER_CLOSE_POS}

    def get_observation_spec(self):
        spec = {"agentview": IMAGE_RGB, "language": LANGUAGE}
        return {**spec, "state": STATE_EEF_POS_AA_GRIP} if self.send_state else spec
