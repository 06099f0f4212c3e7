/**
 * The tool in its workspace, drawn by three.js: where it went, is, and is to be, what it is kept in and out of, and where its cameras
 * stand. Knows nothing of runs: it is given what to draw, and draws when that, the view or the size has changed. Frame of the limits, z up.
 */
import * as three from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import type { Box } from '../../ports.ts';
import type { Pose } from '../../record/report/pose.ts';

type Vec3 = readonly [number, number, number];

export interface Spot extends Pose {
  readonly gripperOpen: number;
}
/** What is drawn. Lengths in metres. */
export interface Space {
  /** Where the tool was, the oldest first. */
  readonly path: readonly Vec3[];
  readonly tool: Spot | undefined;
  /** Where the action leads, in the colour of its verdict. */
  readonly target: Spot | undefined;
  readonly verdict: string;
  readonly workspace: Box;
  readonly keepOut: readonly Box[];
  readonly cameras: readonly Pose[];
}
export type Side = 'from the side' | 'from the front' | 'from above';

export interface SpaceScene {
  readonly show: (space: Space) => void;
  readonly lookFrom: (side: Side) => void;
  readonly close: () => void;
}

/** Directions to look from: x is forward, y left, z up. */
const FROM: Readonly<Record<Side, Vec3>> = {
  'from the side': [0.75, -1, 0.75],
  'from the front': [1, 0, 0.25],
  'from above': [-0.01, 0, 1],
};
/** Chosen: all of a workspace is seen with some room around it. */
const DISTANCE = 1.1;
const FIELD_DEG = 40;
/** Sizes of what has none of its own, m. */
const AXIS_M = 0.06;
const FINGER_M = 0.05;
const CAMERA_M = 0.05;
/** Opening that is drawn for a hand that is open, m: none is known for every robot. */
const OPEN_M = 0.06;

const at = (box: Box): [size: three.Vector3, middle: three.Vector3] => {
  const [low, high] = [new three.Vector3(...box.minM), new three.Vector3(...box.maxM)];
  return [high.clone().sub(low), high.clone().add(low).multiplyScalar(0.5)];
};
const lines = (points: readonly Vec3[], colour: string): three.LineSegments =>
  new three.LineSegments(
    new three.BufferGeometry().setFromPoints(points.map((point) => new three.Vector3(...point))),
    new three.LineBasicMaterial({ color: colour }),
  );

function edges(box: Box, colour: string): three.LineSegments {
  const [size, middle] = at(box);
  const drawn = new three.LineSegments(
    new three.EdgesGeometry(new three.BoxGeometry(size.x, size.y, size.z)),
    new three.LineBasicMaterial({ color: colour }),
  );
  drawn.position.copy(middle);
  return drawn;
}

function block(box: Box, colour: string): three.Mesh {
  const [size, middle] = at(box);
  const drawn = new three.Mesh(
    new three.BoxGeometry(size.x, size.y, size.z),
    new three.MeshBasicMaterial({ color: colour, transparent: true, opacity: 0.25, depthWrite: false }),
  );
  drawn.position.copy(middle);
  return drawn;
}

/** A tool: its axes, and two fingers along its z, so far apart as its hand is open. */
function tool({ pM, qXyzw, gripperOpen }: Spot, colour: string, hasAxes: boolean): three.Group {
  const group = new three.Group();
  const half = (OPEN_M * gripperOpen) / 2 + 0.004;
  for (const side of [-half, half]) {
    const finger = new three.Mesh(
      new three.BoxGeometry(0.016, 0.008, FINGER_M),
      new three.MeshBasicMaterial({ color: colour }),
    );
    finger.position.set(0, side, -FINGER_M / 2);
    group.add(finger);
  }
  const palm: readonly Vec3[] = [
    [0, -half, -FINGER_M],
    [0, half, -FINGER_M],
  ];
  group.add(lines(palm, colour));
  if (hasAxes) group.add(new three.AxesHelper(AXIS_M));
  group.position.set(...pM);
  group.quaternion.set(...qXyzw);
  return group;
}

