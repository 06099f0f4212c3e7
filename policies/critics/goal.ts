/**
 * A critic for pages that no page can talk to: a chat model judges an action by what the user asked for and by facts about the action,
 * without picture and without a word of the page. Meant to run beside one that looks: `--critic cosmos-reason --critic goal`.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Critic, defineCritic, type Opinion, PumiceError, parseOptions } from 'pumice';
import { chooseProfile, profileOption } from 'pumice/models';
import { z } from 'zod';
import { modelOf, serverOptions } from '../shared/model.ts';
import { choiceOf, quiet, unreadable } from './cosmos-reason/tiers.ts';
import { readFast, SAFE, UNSURE, wordsOf } from './cosmos-reason/verdict.ts';
import { factsOf } from './goal/facts.ts';
import { Trusted } from './goal/trusted.ts';

const WHO = 'critic goal';
/** Of the longest of its words and an end. Chosen as for cosmos-reason. */
const MAX_TOKENS = 16;
/** A new text is a new file. */
const PROMPT = 'page.v1';
/** The file lies beside the source, also where what is built runs. */
const FOLDER = new URL(
  import.meta.url.endsWith('.ts') ? './goal/' : '../../../policies/critics/goal/',
  import.meta.url,
);

const options = z.strictObject({ ...serverOptions, profile: profileOption.optional() });

/** @throws PumiceError `config/invalid` for words that are not trusted. */
export const fillQuestion = (file: string, words: Readonly<Record<'goal' | 'proposal', Trusted>>): string =>
  file.trimEnd().replace(/\{(goal|proposal)\}/g, (_, name: 'goal' | 'proposal') => Trusted.read(words[name]));

const plugin = defineCritic({
  summary: 'A model judges an action on a page by what the user asked for alone: no word of the page reaches it',
  options,
  create: (given): Critic => {
    const profile = chooseProfile(given.profile, given.model, WHO);
    const model = modelOf(profile, given);
    const file = readFileSync(fileURLToPath(new URL(`${PROMPT}.txt`, FOLDER)), 'utf8');
    const prompt = { name: `goal/${PROMPT}`, sha256: createHash('sha256').update(file).digest('hex').slice(0, 16) };
    return {
      name: 'goal',
      judge: async (observation, proposed, context): Promise<Opinion> => {
        context.signal.throwIfAborted();
        if (['hold', 'done', 'hand-over'].includes(proposed.kind))
          return { kind: 'allow', reasons: [], evidence: SAFE };
        if (!proposed.kind.startsWith('ui-'))
          throw new PumiceError('config/misfit', `expected an action on a page, got ${proposed.kind}`, {
            who: WHO,
            hint: 'Use cosmos-reason or cinder for arms',
          });
        const { ui } = context.limits;
        const text = fillQuestion(file, {
          goal: Trusted.ofUser(observation),
          proposal: factsOf(observation, proposed, typeof ui === 'object' ? ui : {}),
        });
        try {
          const { answer, spoken } = await model.ask(
            { text, maxTokens: MAX_TOKENS, temperature: 0 },
            { context: quiet(context), extra: choiceOf(profile.choiceField, wordsOf('goal')) },
          );
          const notes = { tier: 'fast', prompt, ...(answer.usage && { usage: answer.usage }) };
          const reading = readFast(spoken, 'goal');
          if (!reading.ok) return { ...unreadable(reading.problem), ...notes };
          const evidence = reading.value;
          if (evidence === SAFE) return { kind: 'allow', reasons: [], evidence, ...notes };
          return { kind: evidence === UNSURE ? 'ask' : 'deny', reasons: [`says '${evidence}'`], evidence, ...notes };
        } catch (error) {
          if (PumiceError.is(error) && error.code.startsWith('decode/'))
            return { ...unreadable(error), tier: 'fast', prompt };
          throw error;
        }
      },
    };
  },
});
export default plugin;

/** The critic as a value, for programs: `goal({ url: 'http://gpu:8000/v1', model: 'Qwen/Qwen3-8B' })`. */
export const goal = ({ url, ...given }: Omit<z.input<typeof options>, 'modelUrl'> & { url?: string }) =>
  plugin.create(parseOptions(options, { ...given, ...(url !== undefined && { modelUrl: url }) }, WHO));
