/** How ROS 1 and ROS 2 write the same thing: names of types, and stamps. Inside, names are `package/Type` and stamps are milliseconds. */

export type RosVersion = 1 | 2;

/** `geometry_msgs/TwistStamped` as this version writes it; rosbridge takes only the version's own form everywhere. */
export const typeName = (ros: RosVersion, name: string, folder: 'msg' | 'srv' | 'action'): string =>
  ros === 1 ? name : name.replace('/', `/${folder}/`);

const NS_PER_MS = 1_000_000;
const MS_PER_S = 1000;

export type RosTime =
  | { readonly sec: number; readonly nanosec: number }
  | { readonly secs: number; readonly nsecs: number };

/** Milliseconds since 1970 as this version writes a time or a duration; of a millisecond as much is kept as a double holds. */
export function timeOf(ros: RosVersion, ms: number): RosTime {
  let seconds = Math.floor(ms / MS_PER_S);
  let nanoseconds = Math.round((ms - seconds * MS_PER_S) * NS_PER_MS);
  if (nanoseconds === MS_PER_S * NS_PER_MS) [seconds, nanoseconds] = [seconds + 1, 0];
  return ros === 1 ? { secs: seconds, nsecs: nanoseconds } : { sec: seconds, nanosec: nanoseconds };
}

export const msOf = (time: RosTime): number =>
  'sec' in time ? time.sec * MS_PER_S + time.nanosec / NS_PER_MS : time.secs * MS_PER_S + time.nsecs / NS_PER_MS;
