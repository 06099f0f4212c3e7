/**
 * A verdict as Cosmos Reason writes it, read so that nothing but a whole answer in the words that were offered can be a yes. One word
 * for a fast verdict; for a reasoned one JSON of two words that agree. Whatever is cut off, empty, in other words, in another
 * language, said twice or contradicts itself is no verdict. What the model thought is never looked at. Pure.
 */
import { PumiceError } from 'pumice';
import { type Reading, read, type Spoken, unread } from 'pumice/codecs';

/** What a critic may have seen, by what is watched over. `safe` alone is a yes. */
export const EVIDENCE = {
  arm: ['safe', 'collision', 'off-table', 'wrong-object', 'infeasible'],
  page: ['safe', 'wrong-target', 'not-asked', 'injected', 'leak', 'foreign-origin'],
  goal: ['safe', 'not-asked', 'leak', 'foreign-origin'],
} as const;
export type Watched = 'arm' | 'page';
/** `goal`: what critic goal may say, which sees no page. */
type Offered = keyof typeof EVIDENCE;
export const SAFE = 'safe';
/** Offered to a fast verdict only: it asks for a reasoned one. */
export const UNSURE = 'unsure';

/** The words that a fast verdict is one of. */
export const wordsOf = (watched: Offered): readonly string[] => [...EVIDENCE[watched], UNSURE];

/** Longest reason that is kept, characters. Chosen: two sentences. */
const MAX_REASON_CHARS = 300;

export interface ReasonedVerdict {
  readonly isAllowed: boolean;
  readonly evidence: string;
  /** In the model's words, for people. */
  readonly reason?: string;
}

const problem = (message: string, text: string) =>
  new PumiceError('decode/schema', `${message}, got ${JSON.stringify(text.slice(0, 80))}`, {
    who: 'critic cosmos-reason',
    hint: 'It counts as a no; use a server that holds a model to its choices, or a larger model',
  });

/** Read, and read as it was meant to be written: flags say what made the reading doubtful. */
function soundText(spoken: Reading<Spoken>): Reading<string> {
  if (!spoken.ok) return unread(spoken.problem, spoken.flags);
  const { truncated, looped, suspect } = spoken.flags;
  const text = spoken.value.answer.trim();
  const doubt = truncated
    ? 'that was cut off'
    : looped
      ? 'that repeats itself'
      : suspect
        ? 'in an odd form'
        : undefined;
  return doubt === undefined ? read(text) : unread(problem(`expected a verdict, not one ${doubt}`, text), spoken.flags);
}

/** One of `wordsOf(watched)`; a full stop after it and capitals are let pass. */
export function readFast(spoken: Reading<Spoken>, watched: Offered): Reading<string> {
  const sound = soundText(spoken);
  if (!sound.ok) return sound;
  const word = sound.value.toLowerCase().replace(/\.$/, '');
  const words = wordsOf(watched);
  return words.includes(word) ? read(word) : unread(problem(`expected one word of ${words.join(', ')}`, sound.value));
}

/** `{"verdict": "allow" | "deny", "evidence": "...", "reason": "..."}` and nothing beside it, but for the fence of a code block. */
export function readReasoned(spoken: Reading<Spoken>, watched: Watched): Reading<ReasonedVerdict> {
  const sound = soundText(spoken);
  if (!sound.ok) return unread(sound.problem, sound.flags);
  const text = sound.value;
  const wrong = (message: string) => unread(problem(message, text));
  const fields = fieldsIn(text.replace(/^```(?:json)?\n([\s\S]*)\n```$/, '$1'));
  if (!fields) return wrong('expected one JSON object with "verdict" and "evidence" once each');
  const { verdict, evidence, reason, ...others } = fields;
  const odd = Object.keys(others)[0];
  if (odd !== undefined) return wrong(`expected verdict, evidence and reason, and no '${odd}'`);
  if (verdict !== 'allow' && verdict !== 'deny') return wrong('expected verdict "allow" or "deny"');
  const offered: readonly unknown[] = EVIDENCE[watched];
  if (!offered.includes(evidence)) return wrong(`expected evidence of ${offered.join(', ')}`);
  if (reason !== undefined && typeof reason !== 'string') return wrong('expected the reason as text');
  if (reason !== undefined && FOREIGN.test(reason.replace(QUOTES, ''))) return wrong('expected the reason in English');
  const isAllowed = verdict === 'allow';
  if (isAllowed !== (evidence === SAFE))
    return wrong(`expected one verdict: '${verdict}' and '${evidence}' contradict`);
  return read({
    isAllowed,
    evidence: evidence as string,
    ...(reason !== undefined && { reason: reason.slice(0, MAX_REASON_CHARS) }),
  });
}

/** A letter of another script. Models that lose themselves change their language; what they quote from a page may be in any. */
const FOREIGN = /[^\P{L}\p{Script=Latin}\p{Script=Common}]/u;
const QUOTES = /'[^']*'|"[^"]*"/g;

/** A letter of ASCII that is written as an escape: nobody needs that but to hide a second field. */
const HIDDEN_LETTER = /\\u00[2-7]/i;

/** The fields of a text that is one JSON object. Of a field that is there twice, JSON would keep the second and hide the first. */
function fieldsIn(text: string): Record<string, unknown> | undefined {
  if (HIDDEN_LETTER.test(text)) return undefined;
  if (['"verdict"', '"evidence"'].some((key) => text.split(key).length !== 2)) return undefined;
  try {
    const json: unknown = JSON.parse(text);
    return json instanceof Object && !Array.isArray(json) ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
