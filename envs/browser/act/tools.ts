/** What the families of actions share: the episode as an action sees it, and finding its target again. */

import { isWithin } from '../../../src/gate/origins.ts';
import type { Action, Mark, Target } from '../../../src/types.ts';
import type { FoundElement } from '../elements.ts';
import type { Box, LostReason, MarkCollector, Point } from '../marks.ts';
import type { Pages } from '../pages.ts';
import type { Secrets } from '../secrets.ts';
import type { Tab } from '../tab.ts';
import type { Hands } from './hands.ts';

/** The action did not happen, and the run goes on. */
export class Refused extends Error {}

export interface Seen {
  readonly marks: readonly Mark[];
  readonly tab: Tab;
  readonly collector?: MarkCollector;
}

export interface Tools {
  readonly pages: Pages;
  readonly hands: Hands;
  readonly secrets: Secrets;
  readonly signal: AbortSignal;
  readonly origins: readonly string[];
  /** Files and folders that may be handed to pages. */
  readonly uploads: readonly string[];
  /** Of the page, CSS px. */
  readonly viewport: { readonly width: number; readonly height: number };
  /** Marks of the last observation, and the tab that they are on. */
  readonly seen: Seen | undefined;
  /** What happened so far, should the action be cut here. */
  readonly progress: (executed: Action | undefined) => void;
}

/** An action of one kind; throws `Refused`, and `Stopped` or `Interrupted` of the hands. Answers what really happened. */
export type Act<A extends Action> = (action: A, tools: Tools) => Promise<Action>;

export interface Place {
  readonly pointPx: Point;
  readonly boxPx?: Box;
  readonly mark?: Mark;
}

const LOST: Readonly<Record<LostReason, string>> = {
  gone: 'is no longer on the page',
  'out-of-view': 'is out of view now; scroll to it',
  covered: 'is covered by something else now',
  changed: 'has another role or name now, or leads or sends elsewhere',
  disabled: 'is disabled',
};

/** Where the target is now. */
export const find = (target: Target, tools: Tools): Promise<Place> => tools.hands.step(() => lookUp(target, tools));

async function lookUp(target: Target, tools: Tools): Promise<Place> {
  const { seen, pages, origins, viewport, signal } = tools;
  if (!('markId' in target)) {
    const { xPx, yPx } = target;
    if (!(xPx >= 0 && yPx >= 0 && xPx < viewport.width && yPx < viewport.height))
      throw new Refused(`(${xPx}, ${yPx}) is outside the page of ${viewport.width} x ${viewport.height} px`);
    const element = await pages.active.elements.at([xPx, yPx]);
    if (!element) throw new Refused(`there is nothing at (${xPx}, ${yPx})`);
    if (!isWithin(origins, element.origin))
      throw new Refused(`what is at (${xPx}, ${yPx}) belongs to ${element.origin}, which is not allowed`);
    return { pointPx: [xPx, yPx] };
  }
  const mark = seen?.marks[target.markId];
  if (!seen?.collector || !mark) throw new Refused(`there is no mark ${target.markId}`);
  const what = `mark ${mark.id} (${mark.role ?? 'element'} ${JSON.stringify(mark.name ?? '')})`;
  if (mark.origin !== undefined && !isWithin(origins, mark.origin))
    throw new Refused(`${what} belongs to ${mark.origin}, which is not allowed`);
  if (seen.tab !== pages.active) throw new Refused(`${what} is on another tab than the active one`);
  const located = await seen.collector.locate(mark.id, signal);
  if (!located.found) throw new Refused(`${what} ${LOST[located.reason]}`);
  return { pointPx: located.pointPx, boxPx: located.boxPx, mark };
}

/** The innermost element at a place. */
export async function elementAt({ pointPx }: Place, { hands }: Tools): Promise<FoundElement> {
  const element = await hands.step(({ elements }) => elements.at(pointPx));
  if (!element) throw new Refused(`there is nothing at (${pointPx.join(', ')})`);
  return element;
}

/** Runs a function of ours on an element; cut short like any input. */
export const on = <A extends readonly unknown[], R>(
  { hands }: Tools,
  element: FoundElement,
  run: (this: Element, ...values: A) => R,
  ...values: A
): Promise<Awaited<R>> => hands.step(() => element.call(run, ...values));

/** Brings the mouse to a target that may move meanwhile, and answers where it was found last. */
export async function pointAt(target: Target, tools: Tools, leastMoves = 1): Promise<Place> {
  let place = await find(target, tools);
  for (let attempt = 0; ; attempt++) {
    await tools.hands.travel(place.pointPx, leastMoves);
    // What the mouse passed over may have opened something, or the target may have moved.
    const again = await find(target, tools);
    const offPx = Math.hypot(again.pointPx[0] - place.pointPx[0], again.pointPx[1] - place.pointPx[1]);
    place = again;
    if (offPx < 1) return place;
    if (attempt === MAX_CHASES) throw new Refused('the target does not stop moving');
  }
}
/** Times that a moving target is followed. Chosen. */
const MAX_CHASES = 3;

/** One real click. */
export async function click(target: Target, tools: Tools, onSent?: () => void): Promise<Place> {
  const place = await pointAt(target, tools);
  await tools.hands.press('left');
  await tools.hands.letGo('left', 1, onSent);
  return place;
}
