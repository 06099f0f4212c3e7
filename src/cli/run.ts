/**
 * `pumice run <agent>`: puts agent and policy together from flags and config file, and shows how the run goes.
 * Its flags are those of the agent and the policy that are named, so the command is made anew for each call.
 */
import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Agent, AgentPlugin } from '../agent.ts';
import type { Dashboard } from '../dashboard/index.ts';
import { paint } from '../demo/progress.ts';
import { PumiceError } from '../errors.ts';
import type { RunEvent } from '../events.ts';
import { planned } from '../planned.ts';
import { type Context, type Critic, type Policy, type PolicyPlugin, parseOptions } from '../ports.ts';
import { prepare } from '../prepare.ts';
import type { EpisodeResult, Run } from '../run.ts';
import { keyboard } from '../stops/index.ts';
import { approverOf, openBoard, overTo } from './board.ts';
import { makeCommand } from './command.ts';
import { addCriticFlags, type ChosenCritic, chooseCritics, createCritics, groupOf } from './critics.ts';
import { type Display, jsonDisplay, liveDisplay, plainDisplay } from './display.ts';
import { EXIT, exitOfOutcome } from './exit.ts';
import { Flags } from './flags.ts';
import { type Interrupts, watchInterrupts } from './interrupts.ts';
import { LOG_LEVELS, openLog } from './log.ts';
import { personAt } from './person.ts';
import { bodyFor } from './policy-options.ts';
import { loadPlugin, pluginNames } from './registry.ts';
import { type RunSettings, readConfig, readSettings, runSchema, withProfile } from './settings.ts';
import { clean } from './words.ts';

const EXAMPLES = [
  'run ui-navigator --url https://shop.example --instruction "click \\"Sign in\\""',
  'run ui-navigator --url https://shop.example --instruction "find the October invoice" --policy vlm --model-url http://gpu:8000/v1 --model my-model',
  'run ui-navigator --url https://shop.example --instruction "log in as ann with {{password}}" --secret password=SHOP_PASSWORD@https://shop.example',
  'run ui-navigator --url https://shop.example "click \\"Sign in\\"" --dry-run',
  'run ui-navigator --url https://shop.example --instruction "the same again" --policy replay --from runs/first.mcap',
  'run ui-navigator --url https://shop.example --instruction "click \\"Sign in\\"" --json --timeout 5m --record signin.mcap',
  'run teleop-assist "pick up the red block" --dashboard',
];

/** Everything that a run needs, read and checked. */
interface Plan {
  readonly name: string;
  readonly agent: AgentPlugin;
  readonly agentOptions: unknown;
  readonly policyName: string;
  readonly policy: PolicyPlugin;
  readonly policyOptions: unknown;
  readonly critics: readonly ChosenCritic[];
  /** Options of critics, by the names of their groups. */
  readonly criticOptions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly run: RunSettings;
  readonly isJson: boolean;
  readonly logLevel: string;
}

/** The help of `pumice run` before an agent is named. */
export function runOverview(): Command {
  const summary = 'let an agent do a task';
  return makeCommand('pumice run', { summary, examples: EXAMPLES, exits: true })
    .usage('<agent> INSTRUCTION [options]')
    .addHelpText(
      'before',
      `Agents: ${pluginNames('agent').join(', ')} (pumice run <agent> --help shows the options of each)\n`,
    );
}

