export * from './errors.ts';
export * from './ports.ts';
export * from './types.ts';
