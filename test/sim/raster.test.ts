import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Camera,
  cameraLookingAt,
  createRasteriser,
  type Geom,
  intrinsicsOf,
  type Mesh,
  meshOf,
  type Picture,
  projectPoint,
  type Scene,
  type Shape,
} from '../../envs/sim/raster/index.ts';
import { randomFrom } from '../random.ts';
import { against, box, desk, geomOf, RED_BLOCK, TABLE, TURNED, UPRIGHT } from './desk.ts';

const small = createRasteriser({ widthPx: 64, heightPx: 48, samples: 2 });
const large = createRasteriser({ widthPx: 224, heightPx: 224, samples: 2 });
const hashOf = ({ rgb, segmentation, depthM }: Picture) =>
  [rgb, segmentation, depthM].map((bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)).join(' ');
/** Index of the pixel in which a point is seen. */
const pixelOf = ({ camera }: Scene, widthPx: number, heightPx: number, pM: readonly number[]) => {
  const [x, y] = projectPoint(camera, widthPx, heightPx, pM);
  return Math.floor(y) * widthPx + Math.floor(x);
};
const brightness = ({ rgb }: Picture, pixel: number) => rgb[3 * pixel]! + rgb[3 * pixel + 1]! + rgb[3 * pixel + 2]!;
const middle = 24 * 64 + 32;

