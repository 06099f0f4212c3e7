/**
 * `pumice doctor`: looks whether this machine can do what pumice needs, and says what to do where it cannot. `doctor model` asks a
 * model server about one marked picture; `doctor ros` listens to a robot behind a bridge; `doctor sim` starts a simulator.
 */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, from } from 'rxjs';
import { parseAddress } from '../address.ts';
import { monotonicNowMs } from '../clock.ts';
import { paint } from '../demo/progress.ts';
import { describeError, PumiceError } from '../errors.ts';
import type { Chat, ModelProfile, ServedModel } from '../models/index.ts';
import type { Answer, Context, Env } from '../ports.ts';
import { EXIT } from './exit.ts';
import { loadPlugin } from './registry.ts';
import { readConfig } from './settings.ts';
import { clean } from './words.ts';

export interface DoctorOptions {
  readonly browser?: string;
  readonly modelUrl?: string;
  readonly model?: string;
  readonly apiKeyEnv?: string;
  /** Family of the model; by its name when it is not given. */
  readonly profile?: string;
  readonly config?: string;
  /** Of the bridge. */
  readonly url?: string;
  /** A person jogs the robot, when nothing is wrong with it. */
  readonly jog?: boolean;
  readonly out?: string;
  readonly overwrite?: boolean;
  /** Simulator, and the Python that has it. */
  readonly backend?: string;
  readonly python?: string;
  /** Its robot is moved along each axis. */
  readonly calibrate?: boolean;
  /** In this task: a simulator may have other robots in others. */
  readonly task?: string;
}
export type Checked = 'machine' | 'model' | 'ros' | 'sim';

export interface Finding {
  readonly how: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly says: string;
}

/** @returns 0 when nothing failed, 1 otherwise. */
export async function doctor(what: Checked, options: DoctorOptions): Promise<number> {
  const ink = paint(Boolean(process.stdout.isTTY) && process.env.NO_COLOR === undefined);
  const jog = options.jog ? await jogOf(what, options) : undefined;
  let hasFailed = false;
  const checks = { machine: checkMachine, model: checkModel, ros: checkRobot, sim: checkSim };
  for await (const { how, what: name, says } of checks[what](options)) {
    hasFailed ||= how === 'fail';
    const mark = how === 'ok' ? ink.good('ok  ') : how === 'warn' ? ink.bold('warn') : ink.bad('fail');
    process.stdout.write(`${mark}  ${name.padEnd(10)}  ${clean(says)}\n`);
  }
  if (jog && hasFailed) process.stdout.write('Nothing is jogged before that is mended.\n');
  if (hasFailed) return EXIT.failure;
  return jog ? jog() : EXIT.success;
}

async function jogOf(what: string, options: DoctorOptions): Promise<() => Promise<number>> {
  if (what !== 'ros')
    throw new PumiceError('cli/usage', `--jog: expected a robot, got doctor ${what}`, {
      who: 'pumice doctor',
      hint: 'Write pumice doctor ros --jog --url ws://HOST:9090 --profile NAME',
    });
  const { prepareJog } = await import('./jog.ts');
  return prepareJog({ ...robotOf(options), out: options.out, overwrite: options.overwrite });
}

function robotOf({ url, profile }: DoctorOptions): { url: string; profile: string } {
  if (url && profile) return { url, profile };
  throw new PumiceError(
    'cli/usage',
    `expected --url and --profile, got --url '${url ?? ''}' --profile '${profile ?? ''}'`,
    {
      who: 'pumice doctor ros',
      hint: 'Give --url ws://HOST:9090 --profile NAME; pumice list env shows more',
    },
  );
}

async function* checkSim(options: DoctorOptions): AsyncGenerator<Finding> {
  const { checkSimulator } = await import('./doctor-sim.ts');
  yield* checkSimulator(options);
}

/** Listens, and sends nothing that moves. */
async function* checkRobot(options: DoctorOptions): AsyncGenerator<Finding> {
  const { url, profile } = robotOf(options);
  const { examineRobot, readProfile } = await import('../../envs/ros/index.ts');
  yield* examineRobot({ url, profile: readProfile(profile) });
}

