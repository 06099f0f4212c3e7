/** The public entry point: types, ports and errors. */
export * from './errors.ts';
export * from './ports.ts';
export * from './types.ts';
