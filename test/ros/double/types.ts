/**
 * The message types that the double knows, as templates whose values are what the canonical bridge fills in for a field that is missing:
 * zeros. Fields: common_interfaces of ROS 2 Jazzy; ROS 1 differs in stamps and `seq`.
 */

export type Value = number | string | boolean | Uint8Array | readonly Value[] | { readonly [field: string]: Value };
/** `[template]`: any number of these. A `Uint8Array` is base64 in JSON. */
type Template = number | string | boolean | Uint8Array | readonly Template[] | { readonly [field: string]: Template };

const STAMP = { 1: { secs: 0, nsecs: 0 }, 2: { sec: 0, nanosec: 0 } } as const;
const xyz = { x: 0, y: 0, z: 0 };
const bytes = new Uint8Array();

const templates = (ros: 1 | 2): Readonly<Record<string, Template>> => {
  const header = { ...(ros === 1 && { seq: 0 }), stamp: STAMP[ros], frame_id: '' };
  const layout = { dim: [{ label: '', size: 0, stride: 0 }], data_offset: 0 };
  const point = { positions: [0], velocities: [0], accelerations: [0], effort: [0], time_from_start: STAMP[ros] };
  return {
    'std_msgs/String': { data: '' },
    'std_msgs/Bool': { data: false },
    'std_msgs/Float64': { data: 0 },
    'std_msgs/Float64MultiArray': { layout, data: [0] },
    'geometry_msgs/TwistStamped': { header, twist: { linear: xyz, angular: xyz } },
    'geometry_msgs/PoseStamped': { header, pose: { position: xyz, orientation: { ...xyz, w: 0 } } },
    'geometry_msgs/PointStamped': { header, point: xyz },
    'trajectory_msgs/JointTrajectory': { header, joint_names: [''], points: [point] },
    'sensor_msgs/JointState': { header, name: [''], position: [0], velocity: [0], effort: [0] },
    'sensor_msgs/Joy': { header, axes: [0], buttons: [0] },
    'sensor_msgs/CompressedImage': { header, format: '', data: bytes },
    'sensor_msgs/Image': { header, height: 0, width: 0, encoding: '', is_bigendian: 0, step: 0, data: bytes },
    'tf2_msgs/TFMessage': {
      transforms: [{ header, child_frame_id: '', transform: { translation: xyz, rotation: { ...xyz, w: 0 } } }],
    },
    'diagnostic_msgs/DiagnosticArray': {
      header,
      status: [{ level: 0, name: '', message: '', hardware_id: '', values: [{ key: '', value: '' }] }],
    },
  };
};

/** `geometry_msgs/msg/TwistStamped` and `geometry_msgs/TwistStamped` are the same. */
export const plainName = (type: string): string => type.replace(/\/(msg|srv|action)\//, '/');

export const templateOf = (ros: 1 | 2, type: string): Template | undefined => templates(ros)[plainName(type)];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/**
 * A message as the node gets it: zeros for what is missing, the bridge's time for a header without a stamp.
 *
 * @throws Error where the canonical bridge writes into its log, and tells the sender nothing.
 */
export function filled(template: Template, given: unknown, nowStamp: Value, path = ''): Value {
  if (template instanceof Uint8Array) {
    if (given instanceof Uint8Array) return given;
    if (given === undefined) return new Uint8Array();
    if (typeof given !== 'string') throw new Error(`${path} is not base64`);
    return Uint8Array.from(Buffer.from(given, 'base64'));
  }
  if (Array.isArray(template)) {
    if (given === undefined) return [];
    if (!Array.isArray(given)) throw new Error(`${path} is not a list`);
    return given.map((item, at) => filled(template[0]!, item, nowStamp, `${path}[${at}]`));
  }
  if (isRecord(template)) {
    if (given !== undefined && !isRecord(given)) throw new Error(`${path} is not a message`);
    for (const field of Object.keys(given ?? {}))
      if (!(field in template)) throw new Error(`does not have a field ${path}.${field}`);
    const isHeader = 'frame_id' in template && 'stamp' in template;
    return Object.fromEntries(
      Object.entries(template).map(([field, inner]) => {
        const value = given?.[field];
        if (isHeader && field === 'stamp' && value === undefined) return [field, nowStamp];
        return [field, filled(inner as Template, value, nowStamp, `${path}.${field}`)];
      }),
    );
  }
  if (given === undefined) return template as Value;
  // Python's float: `null` and text are none, NaN and Infinity are.
  if (typeof given !== typeof template) throw new Error(`${path} is ${typeof given}, not ${typeof template}`);
  return given as Value;
}

/** As the bridge writes it in JSON: what is not finite becomes null, bytes become base64. */
export const asJson = (value: Value): unknown =>
  value instanceof Uint8Array
    ? Buffer.from(value).toString('base64')
    : Array.isArray(value)
      ? value.map(asJson)
      : isRecord(value)
        ? Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, asJson(inner as Value)]))
        : value;
