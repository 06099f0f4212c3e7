/** What a person's yes changes for a rule, and how a person stands in verdicts and leases. Pure. */
import type { Rule } from './rule.ts';

/** The same rule for what a person has said yes to: it may make smaller and say no, and asks nobody. */
export const withoutAsking = (rule: Rule): Rule => ({
  name: rule.name,
  judge: (action, context) => {
    const opinion = rule.judge(action, context);
    return opinion.kind === 'ask' ? { kind: 'allow' } : opinion;
  },
});

/** The judge that a person is. */
export const personBy = (name: string): string => `approver ${name}`;
export const isPerson = (by: string): boolean => by.startsWith('approver ');
