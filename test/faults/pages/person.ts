/** People who are asked, for tests. The one place here that knows how a person is asked. */
import { type Approver, describeTarget } from 'pumice';

/** Says yes to questions that look like what was asked for, and no to all others. A question: ACTION button "Buy now" on URL: REASONS. */
export const person = (approves: RegExp | undefined): Approver => ({
  name: 'person',
  ask: async ({ verdict, observation }) => {
    const what = describeTarget(verdict.action, observation) ?? '';
    const question = `${JSON.stringify(verdict.action)} ${what} on ${observation.ui?.url}: ${verdict.reasons.join('; ')}`;
    return { kind: approves?.test(question) === true ? 'approve' : 'deny' };
  },
});
