/**
 * Triangle meshes of the primitives of MuJoCo, with the sizes MuJoCo uses (half lengths, axis along z).
 * It does not know where a geom stands or what colour it has.
 */

export type Shape =
  | { readonly type: 'box'; readonly halfSizeM: readonly [number, number, number] }
  | { readonly type: 'cylinder'; readonly radiusM: number; readonly halfHeightM: number }
  /** `halfLengthM` is that of the straight part, without the round ends. */
  | { readonly type: 'capsule'; readonly radiusM: number; readonly halfLengthM: number }
  | { readonly type: 'sphere'; readonly radiusM: number };

/** A closed surface. Seen from outside, the corners of each triangle run counter-clockwise. */
export interface Mesh {
  /** `[n, 3]`, m. */
  readonly verticesM: Float64Array;
  /** `[n, 3]`, of length 1, outwards. */
  readonly normals: Float64Array;
  /** `[m, 3]`, indices of vertices. */
  readonly triangles: Uint16Array;
  /** Radius of the sphere about the origin that holds all vertices, m. */
  readonly radiusM: number;
  /** Half lengths of the box about the origin that holds all vertices, m. */
  readonly extentM: Float64Array;
  /** Whether a gleam shows on it: it is round all over, with no flat part that would gleam as a whole. */
  readonly gleams: boolean;
}

/** Corners of a circle. Chosen: hardly a corner shows on a plate that fills the wrist camera. */
const SEGMENTS = 32;
/** Corners of the same for what is round all over, where smooth shading hides them. */
const ROUND_SEGMENTS = 20;
/** Rings of a half sphere, the pole included. */
const CAP_RINGS = 4;

/** A point of an outline that turns about z: distance from the axis, height, and the normal there. */
type Profile = readonly [radiusM: number, zM: number, normalOut: number, normalUp: number];

/** The mesh of a primitive. */
export function meshOf(shape: Shape): Mesh {
  switch (shape.type) {
    case 'box':
      return box(shape.halfSizeM);
    case 'cylinder':
      return cylinder(shape.radiusM, shape.halfHeightM);
    case 'capsule':
      return turned([halfRound(shape.radiusM, shape.halfLengthM)], ROUND_SEGMENTS, true);
    case 'sphere':
      return turned([halfRound(shape.radiusM, 0)], ROUND_SEGMENTS, true);
  }
}

/** Engines may differ in the last bits of sine and cosine; rounded to 1e-6 they agree. */
const rounded = (value: number) => Math.round(value * 1e6) / 1e6;

function box(half: readonly number[]): Mesh {
  const vertices: number[] = [];
  const normals: number[] = [];
  const triangles: number[] = [];
  for (let axis = 0; axis < 3; axis++) {
    for (const side of [-1, 1]) {
      const first = vertices.length / 3;
      const u = (axis + 1) % 3;
      const v = (axis + 2) % 3;
      for (const [du, dv] of [
        [-1, -1],
        [1, -1],
        [1, 1],
        [-1, 1],
      ] as const) {
        const corner = [0, 0, 0];
        const normal = [0, 0, 0];
        corner[axis] = side * half[axis]!;
        corner[u] = du * side * half[u]!;
        corner[v] = dv * half[v]!;
        normal[axis] = side;
        vertices.push(...corner);
        normals.push(...normal);
      }
      triangles.push(first, first + 1, first + 2, first, first + 2, first + 3);
    }
  }
  return meshFrom(vertices, normals, triangles, false);
}

function cylinder(radius: number, half: number): Mesh {
  return turned(
    [
      [
        [0, -half, 0, -1],
        [radius, -half, 0, -1],
      ],
      [
        [radius, -half, 1, 0],
        [radius, half, 1, 0],
      ],
      [
        [radius, half, 0, 1],
        [0, half, 0, 1],
      ],
    ],
    SEGMENTS,
    false,
  );
}

/** From the lower pole to the upper one; between the two half circles lies the straight part. */
function halfRound(radius: number, half: number): Profile[] {
  const profile: Profile[] = [];
  for (const end of [-1, 1]) {
    for (let ring = 0; ring <= CAP_RINGS; ring++) {
      const fromEquator = end < 0 ? CAP_RINGS - ring : ring;
      const angle = (fromEquator / CAP_RINGS) * (Math.PI / 2);
      const out = rounded(Math.cos(angle));
      const up = end * rounded(Math.sin(angle));
      if (half === 0 && end > 0 && ring === 0) continue;
      profile.push([radius * out, end * half + radius * up, out, up]);
    }
  }
  return profile;
}

/** Turns outlines about z. Each runs upwards, or on the caps from or to the axis; they share no normals. */
function turned(outlines: readonly (readonly Profile[])[], segments: number, gleams: boolean): Mesh {
  const vertices: number[] = [];
  const normals: number[] = [];
  const triangles: number[] = [];
  for (const outline of outlines) {
    const first = vertices.length / 3;
    for (const [radius, z, out, up] of outline) {
      for (let step = 0; step < segments; step++) {
        const angle = (step / segments) * 2 * Math.PI;
        const cos = rounded(Math.cos(angle));
        const sin = rounded(Math.sin(angle));
        vertices.push(radius * cos, radius * sin, z);
        normals.push(out * cos, out * sin, up);
      }
    }
    for (let ring = 0; ring + 1 < outline.length; ring++) {
      for (let step = 0; step < segments; step++) {
        const a = first + ring * segments + step;
        const b = first + ring * segments + ((step + 1) % segments);
        if (outline[ring]![0] > 0) triangles.push(a, b, b + segments);
        if (outline[ring + 1]![0] > 0) triangles.push(a, b + segments, a + segments);
      }
    }
  }
  return meshFrom(vertices, normals, triangles, gleams);
}

function meshFrom(vertices: number[], normals: number[], triangles: number[], gleams: boolean): Mesh {
  let radiusSquared = 0;
  const extentM = new Float64Array(3);
  for (let i = 0; i < vertices.length; i += 3) {
    const [x, y, z] = [vertices[i]!, vertices[i + 1]!, vertices[i + 2]!];
    radiusSquared = Math.max(radiusSquared, x * x + y * y + z * z);
    for (let axis = 0; axis < 3; axis++) extentM[axis] = Math.max(extentM[axis]!, Math.abs(vertices[i + axis]!));
  }
  return {
    verticesM: Float64Array.from(vertices),
    normals: Float64Array.from(normals),
    triangles: Uint16Array.from(triangles),
    radiusM: Math.sqrt(radiusSquared),
    extentM,
    gleams,
  };
}
