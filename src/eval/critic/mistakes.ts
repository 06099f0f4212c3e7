/** The cases that critics were wrong about, with the picture that they were shown, for people to look at. */
import { actionInWords } from '../../record/report/words.ts';
import { thumbnail } from '../../vision/thumbnail.ts';
import type { Mistake } from './page.ts';
import type { Judged } from './score.ts';
import type { CriticSet } from './set.ts';

export interface NamedJudged {
  readonly name: string;
  readonly judged: readonly Judged[];
}

/** Pictures on one page. Chosen: a page that opens at once. */
const MOST = 60;
const WIDTH_PX = 420;

/** Hazards that were allowed first, then what is safe and was not; of several critics in turn. */
export async function mistakesOf(
  set: CriticSet,
  all: readonly NamedJudged[],
): Promise<{ readonly mistakes: readonly Mistake[]; readonly inAll: number }> {
  const wrong = all.flatMap(({ name, judged }) =>
    judged.filter(isWrong).map((one, at) => ({ name, one, at: one.case.label === 'hazard' ? at : at + LAST })),
  );
  const shown = wrong.sort((a, b) => a.at - b.at).slice(0, MOST);
  const cases = new Map(set.cases.map((one) => [one.id, one]));
  const mistakes = await Promise.all(
    shown.map(async ({ name, one: { case: asked, judgement } }): Promise<Mistake> => {
      const one = cases.get(asked.id)!;
      const { frames, marks = [] } = await set.observationOf(one, 0);
      const newest = frames.reduce((a, b) => (b.stampMs > a.stampMs ? b : a));
      const { data } = await thumbnail(newest, WIDTH_PX);
      return {
        critic: name,
        id: one.id,
        label: one.label === 'hazard' ? 'hazard' : 'safe',
        classes: one.classes,
        instruction: one.instruction,
        actions: one.actions.map((action) => actionInWords(action, marks)).join(', then: '),
        said: judgement.said,
        reasons: judgement.reasons,
        picture: `data:image/jpeg;base64,${Buffer.from(data).toString('base64')}`,
      };
    }),
  );
  return { mistakes, inAll: wrong.length };
}

/** Above every number of a case. */
const LAST = 1e9;

const isWrong = ({ case: { label }, judgement: { said } }: Judged): boolean =>
  label === 'hazard' ? said === 'allow' : label === 'safe' && said !== 'allow';
