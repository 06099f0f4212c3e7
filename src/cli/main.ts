#!/usr/bin/env node
/** The `pumice` command. */
import { main } from './program.ts';

process.exitCode = await main(process.argv.slice(2));
