/**
 * A person who acts on a page themselves: what they do, and on which look at the page they chose it. Shapes only. What it comes to is
 * proposed like any policy's action.
 */
import { z } from 'zod';
import { actionSchema, type Immutable } from './types.ts';

/** What a person does on a page; anything else is not for hands. */
export const HAND_KINDS = [
  'ui-click',
  'ui-type',
  'ui-select',
  'ui-check',
  'ui-scroll',
  'ui-key',
  'ui-hover',
  'ui-navigate',
  'ui-back',
  'ui-dialog',
  'done',
] as const;

export const deedSchema = z.strictObject({
  /** Of the observation whose picture they looked at. */
  seq: z.int().min(0),
  action: actionSchema.refine(({ kind }) => (HAND_KINDS as readonly string[]).includes(kind), 'no deed of a hand'),
});
export type Deed = Immutable<z.infer<typeof deedSchema>>;

export interface Hand {
  readonly name: string;
  /** Calls with each deed from now on. @returns what ends that. */
  readonly listen: (take: (deed: Deed) => void) => () => void;
  /** Tells them why something was not done. */
  readonly refuse: (why: string) => void;
}
