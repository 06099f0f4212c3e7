/**
 * The one door to MuJoCo: compiles a model, steps it, reads poses and contacts. Knows no robot and no task.
 * The official WebAssembly build (`@mujoco/mujoco`), one thread. Its interface is young and its README lags behind the package, so
 * nothing outside this file may call it.
 */
import type { MainModule } from '@mujoco/mujoco';
import { PumiceError } from 'pumice';

export type Kind = 'body' | 'geom' | 'joint' | 'site' | 'actuator';

/** A geom as it was compiled: `type` is MuJoCo's `mjtGeom`, `sizeM` its half sizes, radius and half length, ... */
export interface Geom {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  readonly sizeM: readonly [number, number, number];
  readonly rgb: readonly [number, number, number];
}

/**
 * A compiled model with its state. Arrays are views into the memory of the engine: read them again after every call,
 * since the engine may have moved them.
 */
export interface Physics {
  readonly geoms: readonly Geom[];
  readonly timestepS: number;
  /** @throws PumiceError `env/fault` when the model has none of this name. */
  readonly id: (kind: Kind, name: string) => number;
  /** Places of a joint's numbers in `qpos` and `qvel`. */
  readonly jointAddress: (name: string) => { readonly qpos: number; readonly qvel: number };
  readonly jointRange: (name: string) => readonly [number, number];
  readonly qpos: () => Float64Array;
  readonly qvel: () => Float64Array;
  readonly ctrl: () => Float64Array;
  /** Positions of all geoms, `[ngeom, 3]`, metres in the world, and their rotations, `[ngeom, 9]` row-major. */
  readonly geomPositions: () => Float64Array;
  readonly geomRotations: () => Float64Array;
  readonly sitePosition: (site: number) => readonly [number, number, number];
  readonly siteRotation: (site: number) => readonly number[];
  readonly bodyPosition: (body: number) => readonly [number, number, number];
  readonly bodyRotation: (body: number) => readonly number[];
  /** Pairs of geoms that touch now. */
  readonly contacts: () => readonly (readonly [number, number])[];
  /** Puts everything back to the state in the model. */
  readonly reset: () => void;
  /** Moves a body that has no joint. For the layout before an episode only. */
  readonly placeFixedBody: (body: number, positionM: readonly number[]) => void;
  /** Computes all that follows from `qpos` and `qvel`. */
  readonly forward: () => void;
  readonly step: () => void;
  /** Keeps the whole state. What is returned puts it back, so that what follows is the same again, bit for bit. */
  readonly save: () => () => void;
  /** Whether the engine found its own state to be broken since the last reset: NaN, infinite, or diverging. */
  readonly isBroken: () => boolean;
  /** A second state of the same model for kinematics alone: where a site is for given joints, and how it moves. */
  readonly ghost: (site: number) => Ghost;
  readonly close: () => void;
}

export interface Ghost {
  readonly qpos: () => Float64Array;
  /** Brings the poses up to `qpos`. */
  readonly update: () => void;
  readonly position: () => readonly [number, number, number];
  readonly rotation: () => readonly number[];
  /** Velocity of the site per joint velocity, two `[3, nv]` row-major views: translation and rotation. */
  readonly jacobian: () => { readonly translation: Float64Array; readonly rotation: Float64Array; readonly nv: number };
}

let loading: Promise<MainModule> | undefined;

/** Loads the engine once for the process. It takes some hundred milliseconds. */
async function engine(): Promise<MainModule> {
  loading ??= import('@mujoco/mujoco').then(({ default: load }) => load());
  return loading;
}

/**
 * Compiles a model.
 *
 * @param xml - MJCF, see https://mujoco.readthedocs.io/en/stable/XMLreference.html
 * @throws PumiceError `config/invalid` with the engine's own words when the text is no valid model.
 */
