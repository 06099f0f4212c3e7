/**
 * The answer of a model that thinks, without its thought: the field that the server keeps apart, what follows the closing tag, or, for
 * models that think aloud without tags, what follows the mark that they set before their conclusion. Pure.
 */
import type { ChatAnswer } from './chat-answer.ts';
import type { ModelProfile } from './profile.ts';

/** Set before a conclusion by QVQ. */
const CONCLUSION = /^[\s\S]*\*\*\s*final answer\s*:?\s*\*\*\s*:?/i;

export function finalAnswer({ thinking }: ModelProfile, { text }: Pick<ChatAnswer, 'text'>): string {
  const said = text.replace(/^[\s\S]*<\/think>/i, '');
  const inTags = /<answer>([\s\S]*?)(?:<\/answer>|$)/i.exec(said)?.[1] ?? said;
  return (thinking.tags === 'none' && thinking.ask === 'always' ? inTags.replace(CONCLUSION, '') : inTags).trim();
}
