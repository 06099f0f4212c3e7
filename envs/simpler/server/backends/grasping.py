"""Shapes of things and what a hand with two fingers makes of them, for experts that see the true state. All in the frame of a robot's base."""

import numpy as np
from scipy.spatial.transform import Rotation

# A thing whose one side is longer than the other by this has a narrow side. Chosen.
LONG = 1.3


def turn_of(pose) -> Rotation:
    return Rotation.from_quat(np.asarray(pose.q)[[1, 2, 3, 0]])


def parts_of(actor, to_base) -> list:
    """Corners `[N, 3]` of each of the convex bodies that a thing is made of, m. @param to_base - pose that takes the world there."""

    def points(shape):
        local = shape.get_local_pose().to_transformation_matrix()
        return (shape.geometry.vertices * shape.geometry.scale) @ local[:3, :3].T + local[:3, 3]

    pose = to_base * actor.pose
    turn = turn_of(pose).as_matrix()
    return [points(shape) @ turn.T + pose.p for shape in actor.get_collision_shapes()]


def middle_of(corners):
    return (corners.max(axis=0) + corners.min(axis=0)) / 2


def half_turn(angle: float) -> float:
    """A hand with two fingers is the same after half a turn."""
    return float((angle + np.pi / 2) % np.pi - np.pi / 2)


def finger_angle(tool) -> float:
    """Along which the fingers close, about z, rad: they close along y of both robots' tools."""
    across = turn_of(tool).as_matrix()[:, 1]
    return float(np.arctan2(across[1], across[0]))


def turn_across(corners, fingers: float) -> float:
    """How far fingers that close along this angle have to turn about z, so that they close across the narrow side, rad."""
    flat = corners[:, :2] - middle_of(corners[:, :2])
    angles = np.deg2rad(np.arange(0, 180, 2))
    widths = np.array([np.ptp(flat @ [np.cos(a), np.sin(a)]) for a in angles])
    # Of a square the diagonal is longer by the root of two: it is taken as it lies.
    if widths.max() < LONG * widths.min() * np.sqrt(2):
        return 0.0
    return half_turn(angles[widths.argmin()] - fingers)
