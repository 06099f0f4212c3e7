/** Checks of fixtures of Cosmos Reason, QVQ and Qwen-VL, by base name. */
import type { Check } from './golden-check.ts';
import { COSMOS_CHECKS } from './golden-cosmos.ts';
import { GEOMETRY_CHECKS } from './golden-qwen-geometry.ts';

export const QWEN_CHECKS: Readonly<Record<string, Check>> = { ...GEOMETRY_CHECKS, ...COSMOS_CHECKS };
