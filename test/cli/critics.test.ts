/** Who judges a run, as it is said on the command line or in the config file. */
import { expect, it } from 'vitest';
import { FAKE_AGENT, folder, pumice, SAYS_NO } from './pumice.ts';

const click = { kind: 'ui-click', target: { markId: 2 } };
const config = (more = {}) => ({
  policy: 'scripted',
  policyOptions: { actions: [click] },
  instruction: 'play',
  noRecord: true,
  ...more,
});
const attempt = async (given: object, ...args: string[]) => {
  using home = folder();
  home.write('pumice.config.json', config(given));
  return await pumice(['run', FAKE_AGENT, ...args], { cwd: home.path });
};

it('without a critic a run says at its start that rules alone judge, and in each record', async () => {
  const [bare, none] = await Promise.all([attempt({}), attempt({}, '--critic', 'none', '--json')]);
  expect(bare).toMatchObject({ code: 0, out: expect.stringMatching(/^No critic: rules alone judge/) });
  const [step] = none.out.split('\n').map((line) => JSON.parse(line || '{}'));
  expect(step.record.verdict).toMatchObject({ kind: 'allow', opinions: [] });
});

it('a critic of a file judges, with options from flags or from the config file, and is named', async () => {
  const [no, yes, ofFile] = await Promise.all([
    attempt({}, '--critic', SAYS_NO, '--max-steps', '2'),
    attempt({}, '--critic', SAYS_NO, '--critic-to', 'ui-navigate'),
    attempt({ critics: [SAYS_NO], criticOptions: { 'says-no': { to: 'ui-type' } } }),
  ]);
  expect(no.out).toMatch(/^Judged by rules and says-no\.\n/);
  expect(no.out).toContain('says-no: ui-click is not for today');
  expect(yes).toMatchObject({ code: 0, out: expect.stringContaining('says-no') });
  expect(ofFile).toMatchObject({ code: 0, out: expect.stringContaining('Judged by rules and says-no.') });
});

it('a critic that is required and missing, or that cannot work, is a refusal to start', async () => {
  const [required, both, unknown, cannot, wrong] = await Promise.all([
    attempt({}, '--critic', 'required'),
    attempt({}, '--critic', 'none', '--critic', 'required'),
    attempt({}, '--critic', 'conscience'),
    attempt({}, '--critic', 'required', '--critic', SAYS_NO, '--critic-missing'),
    attempt({ critics: [SAYS_NO], criticOptions: { 'says-no': { at: 1 } } }),
  ]);
  expect(required).toMatchObject({
    code: 2,
    error: expect.stringMatching(/required, and none is named[\s\S]*--critic/),
  });
  expect(both).toMatchObject({ code: 2, error: expect.stringContaining("'none' by itself") });
  expect(unknown).toMatchObject({ code: 2, error: expect.stringContaining("no critic 'conscience'") });
  expect(cannot).toMatchObject({ error: expect.stringContaining('its model is not there') });
  expect(cannot.code).not.toBe(0);
  expect(cannot.out).not.toContain('Click');
  expect(wrong).toMatchObject({ code: 2, error: expect.stringContaining('at') });
});

it('help shows the options of the critics that are named', async () => {
  const { out } = await attempt({}, '--critic', SAYS_NO, '--help');
  expect(out).toContain('--critic-to <to>');
});