export async function createPhysics(xml: string): Promise<Physics> {
  const mujoco = await engine();
  const model = compile(mujoco, xml);
  const data = new mujoco.MjData(model);
  const objects = {
    body: mujoco.mjtObj.mjOBJ_BODY,
    geom: mujoco.mjtObj.mjOBJ_GEOM,
    joint: mujoco.mjtObj.mjOBJ_JOINT,
    site: mujoco.mjtObj.mjOBJ_SITE,
    actuator: mujoco.mjtObj.mjOBJ_ACTUATOR,
  };
  /** What lies in the engine's memory, which nobody else frees. */
  const owned: { delete(): void }[] = [data, model];
  let steps = 0;
  const id = (kind: Kind, name: string): number => {
    const found = mujoco.mj_name2id(model, objects[kind].value, name);
    if (found < 0) throw new PumiceError('config/invalid', `the model has no ${kind} '${name}'`, { who: 'env sim' });
    return found;
  };
  const types: Int32Array = model.geom_type;
  const sizes: Float64Array = model.geom_size;
  const colours: Float32Array = model.geom_rgba;
  const geoms = Array.from(
    { length: model.ngeom },
    (_, at): Geom => ({
      id: at,
      name: mujoco.mj_id2name(model, objects.geom.value, at) ?? '',
      type: types[at]!,
      sizeM: triple(sizes, at),
      rgb: [colours[4 * at]!, colours[4 * at + 1]!, colours[4 * at + 2]!],
    }),
  );

  return {
    geoms,
    timestepS: model.opt.timestep,
    id,
    jointAddress: (name) => {
      const joint = id('joint', name);
      return { qpos: model.jnt_qposadr[joint], qvel: model.jnt_dofadr[joint] };
    },
    jointRange: (name) => {
      const joint = id('joint', name);
      return [model.jnt_range[2 * joint], model.jnt_range[2 * joint + 1]];
    },
    qpos: () => data.qpos,
    qvel: () => data.qvel,
    ctrl: () => data.ctrl,
    geomPositions: () => data.geom_xpos,
    geomRotations: () => data.geom_xmat,
    sitePosition: (site) => triple(data.site_xpos, site),
    siteRotation: (site) => nine(data.site_xmat, site),
    bodyPosition: (body) => triple(data.xpos, body),
    bodyRotation: (body) => nine(data.xmat, body),
    contacts: () => {
      const contacts = data.contact;
      const pairs = Array.from({ length: contacts.size() }, (_, at): readonly [number, number] => {
        const contact = contacts.get(at)!;
        const pair = [contact.geom1, contact.geom2] as const;
        contact.delete();
        return pair;
      });
      contacts.delete();
      return pairs;
    },
    reset: () => {
      steps = 0;
      mujoco.mj_resetData(model, data);
    },
    placeFixedBody: (body, positionM) => model.body_pos.set(positionM, 3 * body),
    forward: () => mujoco.mj_forward(model, data),
    step: () => {
      steps += 1;
      mujoco.mj_step(model, data);
    },
    save: () => {
      const kept = {
        qpos: data.qpos.slice(),
        qvel: data.qvel.slice(),
        ctrl: data.ctrl.slice(),
        timeS: data.time,
        steps,
      };
      // Where the solver begins: without it, contacts end in other last digits.
      const solver = data.qacc_warmstart.slice();
      return () => {
        data.qpos.set(kept.qpos);
        data.qvel.set(kept.qvel);
        data.ctrl.set(kept.ctrl);
        data.time = kept.timeS;
        steps = kept.steps;
        mujoco.mj_forward(model, data);
        data.qacc_warmstart.set(solver);
      };
    },
    // The engine puts a state that it finds broken back to its beginning, time too; so time is what tells.
    isBroken: () => !(Math.abs(data.time - steps * model.opt.timestep) < model.opt.timestep),
    ghost: (site) => {
      const shadow = new mujoco.MjData(model);
      const translation = new mujoco.DoubleBuffer(3 * model.nv);
      const rotation = new mujoco.DoubleBuffer(3 * model.nv);
      owned.push(shadow, translation, rotation);
      return {
        qpos: () => shadow.qpos,
        update: () => {
          mujoco.mj_kinematics(model, shadow);
          mujoco.mj_comPos(model, shadow);
        },
        position: () => triple(shadow.site_xpos, site),
        rotation: () => nine(shadow.site_xmat, site),
        jacobian: () => {
          mujoco.mj_jacSite(model, shadow, translation, rotation, site);
          return { translation: translation.GetView(), rotation: rotation.GetView(), nv: model.nv };
        },
      };
    },
    close: () => {
      for (const object of owned.splice(0)) object.delete();
    },
  };
}

function compile(mujoco: MainModule, xml: string) {
  try {
    return mujoco.MjModel.from_xml_string(xml);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new PumiceError('config/invalid', `the scene is no valid MJCF: ${said.trim()}`, {
      who: 'env sim',
      hint: 'Correct the element and line named above',
      cause,
    });
  }
}

const triple = (values: ArrayLike<number>, at: number): [number, number, number] => [
  values[3 * at]!,
  values[3 * at + 1]!,
  values[3 * at + 2]!,
];

const nine = (values: Float64Array, at: number): number[] => Array.from(values.subarray(9 * at, 9 * at + 9));