async function* checkMachine({ browser }: DoctorOptions): AsyncGenerator<Finding> {
  yield checkNode();
  yield* checkBrowser(browser);
  yield await checkSharp();
  yield await checkCache();
  yield checkProxy(process.env);
}

/** Oldest Node that pumice runs on (`engines` of package.json). */
const NODE = [20, 19] as const;

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isEnough = major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
  const says = `Node ${process.versions.node}${isEnough ? '' : `; install ${NODE.join('.')} or later`}`;
  return { how: isEnough ? 'ok' : 'fail', what: 'node', says };
}

const PAGE = '<!doctype html><title>Doctor</title><button>Here</button>';

/** Finds, launches, looks, marks: as a run does. */
async function* checkBrowser(path: string | undefined): AsyncGenerator<Finding> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(PAGE));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  let env: Env | undefined;
  try {
    const plugin = await loadPlugin('env', 'browser');
    env = await plugin.create(plugin.options.parse({ url, ...(path !== undefined && { executablePath: path }) }));
    const { browser = 'unknown', browserSource = 'unknown', sandbox = 'unknown' } = env.facts ?? {};
    yield { how: 'ok', what: 'browser', says: `${browser} (${browserSource})` };
    const hint = sandbox === 'on' ? '' : '; pages off this machine need --no-sandbox, or an ordinary user';
    yield { how: sandbox === 'on' ? 'ok' : 'warn', what: 'sandbox', says: sandbox + hint };
    yield await checkMarks(env);
  } catch (error) {
    yield { how: 'fail', what: 'browser', says: describeError(error) };
  } finally {
    await env?.close();
    server.close();
  }
}

/** Longest wait for one call of the browser, ms. Chosen: a cold start on a busy machine. */
const CALL_MS = 60_000;

async function checkMarks(env: Env): Promise<Finding> {
  const context: Context = { signal: AbortSignal.timeout(CALL_MS), nowMs: monotonicNowMs, report: () => {} };
  const ask = <T>(answer: Answer<T>): Promise<T> => firstValueFrom(from(answer));
  await ask(env.reset({ instruction: 'doctor' }, context));
  const sensed = await ask(env.observe(context));
  const plugin = await loadPlugin('marker', 'som');
  const observation = { ...sensed, seq: 0, epoch: 0, instruction: 'doctor', history: [] };
  const marked = await ask(plugin.create(plugin.options.parse({})).mark(observation, context));
  const frame = marked.frames[0];
  if (sensed.marks?.length === 1 && frame?.marked)
    return {
      how: 'ok',
      what: 'marks',
      says: `one button found and numbered on ${frame.widthPx} x ${frame.heightPx} px`,
    };
  return {
    how: 'fail',
    what: 'marks',
    says: `expected one mark on a page with one button, found ${sensed.marks?.length ?? 0}`,
  };
}

async function checkSharp(): Promise<Finding> {
  try {
    const { encodeJpeg } = await import('../vision/index.ts');
    const grey = {
      data: new Uint8Array(48).fill(128),
      widthPx: 4,
      heightPx: 4,
      encoding: 'rgb8',
      stampMs: 0,
      camera: 'doctor',
    };
    const { data } = await encodeJpeg({ ...grey, encoding: 'rgb8' });
    return { how: 'ok', what: 'pictures', says: `sharp encodes (${data.length} bytes)` };
  } catch (error) {
    return { how: 'fail', what: 'pictures', says: `sharp: ${describeError(error)}. Run npm install sharp` };
  }
}

