#!/usr/bin/env node
/** The `pumice` command. */
import { EXIT } from './exit.ts';
import { main } from './program.ts';

// Nobody reads any more: going on unseen is not what was asked for.
process.stdout.on('error', () => process.exit(EXIT.stopped));
process.exitCode = await main(process.argv.slice(2));