/** A camera: a pyramid that opens along its z, as optical frames do. */
function camera({ pM, qXyzw }: Pose, colour: string): three.Group {
  const [w, h] = [0.6 * CAMERA_M, 0.45 * CAMERA_M];
  const corners: readonly Vec3[] = [
    [-w, -h, CAMERA_M],
    [w, -h, CAMERA_M],
    [w, h, CAMERA_M],
    [-w, h, CAMERA_M],
  ];
  const sides = corners.flatMap((corner, index): Vec3[] => [[0, 0, 0], corner, corner, corners[(index + 1) % 4]!]);
  const group = new three.Group();
  group.add(lines(sides, colour));
  group.position.set(...pM);
  group.quaternion.set(...qXyzw);
  return group;
}

function forget(group: three.Group): void {
  group.traverse((part) => {
    if (!(part instanceof three.Mesh || part instanceof three.LineSegments || part instanceof three.Line)) return;
    part.geometry.dispose();
    part.material.dispose();
  });
  group.clear();
}

/**
 * @param colourOf - a colour of the style sheet by its name: it is another one in the dark.
 * @throws where the browser has no WebGL.
 */
export function createSpaceScene(canvas: HTMLCanvasElement, colourOf: (name: string) => string): SpaceScene {
  const renderer = new three.WebGLRenderer({ canvas, antialias: true, alpha: true });
  const scene = new three.Scene();
  const content = new three.Group();
  scene.add(content);
  const eye = new three.PerspectiveCamera(FIELD_DEG, 1, 0.01, 100);
  eye.up.set(0, 0, 1);
  const orbit = new OrbitControls(eye, canvas);
  // A wheel scrolls the page, over a picture too.
  orbit.enableZoom = false;
  orbit.enablePan = false;
  orbit.enableDamping = false;
  let asked = 0;
  let around: Box | undefined;
  const draw = () => {
    asked = 0;
    renderer.render(scene, eye);
  };
  const redraw = () => {
    asked ||= requestAnimationFrame(draw);
  };
  orbit.addEventListener('change', redraw);
  const resize = () => {
    const { clientWidth, clientHeight } = canvas;
    renderer.setPixelRatio(devicePixelRatio);
    renderer.setSize(clientWidth, clientHeight, false);
    eye.aspect = clientWidth / Math.max(1, clientHeight);
    eye.updateProjectionMatrix();
    redraw();
  };
  const resized = new ResizeObserver(resize);
  resized.observe(canvas);
  const dark = matchMedia('(prefers-color-scheme: dark)');

  const lookFrom = (side: Side) => {
    if (!around) return;
    const [size, middle] = at(around);
    const far = (size.length() / 2 / Math.tan((FIELD_DEG * Math.PI) / 360)) * DISTANCE;
    orbit.target.copy(middle);
    eye.position.copy(new three.Vector3(...FROM[side]).normalize().multiplyScalar(far).add(middle));
    orbit.update();
    redraw();
  };
  let shown: Space | undefined;
  const show = (space: Space) => {
    shown = space;
    const { path, workspace, keepOut, cameras, target, verdict } = space;
    forget(content);
    const floor = new three.GridHelper(2, 20, colourOf('line'), colourOf('line'));
    floor.rotation.x = Math.PI / 2;
    floor.position.set(at(workspace)[1].x, at(workspace)[1].y, workspace.minM[2]);
    content.add(floor, new three.AxesHelper(2 * AXIS_M), edges(workspace, colourOf('soft')));
    for (const box of keepOut) content.add(block(box, colourOf('deny')), edges(box, colourOf('deny')));
    for (const one of cameras) content.add(camera(one, colourOf('soft')));
    const ways = path.slice(1).flatMap((to, index): Vec3[] => [path[index]!, to]);
    content.add(lines(ways, colourOf('link')));
    if (space.tool) content.add(tool(space.tool, colourOf('text'), true));
    if (target) content.add(tool(target, colourOf(verdict), false));
    if (target && space.tool) content.add(lines([space.tool.pM, target.pM], colourOf(verdict)));
    if (!around || String(around.maxM) !== String(workspace.maxM)) {
      around = workspace;
      lookFrom('from the side');
    }
    redraw();
  };
  const recolour = () => shown && show(shown);
  dark.addEventListener('change', recolour);
  resize();
  return {
    show,
    lookFrom,
    close: () => {
      cancelAnimationFrame(asked);
      resized.disconnect();
      dark.removeEventListener('change', recolour);
      orbit.dispose();
      forget(content);
      renderer.dispose();
    },
  };
}
