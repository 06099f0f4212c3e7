/** All commands, and how an error becomes a message and an exit code. Loads nothing that a command does not need. */
import { readFileSync } from 'node:fs';
import { Argument, type Command, CommanderError } from 'commander';
import { describeError, PumiceError } from '../errors.ts';
import { makeCommand } from './command.ts';
import type { Checked } from './doctor.ts';
import { makeEvalCommand } from './eval-command.ts';
import { makeCompare } from './eval-suite-command.ts';
import { EXIT, exitOfError } from './exit.ts';
import { makeServePolicy } from './serve-policy-command.ts';

/** Runs one command line. @returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.success : EXIT.usage;
    const fact = PumiceError.is(error) ? { code: error.code, hint: error.hint } : {};
    if (args.includes('--json'))
      process.stdout.write(
        `${JSON.stringify({ kind: 'error', message: String((error as Error)?.message ?? error), ...fact })}\n`,
      );
    process.stderr.write(`pumice: ${PumiceError.is(error) ? describeError(error) : stackOf(error)}\n`);
    return exitOfError(error);
  }
}

/** What is no error of pumice's own is a defect, and its place matters. */
const stackOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));

async function dispatch(args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.success;
  const exit = (code: number) => {
    exitCode = code;
  };
  if (args[0] === 'run') {
    const { runFrom } = await import('./run.ts');
    return runFrom(args.slice(1));
  }
  await makeProgram(exit).parseAsync(args, { from: 'user' });
  return exitCode;
}

