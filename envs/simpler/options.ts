/** What can be asked of a simulator behind its server, and what it is to those who open it. */
import type { Action, Context, Env, EpisodeEnd, Oracle } from 'pumice';
import { z } from 'zod';
import type { SimSensed } from './messages.ts';

/** Simulators that were run end to end. A file of the user's own may stand in their place. */
export const BACKENDS = ['metaworld', 'simpler_env', 'libero', 'gymnasium'] as const;

const two = z.tuple([z.number(), z.number()]);
const four = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** How an episode begins, beside its seed. A backend refuses what it does not know. */
export const beginningSchema = z.strictObject({
  /** Number in the grid of a benchmark; another thing than a seed. */
  episodeId: z.int().min(0).optional(),
  objects: z.strictObject({ xyM: two.optional(), qWxyz: four.optional() }).optional(),
  robot: z
    .strictObject({ xyM: two.optional(), qWxyz: four.optional(), qRad: z.array(z.number()).optional() })
    .optional(),
});
export type Beginning = z.input<typeof beginningSchema>;

export const options = z.strictObject({
  backend: z
    .string()
    .min(1)
    .optional()
    .meta({
      value: 'name',
      description: `simulator to start: ${BACKENDS.join(', ')}; a .json declaration of an env of gymnasium, or a .py file of your own`,
    }),
  python: z.string().min(1).default('python3').meta({ value: 'file', description: 'Python that has the simulator' }),
  url: z
    .string()
    .optional()
    .describe('in place of a backend: address of a server that runs, such as ws://127.0.0.1:8765 (pumice sim-server)'),
  keyEnv: z.string().min(1).optional().describe("variable with the key of a server of another machine's"),
  task: z.string().min(1).optional().describe("task of the simulator, such as drawer-open-v3; default: the backend's"),
  cameras: z.array(z.string().min(1)).optional().describe("cameras to look through; default: the task's own"),
  widthPx: z.int().min(16).max(4096).default(224).describe('width of their pictures, where the simulator lets choose'),
  heightPx: z.int().min(16).max(4096).default(224).describe('height of their pictures'),
  images: z
    .enum(['raw', 'jpeg'])
    .optional()
    .describe('how pictures are sent; default: raw on this machine, jpeg from another'),
  jpegQuality: z.int().min(1).max(100).default(95).describe('of 100'),
  success: z
    .enum(['first', 'final', 'any'])
    .default('first')
    .describe(
      'when the judge counts a success: at the first step that is one, by the last step alone, or by any until the last',
    ),
  oracle: z
    .boolean()
    .default(false)
    .describe('open the channel of the true state and the expert; never part of an observation'),
  stepTimeoutS: z.number().positive().default(30).describe('a step that takes longer ends the simulator'),
  startTimeoutS: z
    .number()
    .positive()
    .default(120)
    .describe('the same for its start, and for the beginning of an episode'),
});
export type SimplerOptions = z.input<typeof options>;
export type ReadOptions = z.output<typeof options>;

/** Published numbers count by different rules, so all three are told. */
export interface SimScore {
  readonly final: boolean;
  readonly first: boolean;
  readonly any: boolean;
  /** Of the first success, counted from 1. */
  readonly firstStep?: number;
  readonly steps: number;
  /** The task's own, of the last step. */
  readonly stats: SimSensed['judge']['stats'];
}

/** Judges by the rule of `success`; sees no more of the world than whether a step was a success. */
export interface SimJudge extends Oracle {
  readonly score: () => SimScore;
  readonly judge: (context: Context) => Promise<EpisodeEnd | undefined>;
}

export interface SimplerOracle extends SimJudge {
  /** What the simulator's own expert would do now; absent where it has none. */
  readonly expertAction: () => Action | undefined;
  readonly state: () => Readonly<Record<string, unknown>>;
}

export interface SimplerEnv extends Env {
  readonly judge: SimJudge;
  /** Only with `oracle: true`. */
  readonly oracle?: SimplerOracle;
  /** Steps that the task gives an episode. */
  readonly maxSteps: number;
  /** What the task asks for now: read anew after each step, since long tasks change it. */
  readonly instruction: () => string;
  /** How the next episodes begin. */
  readonly beginWith: (beginning: Beginning) => void;
  /** Where the time of the last step went, ms: in the simulator, for its pictures, and all of it. */
  readonly timings: () => Readonly<Record<string, number>>;
  /** Of the simulator's process, where this one started it. */
  readonly pid: () => number | undefined;
}
