/**
 * How long the gate takes: all default rules on one action, judged on a page of 300 marks; and as floor the rules' one parse of the action.
 * Run with: `npx tsc -p tsconfig.bench.json && node .cache/bench/bench/gate.js`.
 */
import { review } from '../src/gate/review.ts';
import { defaultRules } from '../src/gate/rules/index.ts';
import { type Action, actionSchema } from '../src/types.ts';
import { sayLoad, sayMachine, sayTimes, timedNow } from './measure.ts';
import { click, facts, MARKS, observation, page } from './scene.ts';

const REVIEWS = 20_000;
const WARM_UP = 2_000;

const frame = page(0);
const ACTIONS: Readonly<Record<string, (index: number) => Action>> = {
  'click on a mark': (index) => click(index % MARKS),
  'click on a point': (index) => ({ ...click(0), target: { xPx: 60, yPx: 20 + (index % MARKS) } }) as Action,
  'type a secret': (index) => ({
    kind: 'ui-type',
    target: { markId: index % MARKS },
    text: '{{password}}',
    clear: true,
    submit: false,
  }),
  'move, made smaller': () => ({
    kind: 'eef-delta',
    frameId: 'base',
    dPosM: [0.06, 0, 0],
    dRpyRad: [0, 0, 0.21],
    gripperOpen: 1,
  }),
};

sayMachine(`gate, ${REVIEWS} reviews each, ${defaultRules.length} rules, ${MARKS} marks`);
for (const [name, actionAt] of Object.entries(ACTIONS)) {
  const gateMs: number[] = [];
  const parseMs: number[] = [];
  const kinds = new Set<string>();
  for (let index = 0; index < REVIEWS + WARM_UP; index++) {
    const seen = observation(index, frame);
    const action = actionAt(index);
    const context = {
      observation: seen,
      nowMs: index + 400,
      plannedStampMs: index,
      limits: facts.limits,
      isRunning: true,
      modifiedInARow: 0,
    };
    const tookMs = timedNow(() => kinds.add(review(defaultRules, action, context).kind));
    const floorMs = timedNow(() => actionSchema.safeParse(action));
    if (index < WARM_UP) continue;
    gateMs.push(tookMs);
    parseMs.push(floorMs);
  }
  console.log(`${name}: ${[...kinds].join(', ')}`);
  sayTimes('gate', gateMs);
  sayTimes('floor: parse the action', parseMs);
}
sayLoad();
