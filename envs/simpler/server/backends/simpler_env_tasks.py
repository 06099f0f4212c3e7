"""
SimplerEnv's tasks in visual matching, and its grids of episodes: which env, where things and robot begin, how the robot is painted, and which
photo is behind. Facts of simpler-env/SimplerEnv `4ab7178` (`scripts/*_visual_matching.sh`) and ManiSkill2_real2sim `ef7a4d4`. Data, no simulator.
"""

from typing import NamedTuple

import numpy as np


class Episode(NamedTuple):
    """How one of a grid begins."""

    things: dict
    """Of the robot: where it stands in the world, m, and how far it is turned from looking back along x, rad; none: where the env puts it."""
    xy_m: tuple | None = None
    yaw_rad: float = 0.0
    """Version of its URDF: how it is painted."""
    paint: str = ""
    """Another photo than the one of the task."""
    photo: str | None = None


class Task(NamedTuple):
    env: str
    robot: str
    """Files that make up its scene, beside the stage."""
    models: tuple
    max_steps: int
    """Of its env."""
    options: dict
    episodes: tuple
    """What SimplerEnv has on and this has not."""
    without: str = "nothing"


def widowx(env: str, models: tuple, max_steps: int = 60) -> Task:
    episodes = tuple(Episode({"episode_id": number}) for number in range(24))
    return Task(env, "widowx_bridge", models, max_steps, {"prepackaged_config": True}, episodes)


GOOGLE_MODE = "arm_pd_ee_delta_pose_align_interpolate_by_planner_gripper_pd_joint_target_delta_pos_interpolate_by_planner"
PAINTS = ("", "recolor_tabletop_visual_matching_1", "recolor_tabletop_visual_matching_2", "recolor_cabinet_visual_matching_1")


def google(env: str, models: tuple, max_steps: int, scene: str, photo: str, episodes: tuple, **more) -> Task:
    without = more.pop("without", "nothing")
    robot = {"robot": "google_robot_static", "control_freq": 3, "sim_freq": 513, "control_mode": GOOGLE_MODE}
    looks = {"scene_name": scene, "rgb_overlay_path": photo, "rgb_overlay_cameras": ["overhead_camera"], "camera_cfgs": {"add_segmentation": True}}
    return Task(env, "google_robot", models, max_steps, {**robot, **looks, **more}, episodes, without)


# Five places along x by five along y, once for each paint: number = 25 * paint + 5 * x + y.
CAN_EPISODES = tuple(
    Episode({"init_xy": [float(x), float(y)]}, (0.35, 0.20), 0.0, paint) for paint in PAINTS for x in np.linspace(-0.35, -0.12, 5) for y in np.linspace(-0.02, 0.42, 5)
)
# Five triples of things by two layouts by six pairs, once for each paint: number = 60 * paint + episode of SimplerEnv.
NEAR_EPISODES = tuple(Episode({"episode_id": number}, (0.35, 0.21), -0.09, paint) for paint in PAINTS for number in range(60))
# Nine places of the robot, each with its photo, once for each paint: number = 9 * paint + place. The paints come in another order here.
PLACES = {
    "a0": (0.644, -0.179, -0.03),
    "a1": (0.765, -0.182, -0.02),
    "a2": (0.889, -0.203, -0.06),
    "b0": (0.652, 0.009, 0.0),
    "b1": (0.752, 0.009, 0.0),
    "b2": (0.851, 0.035, 0.0),
    "c0": (0.665, 0.224, 0.0),
    "c1": (0.765, 0.222, -0.025),
    "c2": (0.865, 0.222, -0.025),
}


def drawer_episodes(things: dict) -> tuple:
    paints = (PAINTS[3], PAINTS[1], PAINTS[2], PAINTS[0])
    return tuple(Episode(things, (x, y), yaw, paint, f"open_drawer_{place}.png") for paint in paints for place, (x, y, yaw) in PLACES.items())


def can(**lies) -> Task:
    scene, photo = "google_pick_coke_can_1_v4", "google_coke_can_real_eval_1.png"
    return google("GraspSingleOpenedCokeCanInScene-v0", ("opened_coke_can",), 80, scene, photo, CAN_EPISODES, **lies)


def drawer(env: str, things: dict) -> Task:
    looks = {"station_name": "mk_station_recolor", "light_mode": "simple", "disable_bad_material": True}
    rays = "ray tracing, which no software driver does in time"
    return google(env, (), 113, "dummy_drawer", "open_drawer_a0.png", drawer_episodes(things), **looks, without=rays)


NEAR_MODELS = ("blue_plastic_bottle", "orange", *(f"baked_{name}_v2" for name in ("opened_pepsi_can", "opened_7up_can", "apple", "sponge", "opened_coke_can", "opened_redbull_can")))

TASKS = {
    "widowx_stack_cube": widowx("StackGreenCubeOnYellowCubeBakedTexInScene-v0", ("baked_green_cube_3cm", "baked_yellow_cube_3cm")),
    "widowx_carrot_on_plate": widowx("PutCarrotOnPlateInScene-v0", ("bridge_carrot_generated_modified", "bridge_plate_objaverse_larger")),
    "widowx_spoon_on_towel": widowx("PutSpoonOnTableClothInScene-v0", ("bridge_spoon_generated_modified", "table_cloth_generated_shorter")),
    "widowx_put_eggplant_in_basket": widowx("PutEggplantInBasketScene-v0", ("eggplant", "sink", "dummy_sink_target_plane"), 120),
    "google_robot_pick_horizontal_coke_can": can(lr_switch=True),
    "google_robot_pick_vertical_coke_can": can(laid_vertically=True),
    "google_robot_pick_standing_coke_can": can(upright=True),
    "google_robot_move_near": google(
        "MoveNearGoogleBakedTexInScene-v1", NEAR_MODELS, 80, "google_pick_coke_can_1_v4", "google_move_near_real_eval_1.png", NEAR_EPISODES
    ),
    "google_robot_close_top_drawer": drawer("CloseTopDrawerCustomInScene-v0", {"cabinet_init_qpos": 0.2}),
    "google_robot_close_middle_drawer": drawer("CloseMiddleDrawerCustomInScene-v0", {"cabinet_init_qpos": 0.2}),
    "google_robot_close_bottom_drawer": drawer("CloseBottomDrawerCustomInScene-v0", {"cabinet_init_qpos": 0.2}),
}