describe('what is seen', () => {
  it('a box in front hides the one behind, whichever is given first', () => {
    const front = geomOf(1, box(0.05, 0.05, 0.05), [0.2, 0, 0], [1, 0, 0]);
    const behind = geomOf(2, box(0.05, 0.15, 0.15), [-0.2, 0, 0], [0, 1, 0]);
    for (const geoms of [
      [front, behind],
      [behind, front],
    ]) {
      const { segmentation, rgb } = small.draw(against(geoms));
      expect(segmentation[middle]).toBe(1);
      expect(rgb[3 * middle]).toBeGreaterThan(rgb[3 * middle + 1]!);
      expect(new Set(segmentation)).toEqual(new Set([-1, 1, 2]));
    }
  });

  it('the middle of a geom is segmented in the pixel where projectPoint says it is', () => {
    const place = fc.tuple(fc.integer({ min: -12, max: 12 }), fc.integer({ min: -12, max: 12 }));
    fc.assert(
      fc.property(fc.uniqueArray(place, { maxLength: 20, selector: String }), (places) => {
        const balls = places.map(([y, z], id) =>
          geomOf(id, { type: 'sphere', radiusM: 0.01 }, [0, y / 40, z / 40], [1, 1, 1]),
        );
        const scene = { ...against(balls), camera: { ...cameraLookingAt([1, 0, 0], [0, 0, 0]), fovyRad: 0.8 } };
        const { segmentation } = large.draw(scene);
        return balls.every(({ id, positionM }) => {
          return segmentation[pixelOf(scene, 224, 224, positionM as number[])] === id;
        });
      }),
      { numRuns: 30 },
    );
  });

  it('depth is that of the surface, and infinite where there is none', () => {
    const { depthM } = small.draw(against([geomOf(1, box(0.1, 0.1, 0.1), [0, 0, 0], [1, 1, 1])]));
    expect(depthM[middle]).toBeCloseTo(0.9, 6);
    expect(depthM[0]).toBe(Infinity);
  });

  it('the intrinsics are those of the projection', () => {
    const camera: Camera = { positionM: [0, 0, 0], rotation: UPRIGHT, fovyRad: 2 * Math.atan(0.5) };
    const { fxPx, fyPx, cxPx, cyPx } = intrinsicsOf(camera, 200, 100);
    expect([fxPx, fyPx, cxPx, cyPx].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([100, 100, 100, 50]);
    const [x, y, depth] = projectPoint(camera, 200, 100, [0.3, 0.2, -2]);
    expect([x, y, depth].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([115, 40, 2]);
  });

  it('a camera that looks straight down has world x to the top of its picture', () => {
    const camera = { ...cameraLookingAt([0.4, 0, 1], [0.4, 0, 0]), fovyRad: 1 };
    const [x, y] = projectPoint(camera, 100, 100, [0.5, 0, 0]);
    expect(x).toBeCloseTo(50, 6);
    expect(y).toBeLessThan(50);
  });

  it('more geoms than a picture can tell apart are refused', () => {
    const many = Array.from({ length: 128 }, (_, id) => geomOf(id, box(0.1, 0.1, 0.1), [0, 0, 0], [1, 1, 1]));
    expect(() => small.draw(against(many))).toThrow('at most 127 geoms, got 128');
    expect(small.draw(against(many.slice(1))).segmentation[middle]).toBeGreaterThan(0);
  });
});

describe('every pixel', () => {
  const [width, height] = [48, 36];
  const tiny = createRasteriser({ widthPx: width, heightPx: height, samples: 2 });
  /** Drawn evenly: the corner values of fast-check make faces coincide, and either may then be seen. */
  const scenes = fc.integer({ min: 0 }).map((seed) => {
    const random = randomFrom(seed);
    const between = (min: number, max: number) => min + (max - min) * random();
    const triple = (min: number, max: number) => [between(min, max), between(min, max), between(min, max)] as const;
    const geoms = Array.from({ length: 1 + Math.floor(between(0, 6)) }, (_, id) =>
      geomOf(id, box(...triple(0.05, 0.5)), triple(-0.6, 0.6), [1, 1, 1], random() < 0.5 ? TURNED : UPRIGHT),
    );
    return {
      ...against(geoms),
      camera: { ...cameraLookingAt(triple(-0.6, 0.6), triple(-0.6, 0.6)), fovyRad: 1.2 },
    };
  });

  /** Boxes met by the ray through each pixel, worked out one by one. */
  function rayCast({ geoms, camera }: Scene): Int16Array {
    const ids = new Int16Array(width * height);
    const { fxPx, cxPx, cyPx } = intrinsicsOf(camera, width, height);
    for (let pixel = 0; pixel < ids.length; pixel++) {
      const ray = [((pixel % width) + 0.5 - cxPx) / fxPx, (cyPx - Math.floor(pixel / width) - 0.5) / fxPx, -1];
      const r = camera.rotation;
      const along = [0, 3, 6].map((row) => r[row]! * ray[0]! + r[row + 1]! * ray[1]! + r[row + 2]! * ray[2]!);
      let nearest = Infinity;
      ids[pixel] = -1;
      for (const geom of geoms) {
        const depth = entryDepth(geom, camera.positionM, along);
        if (depth < nearest) {
          nearest = depth;
          ids[pixel] = geom.id;
        }
      }
    }
    return ids;
  }

  /** Depth at which a ray enters a box from before the near plane; infinite if it does not. */
  function entryDepth({ mesh, positionM, rotation: r }: Geom, eye: ArrayLike<number>, along: number[]): number {
    let [enter, leave] = [-Infinity, Infinity];
    for (let axis = 0; axis < 3; axis++) {
      const local = (v: (i: number) => number) => r[axis]! * v(0) + r[3 + axis]! * v(1) + r[6 + axis]! * v(2);
      const start = local((i) => eye[i]! - positionM[i]!);
      const speed = local((i) => along[i]!);
      const half = mesh.extentM[axis]!;
      const [one, other] = [(-half - start) / speed, (half - start) / speed];
      enter = Math.max(enter, Math.min(one, other));
      leave = Math.min(leave, Math.max(one, other));
    }
    return enter >= 0.01 && enter < leave ? enter : Infinity;
  }

  /** Pixels that differ from those of the rays, where all neighbours are of one geom: borders may round otherwise. */
  function differences(picture: ArrayLike<number>, rays: ArrayLike<number>): number {
    let count = 0;
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        const at = y * width + x;
        const around = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1];
        if (around.every((step) => rays[at + step] === rays[at]) && picture[at] !== rays[at]) count++;
      }
    }
    return count;
  }

  it('shows what a ray through its middle meets first, also where the near plane cuts boxes', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        expect(differences(tiny.draw(scene).segmentation, rayCast(scene))).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('is compared with rays in earnest: rays from 5 cm aside see something else', () => {
    const scene = against([geomOf(1, box(0.1, 0.1, 0.1), [0.5, 0, 0], [1, 1, 1])]);
    const { segmentation } = tiny.draw(scene);
    expect(differences(segmentation, rayCast(scene))).toBe(0);
    const aside = { ...scene, camera: { ...scene.camera, positionM: [1, 0.05, 0] } };
    expect(differences(segmentation, rayCast(aside))).toBeGreaterThan(5);
  });

  const place = fc.double({ min: -0.4, max: 0.4, noNaN: true });
  it('inside a round thing belongs to it: neighbouring triangles leave no hole', () => {
    fc.assert(
      fc.property(
        place,
        place,
        fc.double({ min: 0.03, max: 0.4, noNaN: true }),
        fc.boolean(),
        (y, z, radiusM, turned) => {
          const shape: Shape = { type: 'capsule', radiusM, halfLengthM: 0.1 };
          const scene = against([geomOf(1, shape, [-0.1, y, z], [1, 1, 1], turned ? TURNED : UPRIGHT)]);
          const { segmentation } = tiny.draw(scene);
          for (let y = 0; y < height; y++) {
            const row = Array.from(segmentation.subarray(y * width, (y + 1) * width), (id) =>
              id === 1 ? '#' : '.',
            ).join('');
            expect(row).toMatch(/^\.*#*\.*$/);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('a triangle through the near plane is cut there, not dropped', () => {
    // The floor reaches from far behind the camera to far before it: the plane cuts both triangles of its top.
    const floor = geomOf(3, box(5, 5, 0.1), [0, 0, -0.3], [1, 1, 1]);
    const { segmentation } = tiny.draw(against([floor]));
    const row = (y: number) => new Set(segmentation.subarray(y * width, (y + 1) * width));
    expect(row(height - 1)).toEqual(new Set([3]));
    expect(row(0)).toEqual(new Set([-1]));
  });
});

describe('light', () => {
  it('the shadow of a block on the table is darker than the table without it', () => {
    const scene = desk('third');
    const block = scene.geoms.find(({ id }) => id === RED_BLOCK)!;
    // Beside the block, away from the light.
    const shaded = pixelOf(scene, 224, 224, [0.45, 0.022, 0]);
    const casting = large.draw(scene);
    expect(casting.segmentation[shaded]).toBe(TABLE);
    const dark = brightness(casting, shaded);
    const without = scene.geoms.map((geom) => (geom === block ? { ...geom, castsShadow: false } : geom));
    expect(dark).toBeLessThan(0.85 * brightness(large.draw({ ...scene, geoms: without }), shaded));
  });

  it('a shadow falls on a plate too', () => {
    const scene = desk('third');
    const over = geomOf(20, box(0.02, 0.02, 0.02), [0.54 + 0.25 / 4.5, 0.15 + 0.35 / 4.5, 0.206], [1, 1, 1]);
    const plate = pixelOf(scene, 224, 224, [0.54, 0.15, 0.006]);
    const lit = brightness(large.draw(scene), plate);
    expect(brightness(large.draw(desk('third', [...scene.geoms, over])), plate)).toBeLessThan(0.9 * lit);
  });

  it('a side that faces the light is brighter than one that does not', () => {
    const cube = geomOf(1, box(0.1, 0.1, 0.1), [0, 0, 0], [0.5, 0.5, 0.5]);
    const scene = against([cube]);
    const facing = brightness(small.draw(scene), middle);
    const away = { direction: [-1, 0, 0.2], ambient: 0.5 };
    expect(brightness(small.draw({ ...scene, light: away }), middle)).toBeLessThan(0.7 * facing);
  });

  it('a light from below the table casts no shadow', () => {
    const scene = { ...desk('third'), light: { direction: [0, 0, -1], ambient: 0.5 } };
    const without = { ...scene, geoms: scene.geoms.map((geom) => ({ ...geom, castsShadow: false })) };
    expect(hashOf(large.draw(scene))).toBe(hashOf(large.draw(without)));
  });
});

describe('edges', () => {
  const greys = (samples: 1 | 2) => {
    const scene = against([geomOf(1, box(0.1, 0.1, 0.1), [0, 0, 0], [1, 1, 1], TURNED)]);
    const { rgb } = createRasteriser({ widthPx: 64, heightPx: 64, samples }).draw({
      ...scene,
      light: { direction: [1, 0, 0], ambient: 1 },
      camera: { ...scene.camera, rotation: [0, 0, 1, 0.8, -0.6, 0, 0.6, 0.8, 0] },
    });
    return new Set(rgb).size;
  };

  it('are smooth with two samples per axis: shades between inside and outside', () => {
    expect(greys(2)).toBeGreaterThan(8);
  });

  it('are hard with one sample: inside and outside only', () => {
    expect(greys(1)).toBe(2);
  });
});

describe('the same numbers', () => {
  it('give the same bytes, also after other pictures in between and from another rasteriser', () => {
    const first = hashOf(large.draw(desk('third')));
    large.draw(desk('wrist'));
    large.draw({ ...desk('third', []), light: { direction: [0, 0, -1], ambient: 1 }, backgroundRgb: [1, 0, 1] });
    expect(hashOf(large.draw(desk('third')))).toBe(first);
    const other = createRasteriser({ widthPx: 224, heightPx: 224, samples: 2 });
    expect(hashOf(other.draw(desk('third')))).toBe(first);
  });

  it.each([
    ['third', 224, '79d7f70c062663ce 5e25ff6ddc433155 688c8a7b71126908'],
    ['wrist', 224, '089c5b48d0073be5 5831869ba2bcb627 7257c2eee4750808'],
    ['third', 128, 'd0533904211ea498 4d3b378fd2432ae9 03080c11b226c6ec'],
    ['wrist', 128, '1519b51756da82d4 31ad79eda6ee831e 76e89a28ec9f75b2'],
  ] as const)('give the golden picture: %s camera, %i pixels', (look, size, golden) => {
    const rasteriser = createRasteriser({ widthPx: size, heightPx: size, samples: 2 });
    expect(hashOf(rasteriser.draw(desk(look)))).toBe(golden);
  });
});

describe('meshes', () => {
  const shapes: Record<Shape['type'], readonly [Shape, volumeM3: number]> = {
    box: [box(0.1, 0.2, 0.3), 8 * 0.006],
    cylinder: [{ type: 'cylinder', radiusM: 0.2, halfHeightM: 0.3 }, Math.PI * 0.04 * 0.6],
    capsule: [{ type: 'capsule', radiusM: 0.2, halfLengthM: 0.3 }, Math.PI * 0.04 * 0.6 + (4 / 3) * Math.PI * 0.008],
    sphere: [{ type: 'sphere', radiusM: 0.2 }, (4 / 3) * Math.PI * 0.008],
  };
  const corner = ({ verticesM }: Mesh, index: number) => Array.from(verticesM.subarray(3 * index, 3 * index + 3));

  it.each(Object.entries(shapes))(
    '%s: closed, with the outside outside, and as large as it should be',
    (_, [shape, volume]) => {
      const mesh = meshOf(shape);
      const edges = new Map<string, number>();
      let sixfold = 0;
      for (let t = 0; t < mesh.triangles.length; t += 3) {
        const [a, b, c] = [0, 1, 2].map((i) => corner(mesh, mesh.triangles[t + i]!)) as [number[], number[], number[]];
        sixfold += a[0]! * (b[1]! * c[2]! - b[2]! * c[1]!) + a[1]! * (b[2]! * c[0]! - b[0]! * c[2]!);
        sixfold += a[2]! * (b[0]! * c[1]! - b[1]! * c[0]!);
        for (const [from, to] of [
          [a, b],
          [b, c],
          [c, a],
        ] as const) {
          const key = [from, to].map((p) => p.map((value) => Math.round(value * 1e6) + 0).join()).join(' ');
          edges.set(key, (edges.get(key) ?? 0) + 1);
        }
      }
      const isPaired = ([key, count]: [string, number]) =>
        count === 1 && edges.get(key.split(' ').reverse().join(' ')) === 1;
      expect([...edges].filter((edge) => !isPaired(edge))).toEqual([]);
      expect(sixfold / 6).toBeGreaterThan(0.94 * volume);
      expect(sixfold / 6).toBeLessThan(1.0001 * volume);
    },
  );

  it.each(Object.entries(shapes))('%s: normals are of length 1 and point outwards', (_, [shape]) => {
    const mesh = meshOf(shape);
    for (let i = 0; i < mesh.normals.length; i += 3) {
      const normal = mesh.normals.subarray(i, i + 3);
      const vertex = mesh.verticesM.subarray(i, i + 3);
      expect(Math.hypot(...normal)).toBeCloseTo(1, 5);
      expect(normal[0]! * vertex[0]! + normal[1]! * vertex[1]! + normal[2]! * vertex[2]!).toBeGreaterThan(0);
    }
  });
});
