/** `pumice serve-policy`: flags and help. Loads nothing that it does not run. */
import type { Command } from 'commander';
import { criticOption, makeCommand } from './command.ts';

/** @param exit - is told the exit code when it has run. */
export const makeServePolicy = (exit: (code: number) => void): Command =>
  makeCommand('serve-policy', {
    summary:
      "put a policy for arms, with gate and record, behind openpi's or vla-eval's wire, for robots and benchmarks of others",
    examples: [
      'serve-policy --protocol openpi --policy ember --robot sim --metres-per-unit 1 --radians-per-unit 1 --gripper open-is-1',
      'serve-policy --protocol openpi --policy ./my-policy.js --critic cinder --robot panda.json --metres-per-unit 0.05 --radians-per-unit 0.5 --gripper close-is-1',
      'serve-policy --protocol vla-eval --policy ./my-policy.js --robot panda.json --metres-per-unit 0.05 --radians-per-unit 0.5 --gripper close-is-1',
    ],
    notes: `Each question of a client is a step: looked at, thought about, judged by the limits of the robot profile, recorded, and only then
answered with one motion. What is denied comes back as an error, as the client of that wire raises it, never as a motion. A chunk plays over as
many questions as it has motions. pumice cannot stop the client's arm but by not answering. docs/evaluation.md has a robot profile.

openpi: a new instruction, or a new connection, is a new episode. Observations are named as LIBERO's are, and their state has to say where the
tool is; the answer is [1, 7], its turn as --rotation says.
vla-eval: \`vla-eval run -c bench.yaml --server-url ws://127.0.0.1:8000\` (PyPI vla-eval 0.8.0, mode sync) with LIBERO (0.05, 0.5, close-is-1) or
SimplerEnv's WidowX (1, 1, open-is-1), or a benchmark of your own that sends what they do; the answer is [7], its turn by axis-angle. Episodes
are what the client says. A denied motion ends its episode there, as an error. With --api-key-env the address is ws://pumice:KEY@HOST:8000.`,
  })
    .requiredOption('--protocol <name>', 'openpi or vla-eval')
    .requiredOption('--policy <policy>', 'a name, or a file of your own')
    .option('--policy-options <json>', 'its options, as JSON')
    .addOption(criticOption())
    .requiredOption('--robot <file>', "profile of the client's robot, .json: its limits are what is judged by; or sim")
    .requiredOption('--metres-per-unit <number>', 'metres that a translation of 1 is to the client')
    .requiredOption('--radians-per-unit <number>', 'radians that a rotation of 1 is to the client')
    .option('--rotation <form>', 'openpi: how a turn is written: rpy, or axis-angle as LIBERO takes it (default: rpy)')
    .requiredOption('--gripper <way>', 'open-is-1 or close-is-1: what 1 does; -1 does the other')
    .option('--host <address>', 'address to listen at', '127.0.0.1')
    .option('--port <number>', 'port; 0 for any that is free', '8000')
    .option('--api-key-env <variable>', 'variable with the key that clients have to send; needed beyond this machine')
    .option('--records <folder>', 'where recordings go', 'runs')
    .option('--step-timeout <seconds>', 'longest thought; a policy that is later has failed the step', '20')
    .action(async (options) => exit(await (await import('./serve-policy.ts')).servePolicy(options)));