/** The command of one call: `args` begins with the agent. @throws PumiceError for plugins and config files that are none. */
export async function runCommand(
  args: readonly string[],
  act: (plan: Plan) => Promise<void> = async () => {},
): Promise<Command> {
  const [name = '', ...rest] = args;
  const agent = await loadPlugin('agent', name);
  const config = await readConfig(flagIn(rest, '--config'));
  const inConfig = config.values.policy;
  const policyName = flagIn(rest, '--policy') ?? (typeof inConfig === 'string' ? inConfig : agent.defaultPolicy);
  const policy = await loadPlugin('policy', policyName);
  const critics = await chooseCritics(
    flagsIn(rest, '--critic') ?? namesIn(config.values.critics),
    agent.defaultCritics,
  );
  const flags = new Flags().add('run', runSchema).add('agent', agent.options).add('policy', policy.options);
  addCriticFlags(flags, critics);
  const command = makeCommand(`pumice run ${name}`, { summary: agent.summary, examples: EXAMPLES, exits: true });
  for (const option of flags.options) command.addOption(option);
  command
    .argument('[instruction]', 'what to do, in words; or give --instruction')
    .option('--config <file>', 'options from a file; default: pumice.config.js or .json in this folder')
    .option('--json', 'one JSON object per line: each step without pictures, and the result')
    .addOption(
      new Option('--log-level <level>', 'what goes to standard error').choices([...LOG_LEVELS]).default('warn'),
    )
    .addHelpText(
      'after',
      `\nPolicy: ${policyName}, ${policy.summary} (--policy ${pluginNames('policy').join('|')}, or a file)`,
    );
  return command.action(async (sentence: string | undefined, values: Record<string, unknown>) => {
    const read = (group: string) => flags.valuesOf(group, values);
    const settings = readSettings(
      config,
      { run: withSentence(read('run'), sentence), agent: read('agent') },
      agent.options,
    );
    const ofConfig = policyName === inConfig || inConfig === undefined ? config.policyOptions : {};
    const ofPolicy = withProfile({ ...bodyFor(policy.options, agent.body), ...ofConfig, ...read('policy') }, config);
    await act({
      name,
      agent,
      agentOptions: settings.agent,
      policyName,
      policy,
      policyOptions: parseOptions(policy.options, ofPolicy, `policy ${policyName}`),
      critics,
      criticOptions: Object.fromEntries(
        critics.map((one) => {
          const group = groupOf(one);
          const ofFile = config.criticOptions[group];
          return [group, { ...bodyFor(one.plugin.options, agent.body), ...(ofFile as object), ...read(group) }];
        }),
      ),
      run: settings.run,
      isJson: values.json === true,
      logLevel: String(values.logLevel),
    });
  });
}

/** The instruction may stand by itself. @throws PumiceError `cli/usage` when it is given twice. */
function withSentence(given: Record<string, unknown>, sentence: string | undefined): Record<string, unknown> {
  if (sentence === undefined) return given;
  if (given.instruction === undefined) return { ...given, instruction: sentence };
  throw new PumiceError('cli/usage', `expected one instruction, got '${sentence}' and --instruction as well`, {
    who: 'pumice run',
    hint: 'Give it once, in quotes',
  });
}

/** Runs one command line. @returns the exit code. */
export async function runFrom(args: readonly string[]): Promise<number> {
  const isHelp = args.length === 0 || args[0] === '--help' || args[0] === '-h';
  if (isHelp) {
    const overview = runOverview();
    if (args.length > 0) overview.outputHelp();
    else overview.help({ error: true });
    return EXIT.success;
  }
  if (args[0]!.startsWith('-'))
    throw new PumiceError(
      'cli/usage',
      `expected an agent before ${args[0]} (there is: ${pluginNames('agent').join(', ')})`,
      {
        who: 'pumice run',
        hint: `Write pumice run ${pluginNames('agent')[0]} ${args[0]} ...`,
      },
    );
  let exitCode: number = EXIT.success;
  const command = await runCommand(args, async (plan) => {
    exitCode = await execute(plan);
  });
  await command.parseAsync(args.slice(1), { from: 'user' });
  return exitCode;
}

/** The value of a flag before the flags are known: it decides which there are. */
function flagIn(args: readonly string[], flag: string): string | undefined {
  const at = args.findLastIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  return at < 0 ? undefined : args[at] === flag ? args[at + 1] : args[at]!.slice(flag.length + 1);
}

/** All values of a flag that can be given again; undefined when it is not there. */
function flagsIn(args: readonly string[], flag: string): readonly string[] | undefined {
  const found = args.flatMap((arg, at) =>
    arg === flag ? [args[at + 1] ?? ''] : arg.startsWith(`${flag}=`) ? [arg.slice(flag.length + 1)] : [],
  );
  return found.length > 0 ? found : undefined;
}

/** Names in a config file; what is no list of names is left for the schema to refuse. */
const namesIn = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;

