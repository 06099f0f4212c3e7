/** Writes a labelled set as it is made: pictures at once, the list of cases at the end. Never into a folder that holds something. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { describeError, PumiceError } from '../../../errors.ts';
import { CASES_FILE, caseSchema, SET_FILE, type SetFacts } from '../set.ts';

export type MadeCase = z.input<typeof caseSchema>;

export interface SetWriter {
  /** @returns the picture's name in a case. */
  readonly picture: (jpeg: Uint8Array) => Promise<string>;
  readonly add: (one: MadeCase) => void;
  /** @returns how many cases there are. */
  readonly finish: () => Promise<number>;
}

const PICTURES = 'pictures';
const who = 'critic set';

/** @throws PumiceError `cli/usage` for a folder that is not empty; `record/write-failed`. */
export async function writeSet(folder: string, facts: SetFacts): Promise<SetWriter> {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new PumiceError('cli/usage', `'${folder}' is not empty`, {
      who,
      hint: 'Give a folder that is not there yet',
    });
  const writing = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      throw new PumiceError('record/write-failed', `could not write '${folder}': ${describeError(cause)}`, {
        who,
        hint: 'Give another folder with --make DIR',
        cause,
      });
    });
  await writing(mkdir(join(folder, PICTURES), { recursive: true }));
  const cases: MadeCase[] = [];
  let pictures = 0;
  return {
    picture: async (jpeg) => {
      pictures += 1;
      const file = `${PICTURES}/${String(pictures).padStart(5, '0')}.jpg`;
      await writing(writeFile(join(folder, file), jpeg));
      return file;
    },
    add: (one) => {
      cases.push(one);
    },
    finish: async () => {
      // A case that this program itself would refuse is not written.
      const lines = cases.map((one) => `${JSON.stringify(caseSchema.parse(one))}\n`);
      await writing(writeFile(join(folder, CASES_FILE), lines.join('')));
      await writing(writeFile(join(folder, SET_FILE), `${JSON.stringify(facts, null, 2)}\n`));
      return cases.length;
    },
  };
}
