/** Profiles in files, and what the commands refuse before anything is looked at. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { readProfile, writeProfile } from 'pumice/envs/ros';
import { expect, it, onTestFinished } from 'vitest';
import { servoArm } from '../../envs/ros/profiles/servo-arm.ts';
import { prepareJog } from '../../src/cli/jog.ts';

function folder() {
  const made = mkdtempSync(join(tmpdir(), 'pumice-profile-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return (name: string) => join(made, name);
}
const jog = { from: 'servo-arm', url: 'ws://robot:9090', at: '2026-01-01', found: ['a'], decides: ['b'] };

it('a profile that is written is read back under the name of its file, with what it rests on beside it', () => {
  const file = folder()('my-arm.json');
  writeProfile(file, { profile: servoArm, jog });
  expect(readProfile(file)).toEqual({ ...servoArm, robot: { ...servoArm.robot, name: 'my-arm' } });
  expect(JSON.parse(readFileSync(file, 'utf8')).jog).toEqual(jog);
  expect(readProfile('servo-arm')).toBe(servoArm);
});

it('a file that is there is written over only when that is said', () => {
  const file = folder()('my-arm.json');
  writeFileSync(file, 'mine');
  expect(() => writeProfile(file, { profile: servoArm, jog })).toThrow(/is there already/);
  expect(readFileSync(file, 'utf8')).toBe('mine');
  writeProfile(file, { profile: servoArm, jog }, true);
  expect(readProfile(file).robot.name).toBe('my-arm');
});

it('what is no profile is refused with what is wrong with it', () => {
  const at = folder();
  const written = (text: string) => {
    writeFileSync(at('a.json'), text);
    return () => readProfile(at('a.json'));
  };
  expect(() => readProfile('franka')).toThrow(/no profile of this name, and it is no .json file/);
  expect(() => readProfile('constructor')).toThrow(/no profile of this name/);
  expect(() => readProfile(at('none.json'))).toThrow(/cannot be read: ENOENT/);
  expect(written('{')).toThrow(/cannot be read/);
  expect(written('{"profile": 3}')).toThrow(/expected { "profile": { "robot"/);
  expect(written(JSON.stringify({ profile: servoArm, more: 1 }))).toThrow(/more/);
  expect(written(JSON.stringify({ profile: { ...servoArm, watchdogMs: 30 } }))).toThrow(/watchdogMs: 30 ms would trip/);
});

it('a jog is refused without a person at a terminal, and where its file is there', () => {
  const at = folder();
  const command = { url: 'ws://robot:9090', profile: 'servo-arm', out: at('new.json') };
  const terminal = { input: new PassThrough(), isTerminal: true, say: () => {} };
  expect(() => prepareJog(command, { ...terminal, isTerminal: false })).toThrow(/expected a person at a terminal/);
  expect(() => prepareJog({ ...command, out: at('new.txt') }, terminal)).toThrow(/--out: expected a .json file/);
  writeFileSync(command.out, '');
  expect(() => prepareJog(command, terminal)).toThrow(/is there already/);
  expect(prepareJog({ ...command, overwrite: true }, terminal)).toBeTypeOf('function');
  expect(existsSync('servo-arm-jogged.json')).toBe(false);
});
