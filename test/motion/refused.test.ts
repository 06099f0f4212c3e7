/** Bad motions through the whole loop: the body gets none of them, and the record says why. */
import type { Action, ActionOf } from 'pumice';
import { fakeMass } from 'pumice/envs/fake';
import { describe, expect, it } from 'vitest';
import { inVirtualTime, repeating, story } from '../loop-story.ts';

const move = (over: Partial<ActionOf<'eef-delta'>>): Action => ({
  ...{ kind: 'eef-delta', frameId: 'base', dPosM: [0.01, 0, 0], dRpyRad: [0, 0, 0], gripperOpen: 1 },
  ...over,
});

describe('a motion that must not be', () => {
  it.each<[string, Action, string, RegExp]>([
    ['with NaN', move({ dPosM: [NaN, 0, 0] }), 'deny', /policy fake.*dPosM/],
    ['with Infinity', move({ dRpyRad: [0, Infinity, 0] }), 'deny', /policy fake.*dRpyRad/],
    ['of another kind', { kind: 'joint-position', jointNames: [], qRad: [] }, 'deny', /cannot joint-position/],
    ['in another frame', move({ frameId: 'tool' }), 'deny', /frame 'tool' is not 'base'/],
    ['10 times too far', move({ dPosM: [0, 0.5, 0] }), 'deny', /0\.5 m .*allowed: 0\.05 m/],
    ['of MAX_VALUE', move({ dPosM: [0, Number.MAX_VALUE, 0] }), 'deny', /allowed: 0\.05 m/],
    ['with a turn hidden', move({ dRpyRad: [2 * Math.PI, 0, 0] }), 'deny', /hide a turn/],
  ])('%s is refused and recorded', (_, action, kind, reason) => {
    inVirtualTime((scheduler, helpers) => {
      const env = fakeMass({ scheduler });
      const tale = story(scheduler, helpers, { env, policy: repeating(env, action, 1), budget: { maxSteps: 1 } });
      tale.tellAll();
      const [record] = tale.records();
      expect(record!.verdict.kind).toBe(kind);
      expect(record!.verdict.reasons.join('; ')).toMatch(reason);
      expect(record!.act).toBeUndefined();
      expect(env.begun).toEqual([]);
    });
  });

  it('is none where it is written that there are no limits, and that is told and stands in the record', () => {
    inVirtualTime((scheduler, helpers) => {
      const mass = fakeMass({ scheduler });
      const env = { ...mass, limits: { ...mass.limits, motion: 'unlimited' as const } };
      const policy = repeating(env, move({ dPosM: [0, 0.5, 0] }), 1);
      const tale = story(scheduler, helpers, { env, policy, budget: { maxSteps: 1 } });
      tale.tellAll();
      expect(mass.begun).toHaveLength(1);
      expect(tale.facts.limits.motion).toBe('unlimited');
      const warnings = tale.told.flatMap(({ event }) => (event.kind === 'warning' ? [event.text] : []));
      expect(warnings).toEqual(['env fake-mass runs without motion limits']);
    });
  });
});