/** Every command but the inside of `run`. `exit` is told the exit code of one that ran. */
export function makeProgram(exit: (code: number) => void): Command {
  const program = makeCommand('pumice', {
    summary: 'Lets a vision-language-action model act in a browser or on a robot, under a gate that can always say no.',
    examples: [
      'doctor',
      'run ui-navigator --url https://shop.example --instruction "click \\"Sign in\\""',
      'list policy',
    ],
  })
    .version(version(), '-V, --version')
    .showSuggestionAfterError();
  const add = (command: Command) => program.addCommand(command);
  add(runStub());
  add(
    makeCommand('report', {
      summary: 'make a page of a recording: each step with its picture, thought, verdict and timings',
      examples: [
        'report runs/first.mcap',
        'report runs/first.mcap --out first.html --open',
        'report runs/arm.mcap --no-video',
      ],
    })
      .argument('<file>', 'recording, .mcap')
      .option('--out <file>', 'where the page goes; default: beside the recording')
      .option('--open', 'open it in the browser')
      .option('--video', 'make a video too, beside the page; default: when there was a camera')
      .option('--no-video', 'make none')
      .action(async (file: string, options) => exit(await (await import('./report.ts')).report(file, options))),
  );
  add(
    makeCommand('dashboard', {
      summary: 'go through a recording step by step, on the page on which runs are watched (run --dashboard)',
      examples: ['dashboard runs/first.mcap', 'dashboard runs/first.mcap --port 4800'],
    })
      .argument('<file>', 'recording, .mcap')
      .option('--host <address>', 'where the page is served; default: 127.0.0.1, for this machine alone')
      .option('--port <number>', 'its port; a free one unless given')
      .action(async (file: string, options) =>
        exit(await (await import('./dashboard.ts')).showRecording(file, options)),
      ),
  );
  add(
    makeCommand('replay', {
      summary: 'run recorded observations through a policy or the gate again, and show what comes out differently',
      examples: ['replay runs/first.mcap --gate', 'replay runs/first.mcap --policy mark-matcher --json'],
    })
      .argument('<file>', 'recording, .mcap')
      .option('--policy <policy>', 'policy to be asked again: a name, or a file of your own')
      .option('--policy-options <json>', 'its options, as JSON')
      .option('--gate', 'judge the recorded proposals by the rules of today')
      .option('--json', 'one JSON object per step')
      .action(async (file: string, options) => exit(await (await import('./replay.ts')).replay(file, options))),
  );
  add(makeEvalCommand(exit));
  add(makeCompare(exit));
  add(
    makeCommand('doctor', {
      summary:
        'check this machine: Node, browser, sandbox, pictures, cache, proxy; or a model server; a robot behind a bridge; a simulator',
      examples: [
        'doctor',
        'doctor model --model-url http://gpu:8000/v1 --model my-model',
        'doctor ros --url ws://robot:9090 --profile servo-arm',
        'doctor ros --url ws://robot:9090 --profile servo-arm --jog --out my-arm.json',
        'doctor sim --backend metaworld --python sim/bin/python --calibrate',
        'doctor sim --backend gymnasium --python sim/bin/python --task gymnasium_robotics:FetchReach-v4',
      ],
    })
      .addArgument(
        new Argument('[what]', 'what to check').choices(['machine', 'model', 'ros', 'sim']).default('machine'),
      )
      .option('--browser <path>', 'check this Chromium, Chrome or Edge')
      .option('--model-url <url>', 'address of the model server, before /chat/completions; default: OPENAI_BASE_URL')
      .option('--model <name>', 'name of the model')
      .option('--api-key-env <variable>', 'variable with the key; default: OPENAI_API_KEY')
      .option('--url <url>', 'ros: address of the bridge, such as ws://robot:9090')
      .option(
        '--profile <name>',
        "family of the model, see pumice models; default: by the model's name. ros: profile of the robot, or its file",
      )
      .option('--jog', 'ros: move it a little, axis by axis, while you hold a key, and write a profile by what you see')
      .option('--out <file>', 'jog: where the profile goes, .json; default: beside you, after the profile')
      .option('--overwrite', 'jog: in place of a file that is there')
      .option(
        '--backend <name>',
        'sim: metaworld, simpler_env, libero, gymnasium, a .json declaration of an env of it, or a .py file of your own',
      )
      .option('--python <file>', 'sim: a Python that has the simulator; default: python3')
      .option('--calibrate', 'sim: move its robot along each axis it has, and see whether its profile is right')
      .option(
        '--task <name>',
        'sim: the task whose robot is moved; default: the first of the simulator; gymnasium: module:EnvId and its arguments as JSON',
      )
      .option('--config <file>', 'profiles from a file; default: pumice.config.js or .json in this folder')
      .action(async (what: Checked, options) => exit(await (await import('./doctor.ts')).doctor(what, options))),
  );
  add(
    makeCommand('ask', {
      summary: 'ask a model about a picture, a clip or a recorded episode, and see what it points at',
      examples: [
        'ask nvidia/Cosmos-Reason2-8B --model-url http://gpu:8000/v1 --image desk.png "Locate the bounding box of the cup. Return a json."',
        'ask nvidia/Cosmos-Reason2-8B --model-url http://gpu:8000/v1 --video runs/first.mcap --judge --votes 5',
        'ask cogvlm2-video --model-url http://gpu:8000/v1 --video runs/first.mcap --narrate --jsonl captions.jsonl',
      ],
    })
      .argument('<model>', 'name of the model, as the server calls it')
      .argument('[question]', 'what is asked; with --judge the task, with --narrate what to find')
      .option('--image <file>', 'PNG or JPEG')
      .option('--video <file>', 'mp4, or a recorded episode (.mcap)')
      .option('--camera <name>', 'whose frames of an episode')
      .option('--model-url <url>', 'address of the model server, before /chat/completions; default: OPENAI_BASE_URL')
      .option('--api-key-env <variable>', 'variable with the key; default: OPENAI_API_KEY')
      .option('--profile <family>', "family of the model, see pumice models; default: by the model's name")
      .option('--think', 'let it think first; a judge does')
      .option('--no-think', 'do not')
      .option('--judge', 'was the task done, is it plausible, is anything wrong: yes, no or unknown, by votes')
      .option('--votes <number>', 'times that a judge is asked', '3')
      .option('--narrate', 'what happens, with times; or when does the question happen')
      .option('--jsonl <file>', 'events as lines of JSON, put at its end')
      .option('--out <file>', 'picture with boxes and points; default: beside you, after the file')
      .option('--json', 'the result as JSON')
      .action(async (model: string, question: string | undefined, options) =>
        exit(await (await import('./ask.ts')).ask(model, question, options)),
      ),
  );
  add(
    makeCommand('serve-model', {
      summary: "put pumice's own small model behind the wire of a large one, to try that path without a GPU",
      examples: [
        'serve-model ember --as magma',
        'serve-model ember --as magma --port 8080 --no-ids',
        'serve-model cinder --as cosmos-reason2 --port 8001',
      ],
    })
      .argument('<model>', 'ember, cinder')
      .requiredOption(
        '--as <wire>',
        'magma (ember): its own server (/predict), and chat completions with its action tokens; cosmos-reason2 (cinder): verdicts on motions, as vLLM serves them',
      )
      .option('--port <number>', 'port on this machine; 0 for any that is free', '8080')
      .option('--weights <folder>', 'a model of your own, as the policy ember or the critic cinder takes it')
      .option('--no-ids', 'ember: answer in text alone, as servers do that know no token ids')
      .option('--reasoning-parser', 'cinder: thoughts in a field of their own, as vLLM files them with qwen3')
      .action(async (name: string, options) =>
        exit(await (await import('./serve-model.ts')).serveModel(name, options)),
      ),
  );
  add(makeServePolicy(exit));
  add(
    makeCommand('ros-sim', {
      summary: 'show the simulated arm as a robot on a ROS graph, to try the way through a bridge with no robot',
      examples: [
        'ros-sim --url ws://127.0.0.1:9090 --profile servo-arm',
        'ros-sim "put the green block on the blue plate" --url ws://127.0.0.1:9090 --profile servo-arm --seed 7',
      ],
      notes: `It is a client of the bridge like any other: nothing listens on this machine. Beside the topics of the profile it speaks
  /pumice/sim/counts (std_msgs/Float64MultiArray): executed, old, unfit, afterStop, watchdogTrips, isDone
and listens to
  /pumice/sim/press_e_stop (std_msgs/Bool): true presses its e-stop, false releases it.`,
    })
      .argument('[task]', 'what its table is laid for, and what it judges', 'pick up the red block')
      .option('--url <url>', 'address of the bridge, such as ws://robot:9090')
      .option(
        '--profile <name>',
        'the robot that it stands in for, by its topics, types, frames and watchdog: a name, or a file of your own',
      )
      .option('--seed <number>', 'which layout of the table', '3')
      .action(async (task: string, options) => exit(await (await import('./ros-sim.ts')).rosSimFrom(task, options))),
  );
  add(
    makeCommand('sim-server', {
      summary:
        'serve a simulated robot to env simpler of another process or machine, and start it again when it is lost',
      examples: [
        'sim-server --backend metaworld --python sim/bin/python',
        'sim-server --backend my_backend.py --python sim/bin/python --port 9000',
      ],
      notes:
        'One caller at a time, each with a process of its own. Drive it: env simpler with --url ws://127.0.0.1:8765. docs/simulators.md says how to install a simulator.',
    })
      .option('--backend <name>', 'metaworld, simpler_env, libero, gymnasium, or a .py file of your own')
      .option('--python <file>', 'a Python that has the simulator', 'python3')
      .option('--host <address>', 'address to listen at', '127.0.0.1')
      .option('--port <number>', 'port to listen at', '8765')
      .option('--allow-remote', 'be reached from other machines; needs a key')
      .option('--key-env <variable>', 'variable with that key', 'PUMICE_SIM_KEY')
      .action(async (options) => exit(await (await import('./sim-server.ts')).simServer(options))),
  );
  add(
    makeCommand('list', {
      summary: 'show agents, envs, policies, critics and markers with their options',
      examples: ['list', 'list policy', 'list agent --json'],
    })
      .addArgument(new Argument('[kind]', 'only these').choices(['agent', 'env', 'policy', 'critic', 'marker']))
      .option('--json', 'as JSON')
      .action(async (kind, options) => exit(await (await import('./list.ts')).list(kind, options))),
  );
  add(
    makeCommand('models', {
      summary: 'show the families of models that are known, how each is asked and read, and what proved it',
      examples: ['models', 'models cosmos-reason2', 'models --json'],
      notes:
        'A family of your own stands in the config file, under "profiles": { "mine": { "like": "qwen3-vl", ... } }',
    })
      .argument('[family]', 'only this one')
      .option('--config <file>', 'profiles from a file; default: pumice.config.js or .json in this folder')
      .option('--json', 'as JSON, all that a profile holds')
      .action(async (family, options) => exit(await (await import('./models.ts')).models(family, options))),
  );
  add(
    makeCommand('decode', {
      summary: 'say what an answer of a model means: text or token ids from standard input',
      examples: [
        'decode magma-action --stats bridge_orig',
        'decode list',
        'decode magma-ui --picture 1280x720 --compat',
        'decode boxes --profile qwen3-vl --picture 1280x720 --json',
      ],
      notes: 'The answer comes on standard input: pumice decode magma-action --stats bridge_orig < answer.txt',
    })
      .argument('<format>', 'how the answer is written, or list')
      .option(
        '--profile <family>',
        'family of the model, which says in what numbers it writes places (see pumice models)',
      )
      .option('--config <file>', 'profiles from a file; default: pumice.config.js or .json in this folder')
      .option('--stats <name>', "ranges of an arm's actions: a name, or dataset_statistics.json, or that with #SET")
      .option('--picture <size>', "size of the camera's frame, like 1280x720")
      .option('--sent <size>', 'size of the picture as it was sent, if another')
      .option('--frame <name>', "frame of an arm's motions; default: base")
      .option('--strict', 'refuse rather than guess; this is the default')
      .option('--compat', 'read as the original program does, quirks included')
      .option('--json', 'as JSON')
      .action(async (format: string, options) => exit(await (await import('./decode.ts')).decode(format, options))),
  );
  add(
    makeCommand('golden', {
      summary: 'run files of known results of the original programs through the decoders, and show the differences',
      examples: ['golden test/golden/magma/*.json', 'golden my/kosmos2_entities.json'],
      notes: 'The base name of a file says which check it is for. Exit codes: 0 all rows pass, 1 otherwise.',
    })
      .argument('<files...>', 'files with lists of cases')
      .action(async (files: string[]) => exit((await import('./golden.ts')).golden(files))),
  );
  return program;
}

/** Stands for `run` in the overview; `dispatch` sends its calls elsewhere, since its flags depend on agent and policy. */
const runStub = () =>
  makeCommand('run', { summary: 'let an agent do a task', examples: [] }).argument('<agent>').allowUnknownOption();

function version(): string {
  for (const place of ['../../package.json', '../../../package.json'])
    try {
      return (JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {}
  return 'unknown';
}
