/** Fake bodies, for tests of pumice's own logic: no browser, no robot. */
import { defineEnv, monotonicScheduler } from 'pumice';
import { z } from 'zod';
import { fakeMass } from './mass.ts';
import { fakePage } from './page.ts';

export { type FakeMass, type FakeMassOptions, fakeMass, type Meter } from './mass.ts';
export { type FakeControl, type FakePage, type FakePageOptions, fakePage } from './page.ts';

export default defineEnv({
  summary: 'a fake page or a fake mass, for trying out the runtime without a body',
  options: z.strictObject({ body: z.enum(['page', 'mass']).default('page') }),
  create: async ({ body }) => (body === 'page' ? fakePage : fakeMass)({ scheduler: monotonicScheduler }),
});
