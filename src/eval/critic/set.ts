/**
 * A labelled set for critics: a folder of pictures, `set.json` that says what it is, and `cases.jsonl`, one case a line. A case is what a
 * critic would be shown in a run, and what it ought to say of it. Knows no critic, and nothing of how a set was made.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { z } from 'zod';
import { describeError, PumiceError } from '../../errors.ts';
import { motionLimitsSchema } from '../../limits.ts';
import type { Limits } from '../../ports.ts';
import {
  type Action,
  actionSchema,
  type Frame,
  frameSchema,
  type Immutable,
  markSchema,
  type Observation,
  proprioSchema,
  uiSchema,
} from '../../types.ts';
import { decodeImage } from '../../vision/index.ts';

const who = 'critic set';
export const SET_FILE = 'set.json';
export const CASES_FILE = 'cases.jsonl';

/** `grey` is too near a limit to be called either: it is asked, and counts in no rate. */
export const LABELS = ['safe', 'hazard', 'grey'] as const;
export type Label = (typeof LABELS)[number];

/** A word that a class, a source or a case is called by. */
const word = z.string().regex(/^[\w.-]+$/, 'expected letters, digits, dots and dashes');

const uiLimitsSchema = z.strictObject({
  origins: z.array(z.string()),
  secrets: z.record(z.string(), z.strictObject({ origin: z.string() })),
  maxTextChars: z.number().positive(),
  maxScrollPx: z.number().positive(),
  maxWaitMs: z.number().positive(),
});

export const setSchema = z.strictObject({
  format: z.literal('pumice-critic-set'),
  version: z.literal(1),
  body: z.enum(['arm', 'page']),
  /** Where it comes from, for people. */
  about: z.string().min(1),
  /** Every class that a hazard may be of, and what it means. */
  classes: z.record(word, z.string().min(1)),
  /** Limits of the body, as a critic is told them. */
  limits: z.strictObject({
    ui: uiLimitsSchema.optional(),
    motion: motionLimitsSchema.optional(),
    maxObservationAgeMs: z.number().positive(),
    maxPlanAgeMs: z.number().positive(),
  }),
});
export type SetFacts = Immutable<z.infer<typeof setSchema>>;

/** A picture by its file; several of one camera are a clip, the oldest first. Only the file has to be said where there is one picture. */
const pictureSchema = frameSchema
  .omit({ data: true, encoding: true, widthPx: true, heightPx: true })
  .partial()
  .extend({ file: z.string().min(1) })
  .strict();

export const caseSchema = z
  .strictObject({
    id: word,
    label: z.enum(LABELS),
    /** Of a hazard, at least one. */
    classes: z.array(word).default([]),
    /** How it was made, to look at the parts of a set. */
    source: word.optional(),
    instruction: z.string().min(1),
    frames: z.array(z.union([z.string().min(1), pictureSchema])).min(1),
    proprio: proprioSchema.optional(),
    marks: z.array(markSchema).optional(),
    ui: uiSchema.optional(),
    /** The first is judged, with the others as what its chunk does next. */
    actions: z.array(actionSchema).min(1),
    dtMs: z.number().positive().optional(),
  })
  .superRefine(({ label, classes }, context) => {
    if (label === 'hazard' && classes.length === 0)
      context.addIssue({ code: 'custom', path: ['classes'], message: 'a hazard is of at least one class' });
    if (label === 'safe' && classes.length > 0)
      context.addIssue({ code: 'custom', path: ['classes'], message: 'what is safe is of no class' });
  });
export type Case = Immutable<z.infer<typeof caseSchema>>;

export interface CriticSet {
  readonly facts: SetFacts;
  readonly cases: readonly Case[];
  /** SHA-256 of the facts and the cases: by it results are known to be of the same set. */
  readonly sha256: string;
  readonly limits: Limits;
  /** What a critic is shown of a case. `nowMs` is the stamp of its newest picture. */
  readonly observationOf: (one: Case, nowMs: number) => Promise<Observation>;
}

const refuse = (message: string, hint: string, cause?: unknown): never => {
  throw new PumiceError('eval/setup', message, { who, hint, ...(cause !== undefined && { cause }) });
};

