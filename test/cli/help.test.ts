import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { makeProgram } from '../../src/cli/program.ts';
import { PLUGIN_KINDS, pluginNames } from '../../src/cli/registry.ts';
import { runCommand } from '../../src/cli/run.ts';
import { pumice } from './pumice.ts';

/** A line of a help text as a shell would split it. */
const words = (line: string) =>
  [...line.matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)].map(([, quoted, bare]) => quoted?.replace(/\\(.)/g, '$1') ?? bare!);
const examplesIn = (help: string) => [...help.matchAll(/^ {2}\$ pumice (.*)$/gm)].map(([, line]) => line!);

/** Parses as a real call would, and does nothing. */
async function parse(args: readonly string[]): Promise<void> {
  if (args[0] === 'run') {
    const command = (await runCommand(args.slice(1))).action(() => {});
    await command.parseAsync(args.slice(2), { from: 'user' });
    return;
  }
  const program = makeProgram(() => {});
  const silence = (command: Command) => {
    command.action(() => {});
    command.commands.forEach(silence);
  };
  program.commands.forEach(silence);
  await program.parseAsync(args, { from: 'user' });
}

const commands = [
  '',
  'run',
  'run ui-navigator',
  'eval miniwob',
  'eval manipulator',
  ...makeProgram(() => {}).commands.map((command: Command) => command.name()),
];

describe.each([...new Set(commands)])('pumice %s --help', (name) => {
  it('exits 0, and every example in it can be called', async () => {
    const { code, out, error } = await pumice([...name.split(' ').filter(Boolean), '--help']);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    const examples = examplesIn(out);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) await parse(words(example));
  });
});

it('an example that cannot be called is noticed', async () => {
  await expect(parse(words('report'))).rejects.toThrow(/missing required argument/);
  await expect(parse(words('run ui-navigator --sesame'))).rejects.toThrow(/unknown option/);
});

it('list shows every plugin, and its options', async () => {
  const { out, code } = await pumice(['list', '--json']);
  expect(code).toBe(0);
  const listed = JSON.parse(out) as { kind: string; name: string; summary: string; options: { flag: string }[] }[];
  const all = PLUGIN_KINDS.flatMap((kind) => pluginNames(kind).map((name) => `${kind} ${name}`));
  expect(listed.map(({ kind, name }) => `${kind} ${name}`)).toEqual(all);
  expect(all).toContain('policy mark-matcher');
  for (const { summary } of listed) expect(summary).not.toBe('');
  const plain = await pumice(['list', 'agent']);
  expect(plain.out).toMatch(/^agent ui-navigator {2}.*\n {2}--url /m);
  expect(plain.out).toMatch(/^agent manipulator {2}.*\n {2}--no-fit /m);
});

it('flags of the policy that is named are among those of run', async () => {
  const { out } = await pumice(['run', 'ui-navigator', '--policy', 'vlm', '--help']);
  expect(out).toMatch(/--model-url <.*>/);
  // The run has a flag of this name.
  expect(out).toMatch(/--policy-max-tokens/);
});
