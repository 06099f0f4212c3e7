"""A node of a real graph that counts what it receives, for tests: what a client's publish returned proves nothing.

It tells on its standard output, one JSON a line: {"ready": true}, then {"topic": ..., "message": ..., "ageMs": ...} for each message,
and {"arm": ...} 50 times a second. It is an arm as MoveIt Servo drives one: a tool that follows stamped twists, drops old ones and stops
by its own watchdog. It publishes joint states and the tool's pose (50 Hz), pictures (10 Hz; JPEG of a file, if one is named, at another rate if told so; 5 Hz raw, blue
first, with gaps between rows, to whoever listens) and an e-stop (10 Hz), and serves /estop (std_srvs/SetBool).
Each line of its standard input is a JSON object of what it says falsely from now on: `frame`, `joints`, `isNan`, `aheadS`, `pictureHz`, `flood`;
and of what a person does at a joystick (`joy`: axes and buttons) or at a device of twists (`twist`: m/s along x), 20 times a second until it is null.
"""

import array
import json
import math
import sys
import threading

import rclpy
from geometry_msgs.msg import PointStamped, PoseStamped, TwistStamped
from rclpy.duration import Duration
from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image, JointState, Joy
from std_msgs.msg import Bool, Float64MultiArray
from std_srvs.srv import SetBool
from trajectory_msgs.msg import JointTrajectory

PICTURE = bytes([0xFF, 0xD8]) + bytes(range(256)) * 80 + bytes([0xFF, 0xD9])


# Of every pixel: red is its column, green its row, blue both, each as it fits into a byte. The gap is of other bytes.
RAW_WIDTH, RAW_HEIGHT, RAW_GAP = 640, 480, 20
RAW = b"".join(
    b"".join(bytes([(x + y) & 255, y & 255, x & 255]) for x in range(RAW_WIDTH)) + b"\xAA" * RAW_GAP
    for y in range(RAW_HEIGHT)
)

JOINTS = ["shoulder-yaw", "shoulder", "elbow", "forearm", "wrist", "hand", "finger"]
# As `incoming_command_timeout` of MoveIt Servo, and its scale of unitless twists.
MOST_AGE_S = 0.1
SCALE_M_PER_S = 0.4
WATCHDOG_S = 0.25
ACCELERATION_M_PER_S2 = 4.0