/** Where the browser from npm is unpacked to (`envs/browser/unpack.ts`). */
async function checkCache(): Promise<Finding> {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pumice');
  const probe = join(folder, `.doctor-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, '');
    await rm(probe);
    return { how: 'ok', what: 'cache', says: folder };
  } catch (error) {
    const says = `${folder} cannot be written (${describeError(error)}); set XDG_CACHE_HOME to a folder that can`;
    return { how: 'warn', what: 'cache', says };
  }
}

function checkProxy(environment: NodeJS.ProcessEnv): Finding {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
  const set = names.filter((name) => environment[name]);
  const wrong = set.filter((name) => !/^no_/i.test(name) && !isProxyAddress(environment[name]!));
  if (wrong.length > 0) return { how: 'fail', what: 'proxy', says: `${wrong.join(', ')}: expected http://host:port` };
  return { how: 'ok', what: 'proxy', says: set.length > 0 ? `used: ${set.join(', ')}` : 'none set' };
}

function isProxyAddress(text: string): boolean {
  const address = text.includes('://') ? text : `http://${text}`;
  return (parseAddress(address)?.hostname ?? '') !== '';
}

// ---------------------------------------------------------------- a model server

/** Longest wait for an answer, ms. Chosen: a large model that has to load first. */
const MODEL_MS = 180_000;
/** Tokens of the answer, thinking included. Chosen. */
const MODEL_TOKENS = 1500;

async function* checkModel(options: DoctorOptions): AsyncGenerator<Finding> {
  const { modelUrl, model, apiKeyEnv } = options;
  if (model === undefined)
    throw new PumiceError('cli/usage', 'expected --model NAME', {
      who: 'pumice doctor model',
      hint: 'Give the name that the server knows the model by, and --model-url http://host:port/v1',
    });
  const { openaiChat, servedModels } = await import('../models/index.ts');
  const chat = openaiChat({ modelUrl, model, apiKeyEnv });
  const profile = await profileFor(model, options);
  const signal = AbortSignal.timeout(MODEL_MS);
  try {
    const served = await servedModels(chat, signal);
    if (served) {
      yield await checkServed(model, served);
    }
    yield { how: 'ok', what: 'family', says: `${profile.family}: ${profile.summary}` };
    if (profile.transport === 'openai-chat' && profile.family !== 'generic')
      yield await checkFamily(chat, profile, signal);
    if (profile.actionFormat.ui === 'pumice-json') yield* checkActions(chat, signal);
  } catch (error) {
    yield { how: 'fail', what: 'answers', says: describeError(error) };
  }
}

/** Some servers know models that they do not list, so one that is not listed is asked all the same. */
async function checkServed(model: string, served: readonly ServedModel[]): Promise<Finding> {
  const { notServed } = await import('../models/index.ts');
  const found = served.find(({ id }) => id === model);
  const room = found?.contextTokens === undefined ? '' : `, ${found.contextTokens} tokens of context`;
  return found
    ? { how: 'ok', what: 'served', says: `${model}${room}` }
    : { how: 'warn', what: 'served', says: notServed(model, served) };
}

async function profileFor(model: string, { profile, config: file }: DoctorOptions): Promise<ModelProfile> {
  const { profileForModel, profileOf, withOwnProfiles } = await import('../models/index.ts');
  const config = await readConfig(file);
  const profiles = withOwnProfiles(config.profiles, config.who);
  return profile === undefined ? profileForModel(model, profiles) : profileOf(profile, profiles);
}

/** The self-test that a run of this family begins with. */
async function checkFamily(chat: Chat, profile: ModelProfile, signal: AbortSignal): Promise<Finding> {
  const { askChat, selfTest } = await import('../models/index.ts');
  const { fault, says, hint } = await selfTest({ profile, ask: askChat(chat, profile), signal });
  const how = fault === undefined ? 'ok' : fault === 'unseeing' ? 'warn' : 'fail';
  return { how, what: 'self-test', says: hint === undefined ? says : `${says}. ${hint}` };
}

/** Whether it can answer with an action on a marked page, as the `vlm` policy asks. */
async function* checkActions(chat: Chat, signal: AbortSignal): AsyncGenerator<Finding> {
  const { probeModel } = await import('../models/index.ts');
  const probe = await probeModel(chat, { signal, maxTokens: MODEL_TOKENS });
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  yield {
    how: 'ok',
    what: 'answers',
    says: `first word after ${seconds(probe.firstMs)}, all after ${seconds(probe.totalMs)}`,
  };
  if (probe.usage)
    yield { how: 'ok', what: 'tokens', says: `${probe.usage.inputTokens} in, ${probe.usage.outputTokens} out` };
  if (probe.problem !== undefined)
    return yield { how: 'fail', what: 'form', says: `${probe.problem}. It said: ${probe.text.slice(0, 400)}` };
  yield { how: 'ok', what: 'form', says: probe.text.slice(0, 400) };
  const says = probe.isRight ? 'chose the right mark on the picture' : 'chose the wrong mark: it may not see pictures';
  yield { how: probe.isRight ? 'ok' : 'warn', what: 'sight', says };
}
