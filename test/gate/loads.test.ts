/** The rules and all that they read by can be loaded: said by a test of its own, since a file that cannot be loaded has no test that fails. */
import { expect, it } from 'vitest';
import { click, mark, observation } from './given.ts';

it('every rule is there, and an action on a page is told by its words', async () => {
  const { defaultRules } = await import('../../src/gate/rules/index.ts');
  const { effectOf } = await import('../../src/gate/effects/effects.ts');
  expect(defaultRules.every(({ judge }) => typeof judge === 'function')).toBe(true);
  expect(effectOf(click(), observation({ marks: [mark({ role: 'button', name: 'Delete account' })] })).class).toBe(
    'irreversible',
  );
});
