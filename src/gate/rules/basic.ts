/** Rules on any action, whatever the body: the failsafe runs, every number is one, the shape is right. Pure. */
import { actionSchema } from '../../types.ts';
import { ALLOW, deny, halt, type Rule } from '../rule.ts';

/** Nothing passes unless the failsafe is in RUNNING. */
export const running: Rule = {
  name: 'running',
  judge: (_action, { isRunning }) => (isRunning === true ? ALLOW : halt('the failsafe is not running')),
};

/** A number that is none comes from a broken calculation; the next one may look right and be as wrong. So it halts. */
export const finite: Rule = {
  name: 'finite',
  judge: (action) => {
    const path = pathOfNonFinite(action);
    return path === undefined ? ALLOW : halt(`${path} is not finite`);
  },
};

/** Where a number in `value` is not finite, e.g. `dPosM.2`. */
function pathOfNonFinite(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : '';
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, part] of Object.entries(value)) {
    const path = pathOfNonFinite(part);
    if (path !== undefined) return path === '' ? key : `${key}.${path}`;
  }
  return undefined;
}

/** What does not parse as an action is none. */
export const schema: Rule = {
  name: 'schema',
  judge: (action) => {
    const parsed = actionSchema.safeParse(action);
    if (parsed.success) return ALLOW;
    return deny(parsed.error.issues.map((issue) => `${issue.path.join('.') || 'action'}: ${issue.message}`).join('; '));
  },
};
