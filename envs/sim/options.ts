/** What can be asked of the simulated arm, and what it is to those who open it. */
import { readFileSync } from 'node:fs';
import { type Env, PumiceError } from 'pumice';
import { z } from 'zod';
import { CAMERAS } from './cameras.ts';
import type { SimOracle } from './oracle.ts';
import type { Instruments } from './realtime/instruments.ts';

export const WHO = 'env sim';

export const options = z.strictObject({
  realtime: z
    .boolean()
    .default(false)
    .describe(
      'time passes whether or not anybody acts: physics and cameras in threads of their own, a driver that leads the arm',
    ),
  speedScale: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe('share of the speeds of its profile that the driver allows; only in real time'),
  rateHz: z
    .int()
    .min(5)
    .max(20)
    .default(5)
    .describe(
      'actions a second that it takes, each with so much less time; only in real time, as for a person who leads it',
    ),
  cameras: z
    .array(z.enum(CAMERAS))
    .min(1)
    .default([...CAMERAS])
    .describe('cameras to look through'),
  sizePx: z.int().min(32).max(1024).default(224).describe('width and height of their pictures'),
  encoding: z.enum(['jpeg', 'rgb8']).default('jpeg').describe('how frames are handed on'),
  jpegQuality: z.int().min(1).max(100).default(90).describe('of 100'),
  fit: z.boolean().default(true).describe('lay out the colours that the instruction names, whatever the seed says'),
  oracle: z
    .boolean()
    .default(false)
    .describe('open the channel of judges and the expert; never part of an observation'),
  perturb: z
    .strictObject({
      camera: z
        .number()
        .min(0)
        .max(0.5)
        .default(0)
        .describe('cameras are shifted by so many metres and turned by as many degrees as cm'),
      light: z
        .number()
        .min(0.05)
        .max(0.95)
        .optional()
        .describe('brightness factor drawn between this and 1.9 less this'),
      jpeg: z.int().min(1).max(100).optional().describe('quality of the pictures'),
      delay: z.int().min(0).max(5).default(0).describe('actions come so many steps late'),
    })
    .default({ camera: 0, delay: 0 })
    .describe('makes the world harder'),
  mjcf: z.string().min(1).optional().meta({ value: 'file', description: 'another scene, with the same names in it' }),
});
export type SimOptions = z.input<typeof options>;
export type ReadOptions = z.output<typeof options>;

export interface SimEnv extends Env {
  /** Only with `oracle: true`. */
  readonly oracle?: SimOracle;
  /** Only with `realtime: true`. */
  readonly instruments?: Instruments;
}

/** @throws PumiceError `config/invalid` when it cannot be read. */
export function sceneIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PumiceError('config/invalid', `the scene '${file}' cannot be read`, {
      who: WHO,
      hint: 'Give the path of an MJCF file',
      cause,
    });
  }
}
