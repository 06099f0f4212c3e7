/**
 * What is asked of Cosmos Reason when it moves an arm, and how its answer is read: one next step out of six, and a place in the
 * picture. In the form that it was trained on (`point_2d`, thousandths of the picture), with the step as one more field. Pure.
 */
import { PumiceError } from 'pumice';
import { z } from 'zod';

export const STEPS = ['reach', 'grasp', 'lift', 'place', 'done', 'impossible'] as const;

export interface NextStep {
  readonly step: (typeof STEPS)[number];
  /** In parts of the picture, 0..1 from the top left; absent where the step needs no place. */
  readonly at?: readonly [number, number];
  readonly label?: string;
}

/** @param question - the family's own words for it. */
export const nextStepText = (question: string, instruction: string, holds: boolean): string =>
  [
    `You control the robot arm in the picture. The task: ${JSON.stringify(instruction)} The gripper ${holds ? 'is closed' : 'is open'}. ${question}`,
    'Answer with one JSON object and nothing else: {"step": "...", "point_2d": [x, y], "label": "what is there"}. The step is one of',
    '- "reach": move over the thing at the point',
    '- "grasp": go down to the thing at the point and close the gripper',
    '- "lift": go straight up with what the gripper holds; needs no point',
    '- "place": put what the gripper holds down at the point, and let go',
    '- "done": the picture shows that the task is completed; needs no point',
    '- "impossible": the task cannot be done with what is there; needs no point',
    'Points are pixel coordinates in a picture of 1000 by 1000 pixels.',
  ].join('\n');

const GRID = 1000;
const NEEDS_POINT: readonly string[] = ['reach', 'grasp', 'place'];

const answerSchema = z.object({
  step: z.enum(STEPS),
  point_2d: z.tuple([z.number().min(0).max(GRID), z.number().min(0).max(GRID)]).nullish(),
  label: z.string().nullish(),
});

/** @throws PumiceError `decode/not-json`, `decode/schema`; a place outside the picture is none. */
export function readNextStep(answer: string): NextStep {
  const shown = JSON.stringify(answer.slice(0, 200));
  const fail = (code: 'decode/not-json' | 'decode/schema', what: string) =>
    new PumiceError(code, `expected ${what}, got ${shown}`, {
      who: 'policy cosmos-reason',
      hint: 'Try a larger model of the family, or say the task in other words',
    });
  const objects = answer.match(/\{[^{}]*\}/g) ?? [];
  if (objects.length !== 1) throw fail('decode/not-json', `one JSON object, found ${objects.length}`);
  let json: unknown;
  try {
    json = JSON.parse(objects[0]);
  } catch {
    throw fail('decode/not-json', 'one JSON object');
  }
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fail('decode/schema', `a step (${issue?.path.join('.') || 'answer'}: ${issue?.message})`);
  }
  const { step, point_2d: point, label } = parsed.data;
  if (NEEDS_POINT.includes(step) && !point) throw fail('decode/schema', `a point for "${step}"`);
  return { step, ...(point && { at: [point[0] / GRID, point[1] / GRID] as const }), ...(label && { label }) };
}
