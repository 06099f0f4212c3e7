import { expect, it } from 'vitest';
import { folder, pumice } from '../cli/pumice.ts';
import { fakeModelServer, says } from '../models/fake-model-server.ts';

it('doctor checks Node, browser, sandbox, marks, pictures, cache and proxy, and exits 0 on a machine that works', async () => {
  using home = folder();
  const { code, out, error } = await pumice(['doctor'], { env: { XDG_CACHE_HOME: home.path, NO_PROXY: 'localhost' } });
  expect(error).toBe('');
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));
  expect(lines.map(([, what]) => what)).toEqual(['node', 'browser', 'sandbox', 'marks', 'pictures', 'cache', 'proxy']);
  expect(lines.map(([how]) => how).filter((how) => how !== 'ok' && how !== 'warn')).toEqual([]);
  expect(out).toMatch(/marks +one button found and numbered/);
  expect(code).toBe(0);
});

it('doctor says what is wrong and what to do, and exits 1', async () => {
  using home = folder();
  const cache = home.write('a-file', '');
  const env = { XDG_CACHE_HOME: cache, HTTPS_PROXY: 'http://:8080' };
  const { code, out } = await pumice(['doctor', '--browser', '/nowhere/chromium'], { env });
  expect(out).toMatch(/fail {2}browser .*\/nowhere\/chromium.*Give the path/);
  expect(out).toMatch(/warn {2}cache .*XDG_CACHE_HOME/);
  expect(out).toMatch(/fail {2}proxy .*HTTPS_PROXY.*http:\/\/host:port/);
  expect(code).toBe(1);
});

it('doctor model sends one marked picture and says what came of it', async () => {
  const answer = (content: string) => JSON.stringify({ choices: [{ message: { content }, finish_reason: 'stop' }] });
  const right = '{"thought": "the blue disc is 9", "kind": "ui-click", "target": 9}';
  await using server = await fakeModelServer(
    (response) => response.setHeader('content-type', 'application/json').end(answer(right)),
    (response) => response.setHeader('content-type', 'application/json').end(answer('I would press the disc.')),
    (response) => response.writeHead(401).end('{"error": {"message": "who are you"}}'),
  );
  const doctor = () => pumice(['doctor', 'model', '--model-url', server.url, '--model', 'small']);
  expect(await doctor()).toMatchObject({ code: 0, out: expect.stringMatching(/ok {4}sight +chose the right mark/) });
  expect(JSON.stringify(server.asked[0]!.body)).toContain('data:image/jpeg;base64');
  expect(await doctor()).toMatchObject({ code: 1, out: expect.stringMatching(/fail {2}form .*I would press/) });
  expect(await doctor()).toMatchObject({ code: 1, out: expect.stringMatching(/fail {2}answers .*401/) });
});

it('doctor model runs the self-test of a family that it knows by the name, or by --profile', async () => {
  await using server = await fakeModelServer(says('the the the the the the the the the the the the'));
  const doctor = (...more: string[]) => pumice(['doctor', 'model', '--model-url', server.url, ...more]);
  const known = await doctor('--model', 'Qwen3-VL-8B');
  expect(known).toMatchObject({
    code: 1,
    out: expect.stringMatching(/ok {4}family +qwen3-vl: .*\nfail {2}self-test +.*garbled/),
  });
  const given = await doctor('--model', 'mine', '--profile', 'kosmos2');
  expect(given.out).toMatch(/family +kosmos2: .*\nfail {2}self-test/);
  expect(await doctor('--model', 'mine', '--profile', 'kosmo2')).toMatchObject({ code: 2 });
});