/** Does it. @returns the exit code. */
export async function execute(plan: Plan): Promise<number> {
  const { instruction, dashboard: hasBoard } = plan.run;
  const isGiven = instruction !== undefined && instruction.trim() !== '';
  if (!isGiven && !hasBoard)
    throw new PumiceError('cli/usage', 'instruction: expected what to do, got nothing', {
      who: 'pumice run',
      hint: 'Give it in quotes after the agent, or as --instruction "..." (or instruction in the config file), or --dashboard to give it there',
    });
  if (plan.agent.needsPilot?.(plan.agentOptions) && !hasBoard)
    throw new PumiceError('cli/usage', `${plan.name} is led by a person, and there are no controls to lead it by`, {
      who: 'pumice run',
      hint: 'Give --dashboard, and lead it from the page; or --env ros and --pilot-topic',
    });
  let mask = (text: string) => text;
  const display = displayFor(plan.isJson, (text) => mask(text));
  using interrupts = watchInterrupts((text) => process.stderr.write(`\n${text}\n`));
  await using board = await openBoard(plan.run);
  const created = plan.policy.create(plan.policyOptions);
  if (takesHand(created)) {
    if (!board)
      throw new PumiceError('cli/usage', `policy ${plan.policyName} is a person, and there is no page to act from`, {
        who: 'pumice run',
        hint: 'Give --dashboard, and act on the picture at its page',
      });
    created.useHand(board.hand);
  }
  const critics = createCritics(plan.critics, (group) => plan.criticOptions[group] ?? {});
  await using _critics = { [Symbol.asyncDispose]: () => closeAll(critics) };
  if (plan.run.selfTest)
    for (const one of [created, ...critics]) await prepare(one, { signal: interrupts.signal, report: tellProgress });
  const policy = await ledPolicy(created, plan.run);
  await using agent = await plan.agent.create(plan.agentOptions, {
    policy,
    ...(plan.policy.needsText !== undefined && { needsText: plan.policy.needsText }),
  });
  mask = agent.mask ?? mask;
  if (interrupts.signal.aborted) return interrupts.exitCode()!;
  const scene = { agent, critics, display, interrupts, mask, ...(board && { board }) };
  // Waited for here: what is used above is closed when this returns.
  return await attendAll(plan, scene, isGiven ? instruction : undefined);
}

/** One episode after the other, as long as somebody at the dashboard begins them. @returns the exit code, that of the last one. */
async function attendAll(plan: Plan, scene: Scene, given: string | undefined): Promise<number> {
  const { board, display, interrupts } = scene;
  let last: EpisodeResult | undefined;
  for (let nth = 1, wanted = given; ; nth++) {
    const isPatient = last === undefined;
    if (!isPatient || wanted === undefined)
      wanted = await board?.nextStart(wanted ?? '', { signal: interrupts.signal, isPatient });
    if (wanted === undefined) return interrupts.exitCode() ?? (last ? exitOfOutcome(last.outcome) : EXIT.success);
    last = await attend(plan, scene, wanted, nth);
    display.end(last);
  }
}

const closeAll = async (critics: readonly Critic[]): Promise<void> => {
  await Promise.all(critics.map((critic) => critic.close?.()));
};

/** What is being tried out may take a while: a person is told what it is. */
const tellProgress: Context['report'] = (event) => {
  if (event.kind === 'progress') process.stderr.write(`${clean(event.text)}\n`);
};

/** A policy that is a person. */
const takesHand = (policy: object): policy is { readonly useHand: (hand: Dashboard['hand']) => void } =>
  'useHand' in policy;

const isAttended = (isJson: boolean) => Boolean(!isJson && process.stdin.isTTY && process.stdout.isTTY);

function displayFor(isJson: boolean, mask: (text: string) => string): Display {
  const isLive = Boolean(process.stdout.isTTY);
  const output = {
    write: (text: string) => void process.stdout.write(mask(text)),
    paint: paint(isLive && process.env.NO_COLOR === undefined),
    columns: () => process.stdout.columns ?? 80,
  };
  return isJson ? jsonDisplay(output) : isLive ? liveDisplay(output) : plainDisplay(output);
}

interface Scene {
  readonly agent: Agent;
  readonly critics: readonly Critic[];
  readonly display: Display;
  readonly interrupts: Interrupts;
  readonly mask: (text: string) => string;
  readonly board?: Dashboard;
}

