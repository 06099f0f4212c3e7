/** Whether a verdict lets its action through. Pure, and without any import at run time: pages that show verdicts load it in a browser. */
import type { Verdict } from '../types.ts';

/** Whether the body may carry out `verdict.action`. */
export const passes = (verdict: Verdict): boolean => verdict.kind === 'allow' || verdict.kind === 'modify';
