/** `pumice replay FILE`: recorded observations through a policy or the gate again; only differences are shown. */
import { paint } from '../demo/progress.ts';
import { PumiceError } from '../errors.ts';
import { defaultRules } from '../gate/rules/index.ts';
import { parseOptions } from '../ports.ts';
import { type Episode, type Proposed, type Rerun, readEpisode, rerunGate, rerunPolicy } from '../record/index.ts';
import { actionInWords } from '../record/report/words.ts';
import type { Verdict } from '../types.ts';
import { EXIT } from './exit.ts';
import { policyOptionsIn } from './policy-options.ts';
import { loadPlugin } from './registry.ts';
import { clean } from './words.ts';

export interface ReplayOptions {
  readonly policy?: string;
  readonly policyOptions?: string;
  readonly gate?: boolean;
  readonly json?: boolean;
}

/** @returns 0 when everything comes out the same, 1 when something differs. */
export async function replay(file: string, options: ReplayOptions): Promise<number> {
  if ((options.policy === undefined) === (options.gate === undefined))
    throw new PumiceError('cli/usage', 'expected either --policy NAME or --gate', {
      who: 'pumice replay',
      hint: `Write pumice replay ${file} --gate, or --policy mark-matcher`,
    });
  const episode = await readEpisode(file);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const { good, bad } = paint(Boolean(process.stdout.isTTY) && process.env.NO_COLOR === undefined);
  let count = 0;
  let different = 0;
  for await (const rerun of rerunOf(episode, options)) {
    count += 1;
    if (!rerun.same) different += 1;
    if (options.json) say(JSON.stringify({ kind: 'rerun', ...rerun }));
    else if (!rerun.same) {
      const words = (value: Verdict | Proposed) => clean(inWords(value, episode, rerun.index));
      say(`${String(rerun.index).padStart(4)}  then  ${words(rerun.recorded)}`);
      say(`      now   ${bad(words(rerun.now))}`);
    }
  }
  const total = `${different} of ${count} ${options.gate ? 'verdicts' : 'answers'} differ`;
  if (options.json) say(JSON.stringify({ kind: 'result', count, different }));
  else say(different === 0 ? good(total) : bad(total));
  return different === 0 ? EXIT.success : EXIT.failure;
}

async function* rerunOf(episode: Episode, options: ReplayOptions): AsyncGenerator<Rerun<Verdict> | Rerun<Proposed>> {
  if (options.policy === undefined) return yield* rerunGate(episode, defaultRules);
  const plugin = await loadPlugin('policy', options.policy);
  const who = `policy ${options.policy}`;
  const policy = plugin.create(parseOptions(plugin.options, policyOptionsIn(options.policyOptions), who));
  try {
    yield* rerunPolicy(episode, policy);
  } finally {
    await policy.close?.();
  }
}

function inWords(value: Verdict | Proposed, { steps }: Episode, index: number): string {
  if ('failure' in value) return `no answer: ${value.failure}`;
  const marks = steps.find((step) => step.index === index)?.observation?.marks ?? [];
  const action = actionInWords(value.action, marks);
  return 'reasons' in value ? `${value.kind}: ${action} ${value.reasons.join('; ')}` : action;
}