/** @throws PumiceError `eval/setup` naming file, line and field. */
export async function openSet(folder: string): Promise<CriticSet> {
  const [factsText, casesText] = await Promise.all([textOf(folder, SET_FILE), textOf(folder, CASES_FILE)]);
  const facts = parsed(setSchema, factsText, join(folder, SET_FILE)) as SetFacts;
  const cases = casesText
    .split('\n')
    .map((line, at) => ({ line, place: `${join(folder, CASES_FILE)}:${at + 1}` }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, place }) => checked(parsed(caseSchema, line, place) as Case, facts, place));
  if (cases.length === 0) refuse(`'${join(folder, CASES_FILE)}' has no case`, 'Write one case a line');
  const twice = cases.find(({ id }, at) => cases.findIndex((other) => other.id === id) !== at);
  if (twice) refuse(`'${join(folder, CASES_FILE)}' has two cases '${twice.id}'`, 'Give each case an id of its own');
  const sha256 = createHash('sha256').update(factsText).update('\n').update(casesText).digest('hex');
  return {
    facts,
    cases,
    sha256,
    limits: facts.limits as Limits,
    observationOf: (one, nowMs) => observationOf(folder, facts, one, nowMs),
  };
}

async function textOf(folder: string, file: string): Promise<string> {
  return readFile(join(folder, file), 'utf8').catch((cause: unknown) =>
    refuse(
      `'${join(folder, file)}' cannot be read: ${describeError(cause)}`,
      'Give the folder of a set; pumice eval critic --make DIR --from sim makes one',
      cause,
    ),
  );
}

function parsed(schema: z.ZodType, text: string, place: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return refuse(`${place}: expected JSON, got ${JSON.stringify(text.slice(0, 60))}`, 'Correct this line', cause);
  }
  const { data, error } = schema.safeParse(json);
  if (!error) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
  return refuse(`${place}: ${problems.join('; ')}`, 'Correct what is named; docs/critics.md has the form');
}

function checked(one: Case, { classes }: SetFacts, place: string): Case {
  const unknown = one.classes.find((name) => !Object.hasOwn(classes, name));
  if (unknown !== undefined)
    refuse(`${place}: no class '${unknown}' (there is: ${Object.keys(classes).join(', ')})`, `Name it in ${SET_FILE}`);
  for (const { file } of one.frames.map(pictureOf)) {
    const path = normalize(file);
    if (isAbsolute(path) || path.split(sep)[0] === '..')
      refuse(`${place}: '${file}' is not inside the set`, 'Put the picture into the folder of the set');
  }
  return one;
}

type Picture = Exclude<Case['frames'][number], string>;
const pictureOf = (picture: Case['frames'][number]): Picture =>
  typeof picture === 'string' ? { file: picture } : picture;

async function observationOf(folder: string, { body }: SetFacts, one: Case, nowMs: number): Promise<Observation> {
  const pictures = one.frames.map(pictureOf);
  const stamped = pictures.filter(({ stampMs }) => stampMs !== undefined);
  if (pictures.length > 1 && stamped.length < pictures.length)
    refuse(`case '${one.id}': ${pictures.length} pictures need a stampMs each`, 'Say when each was taken, ms');
  const newestMs = Math.max(...pictures.map(({ stampMs = 0 }) => stampMs));
  const camera = body === 'page' ? 'page' : 'third';
  const frames = await Promise.all(
    pictures.map(async ({ file, stampMs = 0, ...said }): Promise<Frame> => {
      const data = await readFile(join(folder, file)).catch((cause: unknown) =>
        refuse(`case '${one.id}': '${file}' cannot be read: ${describeError(cause)}`, 'Put the picture there', cause),
      );
      // Decoded once here, so that what is no picture is an error of the set and not of the critic.
      const { widthPx, heightPx } = await decodeImage(data);
      const encoding = data[0] === 0x89 ? 'png' : 'jpeg';
      return { camera, ...said, data, encoding, widthPx, heightPx, stampMs: nowMs - newestMs + stampMs } as Frame;
    }),
  );
  return {
    seq: 0,
    epoch: 0,
    stampMs: nowMs,
    instruction: one.instruction,
    history: [],
    frames,
    ...(one.proprio && { proprio: { ...one.proprio, stampMs: nowMs } }),
    ...(one.marks && { marks: one.marks }),
    ...(one.ui && { ui: one.ui }),
  };
}

/** What a case asks about: the first action, and what its chunk does after it. */
export const questionOf = ({ actions }: Case): { readonly action: Action; readonly following: readonly Action[] } => ({
  action: actions[0]!,
  following: actions.slice(1),
});
