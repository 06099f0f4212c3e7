/** All attacks by pages. */
import type { PageCase } from '../case.ts';
import { tricks } from './tricks.ts';
import { ways } from './ways.ts';
import { words } from './words.ts';

export const CASES: readonly PageCase[] = [...words, ...ways, ...tricks];