class Arm:
    """A tool with inertia. Counts what it follows and what it drops."""

    def __init__(self):
        self.position = [0.45, 0.0, 0.2]
        self.velocity = [0.0, 0.0, 0.0]
        self.wanted = [0.0, 0.0, 0.0]
        self.told_s = -math.inf
        self.counts = {"executed": 0, "old": 0, "future": 0, "notFinite": 0, "trips": 0}
        self.is_stopped = False

    def take(self, message, now_s):
        stamp = message.header.stamp
        age_s = now_s - stamp.sec - stamp.nanosec / 1e9
        linear = message.twist.linear
        shares = [linear.x, linear.y, linear.z]
        if not all(math.isfinite(share) for share in shares):
            self.counts["notFinite"] += 1
        elif age_s > MOST_AGE_S:
            self.counts["old"] += 1
        elif age_s < -1e-4:
            self.counts["future"] += 1
        elif not self.is_stopped:
            self.counts["executed"] += 1
            self.wanted = [SCALE_M_PER_S * share for share in shares]
            self.told_s = now_s

    def step(self, now_s, dt_s):
        if now_s - self.told_s > WATCHDOG_S or self.is_stopped:
            if any(self.wanted) and not self.is_stopped:
                self.counts["trips"] += 1
            self.wanted = [0.0, 0.0, 0.0]
        most = ACCELERATION_M_PER_S2 * dt_s
        for axis in range(3):
            gap = self.wanted[axis] - self.velocity[axis]
            self.velocity[axis] += max(-most, min(most, gap))
            self.position[axis] += self.velocity[axis] * dt_s


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
        self.arm = Arm()
        self.stepped_s = self.now_s()
        self.lies = {"frame": "base", "joints": JOINTS, "isNan": False, "aheadS": 0, "pictureHz": 10, "flood": 1}
        self.lies |= {"joy": None, "twist": None}
        self.joystick = self.create_publisher(Joy, "/joy", 1)
        self.twists = self.create_publisher(TwistStamped, "/teleop", 1)
        self.pictured_s = self.now_s()
        self.third = self.create_publisher(CompressedImage, "/cameras/third/compressed", 1)
        self.jpeg = open(sys.argv[1], "rb").read() if len(sys.argv) > 1 else None
        self.joints = self.create_publisher(JointState, "/joint_states", 1)
        self.camera = self.create_publisher(CompressedImage, "/camera/compressed", 1)
        self.raw = self.create_publisher(Image, "/camera/raw", 1)
        self.stop = self.create_publisher(Bool, "/e_stop", 1)
        self.pose = self.create_publisher(PoseStamped, "/tool_pose", 1)
        for topic, kind in (
            ("/servo/cmd", TwistStamped),
            ("/array", Float64MultiArray),
            ("/arm/joint_trajectory", JointTrajectory),
            ("/pumice/beacon", PointStamped),
        ):
            self.create_subscription(kind, topic, lambda message, topic=topic: self.tell(topic, message), 1000)
        self.create_subscription(
            TwistStamped, "/servo_node/delta_twist_cmds", lambda message: self.arm.take(message, self.now_s()), 1000
        )
        self.create_service(SetBool, "/estop", self.set_stop)
        self.create_timer(0.005, self.step)
        self.create_timer(0.02, self.say_joints)
        self.create_timer(0.1, self.say_camera)
        self.create_timer(0.01, self.say_third)
        self.create_timer(0.2, self.say_raw)
        self.create_timer(0.05, self.say_person)

    def stamp(self):
        return (self.get_clock().now() + Duration(seconds=self.lies["aheadS"])).to_msg()

    def now_s(self):
        return self.get_clock().now().nanoseconds / 1e9

    def step(self):
        now_s = self.now_s()
        # A machine that was busy makes one long step; no step may be so long that it is no motion.
        self.arm.step(now_s, min(0.05, now_s - self.stepped_s))
        self.stepped_s = now_s

    def tell(self, topic, message):
        now_ns = self.get_clock().now().nanoseconds
        line = {"topic": topic, "message": plain(message)}
        if hasattr(message, "header"):
            stamp = message.header.stamp
            line["ageMs"] = (now_ns - stamp.sec * 10**9 - stamp.nanosec) / 1e6
        print(json.dumps(line), flush=True)

    def set_stop(self, request, response):
        self.arm.is_stopped = request.data
        response.success = True
        response.message = "stopped" if request.data else "released"
        return response

    def say_joints(self):
        message = JointState()
        message.header.stamp = self.stamp()
        message.name = self.lies["joints"]
        message.position = [0.04 if joint == "finger" else 0.1 for joint in message.name]
        message.velocity = [0.0] * len(message.name)
        for _ in range(self.lies["flood"]):
            self.joints.publish(message)
        pose = PoseStamped()
        pose.header.stamp = message.header.stamp
        pose.header.frame_id = self.lies["frame"]
        pose.pose.position.x, pose.pose.position.y, pose.pose.position.z = self.arm.position
        if self.lies["isNan"]:
            pose.pose.position.x = math.nan
        pose.pose.orientation.x = 1.0
        pose.pose.orientation.w = 0.0
        self.pose.publish(pose)
        speed = math.hypot(*self.arm.velocity)
        x, y, _ = self.arm.position
        said = {"atMs": self.now_s() * 1000, "x": x, "y": y, "speed": speed, **self.arm.counts}
        print(json.dumps({"arm": said}), flush=True)

    def say_person(self):
        if self.lies["joy"] is not None:
            message = Joy()
            message.header.stamp = self.stamp()
            message.axes, message.buttons = self.lies["joy"]
            self.joystick.publish(message)
        if self.lies["twist"] is not None:
            message = TwistStamped()
            message.header.stamp = self.stamp()
            message.header.frame_id = "base"
            message.twist.linear.x = self.lies["twist"]
            self.twists.publish(message)

    def say_raw(self):
        if self.raw.get_subscription_count() == 0:
            return
        message = Image()
        message.header.stamp = self.get_clock().now().to_msg()
        message.header.frame_id = "camera"
        message.width, message.height, message.step = RAW_WIDTH, RAW_HEIGHT, 3 * RAW_WIDTH + RAW_GAP
        message.encoding = "bgr8"
        # An array is taken as it is, where bytes are looked at one by one.
        message.data = array.array("B", RAW)
        self.raw.publish(message)

    def say_camera(self):
        message = CompressedImage()
        message.header.stamp = self.get_clock().now().to_msg()
        message.format = "jpeg"
        message.data = PICTURE
        self.camera.publish(message)
        self.stop.publish(Bool(data=self.arm.is_stopped))

    def say_third(self):
        hz = self.lies["pictureHz"]
        if not self.jpeg or hz <= 0 or self.now_s() - self.pictured_s < 0.95 / hz:
            return
        self.pictured_s = self.now_s()
        message = CompressedImage()
        message.header.stamp = self.stamp()
        message.format = "jpeg"
        message.data = self.jpeg
        self.third.publish(message)


rclpy.init()
node = Counter()


def listen():
    for line in sys.stdin:
        node.lies = {**node.lies, **json.loads(line)}


threading.Thread(target=listen, daemon=True).start()
print(json.dumps({"ready": True}), flush=True)
try:
    rclpy.spin(node)
except (KeyboardInterrupt, rclpy.executors.ExternalShutdownException):
    sys.exit(0)
