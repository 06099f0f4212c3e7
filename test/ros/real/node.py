"""A node of a real graph that counts what it receives, for tests: what a client's publish returned proves nothing.

It tells on its standard output, one JSON a line: {"ready": true}, then {"topic": ..., "message": ..., "ageMs": ...} for each message.
It publishes joint states (50 Hz), a compressed picture (10 Hz) and an e-stop (10 Hz), and serves /estop (std_srvs/SetBool).
"""

import json
import math
import sys

import rclpy
from geometry_msgs.msg import PointStamped, PoseStamped, TwistStamped
from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, JointState
from std_msgs.msg import Bool, Float64MultiArray
from std_srvs.srv import SetBool
from trajectory_msgs.msg import JointTrajectory

PICTURE = bytes([0xFF, 0xD8]) + bytes(range(256)) * 80 + bytes([0xFF, 0xD9])


def plain(value):
    """A message as JSON can hold it; what is not finite as text."""
    if hasattr(value, "get_fields_and_field_types"):
        return {field: plain(getattr(value, field)) for field in value.get_fields_and_field_types()}
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (str, bool, int)):
        return value
    return [plain(item) for item in value]


class Counter(Node):
    def __init__(self):
        super().__init__("pumice_counter")
        self.is_stopped = False
        self.joints = self.create_publisher(JointState, "/joint_states", 1)
        self.camera = self.create_publisher(CompressedImage, "/camera/compressed", 1)
        self.stop = self.create_publisher(Bool, "/e_stop", 1)
        self.pose = self.create_publisher(PoseStamped, "/tool_pose", 1)
        for topic, kind in (
            ("/servo/cmd", TwistStamped),
            ("/array", Float64MultiArray),
            ("/arm/joint_trajectory", JointTrajectory),
            ("/pumice/beacon", PointStamped),
        ):
            self.create_subscription(kind, topic, lambda message, topic=topic: self.tell(topic, message), 1000)
        self.create_service(SetBool, "/estop", self.set_stop)
        self.create_timer(0.02, self.say_joints)
        self.create_timer(0.1, self.say_picture)

    def tell(self, topic, message):
        now_ns = self.get_clock().now().nanoseconds
        line = {"topic": topic, "message": plain(message)}
        if hasattr(message, "header"):
            stamp = message.header.stamp
            line["ageMs"] = (now_ns - stamp.sec * 10**9 - stamp.nanosec) / 1e6
        print(json.dumps(line), flush=True)

    def set_stop(self, request, response):
        self.is_stopped = request.data
        response.success = True
        response.message = "stopped" if request.data else "released"
        return response

    def say_joints(self):
        message = JointState()
        message.header.stamp = self.get_clock().now().to_msg()
        message.name = ["shoulder", "elbow", "wrist"]
        message.position = [0.1, 0.2, 0.3]
        message.velocity = [0.0, 0.0, 0.0]
        self.joints.publish(message)
        pose = PoseStamped()
        pose.header.stamp = message.header.stamp
        pose.header.frame_id = "base"
        pose.pose.position.x = 0.4
        pose.pose.orientation.w = 1.0
        self.pose.publish(pose)

    def say_picture(self):
        message = CompressedImage()
        message.header.stamp = self.get_clock().now().to_msg()
        message.format = "jpeg"
        message.data = PICTURE
        self.camera.publish(message)
        self.stop.publish(Bool(data=self.is_stopped))


rclpy.init()
node = Counter()
print(json.dumps({"ready": True}), flush=True)
try:
    rclpy.spin(node)
except (KeyboardInterrupt, rclpy.executors.ExternalShutdownException):
    sys.exit(0)