/** Runs one episode with a person, if there is one, a log and a recording. */
async function attend(
  plan: Plan,
  { agent, critics, display, interrupts, mask, board }: Scene,
  instruction: string,
  nth: number,
): Promise<EpisodeResult> {
  const { seed, dryRun, maxSteps, maxTokens, timeout: timeoutMs, record, noRecord } = plan.run;
  const log = await openLog({ level: plan.logLevel, isTerminal: Boolean(process.stderr.isTTY), mask });
  const isThere = isAttended(plan.isJson);
  const keys = isThere && agent.keysStop === true ? [keyboard()] : [];
  if (keys.length > 0) display.say('Space, q or Escape stops it.');
  using person = isThere && keys.length === 0 ? personAt({ input: process.stdin, say: display.say }) : undefined;
  const sink = noRecord ? undefined : await recorderFor(record, nth, mask);
  const run = agent.run({
    instruction,
    ...(seed !== undefined && { seed }),
    dryRun,
    budget: {
      // Looks while a person does nothing are steps too.
      ...(plan.policyName === 'person' && { maxSteps: Number.POSITIVE_INFINITY }),
      ...(maxSteps !== undefined && { maxSteps }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    },
    sinks: sink ? [sink] : [],
    critics,
    stops: board ? [...keys, board.stops] : keys,
    isAttended: person !== undefined || board?.isAttended() === true,
    ...approverOf(person?.approver, board),
    ...(plan.agent.needsPilot && board && { pilot: board.pilot }),
    facts: { agent: plan.name, policy: plan.policyName },
  });
  board?.watch(run, agent);
  const stop = () => run.stop(interrupts.signal.reason.message);
  interrupts.signal.addEventListener('abort', stop, { once: true });
  // It may have come while log and recorder were being opened.
  if (interrupts.signal.aborted) stop();
  const atBoard = board && !person ? overTo(board, run) : undefined;
  run.events$.subscribe({
    next: (event) => {
      atBoard?.(event);
      logEvent(log, event);
      display.show(event);
      if (event.kind === 'hand-over' && person) void person.line('Do it, then press Enter').then(goOn(run));
    },
    error: () => {},
  });
  const result = await run.result;
  interrupts.signal.removeEventListener('abort', stop);
  return { ...result, ...(sink && existsSync(sink.file) && { recordPath: sink.file }) };
}

/** The policy, led by a planner where one is named. */
async function ledPolicy(policy: Policy, { planner, plannerUrl, plannerModel }: RunSettings): Promise<Policy> {
  if (planner === undefined) return policy;
  const { modelPlanner, openaiChat, profileOf } = await import('../models/index.ts');
  const family = planner === 'cosmos-reason' ? 'cosmos-reason2' : planner;
  const chat = openaiChat({ modelUrl: plannerUrl, model: plannerModel ?? family });
  return planned(policy, modelPlanner({ profile: profileOf(family), chat }));
}

/** Not inlined: TypeScript 5.9 leaves the `.ts` of an import() that stands in a function with a `using` declaration. */
async function recorderFor(file: string | undefined, nth: number, mask: (text: string) => string) {
  const { recorder } = await import('../record/index.ts');
  if (file === undefined) return recorder({ dir: 'runs', mask });
  return recorder({ file: nth === 1 ? file : file.replace(/(\.mcap)?$/, `-${nth}$1`), mask });
}

/** A person who has left cannot take over. */
const goOn = (run: Run) => (line: string | undefined) =>
  line === undefined ? run.stop('nobody is there to take over') : run.resume();

type Log = Awaited<ReturnType<typeof openLog>>;
function logEvent(log: Log, event: RunEvent): void {
  if (event.kind === 'warning') log.warn(event.text);
  else if (event.kind === 'chunk-refused') log.info({ reason: event.reason, count: event.count }, event.text);
  else if (event.kind === 'sink-failed') log.warn({ sink: event.sink }, event.reason);
  else if (event.kind === 'approval-asked')
    // Without what it shows: pictures are no log.
    log.info({ question: event.question.id, reasons: event.question.verdict.reasons }, event.kind);
  else if (event.kind === 'stop-latched' || event.kind === 'protective-stop')
    log.info({ event: event.kind }, event.cause);
  else if (event.kind === 'step-end')
    log.debug({ step: event.record.index, timings: event.record.timings }, event.record.proposed.kind);
  else if (event.kind === 'episode-start') {
    // What a body wants said: no sandbox, for one.
    if (event.facts.facts.warning !== undefined) log.warn(event.facts.facts.warning);
    log.info({ facts: event.facts }, 'episode-start');
  } else log.trace({ event }, event.kind);
}
