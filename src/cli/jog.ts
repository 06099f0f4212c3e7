/**
 * `pumice doctor ros --jog`: a person jogs a robot, and the profile that follows is written into a new file. What speaks against it is
 * said before anything is looked at; what the examination finds is said before anything moves.
 */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { monotonicNowMs, wallMs, wallText } from '../clock.ts';
import { PumiceError } from '../errors.ts';
import type { KeyInput } from '../stops/index.ts';
import { EXIT } from './exit.ts';
import { watchInterrupts } from './interrupts.ts';
import { jogPersonAt } from './jog-person.ts';
import { clean } from './words.ts';

export interface JogCommand {
  readonly url: string;
  /** Name or file of the profile. */
  readonly profile: string;
  readonly out?: string | undefined;
  readonly overwrite?: boolean | undefined;
}

export interface JogTerminal {
  readonly input: KeyInput;
  readonly isTerminal: boolean;
  readonly say: (text: string) => void;
}

const who = 'pumice doctor ros --jog';
const ours = (): JogTerminal => ({
  input: process.stdin,
  isTerminal: Boolean(process.stdin.isTTY && process.stdout.isTTY),
  say: (text) => process.stdout.write(`${clean(text)}\n`),
});

const BEFORE = [
  'Stand behind the base, where you see the tool and reach the wired e-stop. Nobody else near the robot.',
  'It moves 20 mm and 5 degrees at most at a time, at 50 mm/s at most, and maybe another way than it says.',
  'q, Escape or Ctrl-C gives up.',
];

/**
 * @returns what begins the jog, once the examination found no fault.
 * @throws PumiceError `cli/usage` without a person at a terminal, and for a file that is there already.
 */
export function prepareJog(
  { url, profile: name, out, overwrite = false }: JogCommand,
  terminal: JogTerminal = ours(),
): () => Promise<number> {
  const file = out ?? `${basename(name, '.json')}-jogged.json`;
  const usage = (message: string, hint: string) => new PumiceError('cli/usage', message, { who, hint });
  if (!terminal.isTerminal)
    throw usage(
      'expected a person at a terminal, got none',
      'Run it in a terminal, with input and output not redirected',
    );
  if (!file.endsWith('.json')) throw usage(`--out: expected a .json file, got '${file}'`, 'Write --out my-arm.json');
  if (existsSync(file) && !overwrite) throw usage(`'${file}' is there already`, 'Give another --out, or --overwrite');
  return () => jogAndWrite({ url, name, file, overwrite }, terminal);
}

async function jogAndWrite(
  { url, name, file, overwrite }: { url: string; name: string; file: string; overwrite: boolean },
  { input, say }: JogTerminal,
): Promise<number> {
  const { jogRobot, readProfile, writeProfile } = await robots();
  using interrupts = watchInterrupts(say);
  using person = jogPersonAt({ input, say });
  for (const line of BEFORE) say(line);
  const { signal } = interrupts;
  const { found, decides, problems, profile } = await jogRobot({ url, profile: readProfile(name), person, signal });
  for (const line of found) say(`found    ${line}`);
  for (const line of problems) say(`problem  ${line}`);
  if (problems.length > 0) {
    say('Nothing is written: no profile follows from that.');
    return EXIT.failure;
  }
  for (const line of decides) say(`decides  ${line}`);
  const at = `${wallText(wallMs(monotonicNowMs()))} UTC`;
  writeProfile(file, { profile, jog: { from: name, url, at, found, decides } }, overwrite);
  say(`Written to ${file}. Use it as --profile ${file}`);
  return EXIT.success;
}

/** Not inlined: TypeScript 5.9 leaves the `.ts` of an import() that stands in a function with a `using` declaration. */
const robots = () => import('../../envs/ros/index.ts');
