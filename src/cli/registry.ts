/**
 * Finds plugins by name: the one place that imports by name. A name is a file name below the package root (which is `dist` when
 * built); a path names a file of the user's own. Knows no plugin.
 */
import { existsSync, readdirSync } from 'node:fs';
import { extname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { AgentPlugin } from '../agent.ts';
import { PumiceError } from '../errors.ts';
import type { CriticPlugin, EnvPlugin, MarkerPlugin, PolicyPlugin } from '../ports.ts';
import { byLikeness } from './words.ts';

export interface Plugins {
  readonly agent: AgentPlugin;
  readonly env: EnvPlugin;
  readonly policy: PolicyPlugin;
  readonly critic: CriticPlugin;
  readonly marker: MarkerPlugin;
}
export type PluginKind = keyof Plugins;

/** Where the plugins of a kind lie, and which file a name stands for. */
const PLACES: Readonly<Record<PluginKind, { readonly folder: string; readonly entry?: string }>> = {
  agent: { folder: 'agents' },
  env: { folder: 'envs', entry: 'index' },
  policy: { folder: 'policies' },
  critic: { folder: 'policies/critics' },
  marker: { folder: 'policies/markers' },
};
export const PLUGIN_KINDS = Object.keys(PLACES) as PluginKind[];

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** `.ts` in the source, `.js` when built. */
const EXTENSION = extname(fileURLToPath(import.meta.url));

/** Names of all plugins of a kind that pumice brings. */
export function pluginNames(kind: PluginKind): readonly string[] {
  const { folder, entry } = PLACES[kind];
  if (!existsSync(join(ROOT, folder))) return [];
  const names = readdirSync(join(ROOT, folder)).flatMap((name) => {
    if (entry !== undefined) return existsSync(join(ROOT, folder, name, entry + EXTENSION)) ? [name] : [];
    return extname(name) === EXTENSION && !name.endsWith(`.d${EXTENSION}`) ? [name.slice(0, -EXTENSION.length)] : [];
  });
  return names.sort();
}

/**
 * The plugin of a name, or of a file of the user (anything with a slash or an extension).
 *
 * @throws PumiceError `plugin/unknown` naming what there is, closest first; `plugin/invalid` for a file that is no such plugin.
 */
export async function loadPlugin<K extends PluginKind>(kind: K, name: string): Promise<Plugins[K]> {
  const isFile = isAbsolute(name) || /[\\/]|\.[cm]?[jt]s$/.test(name);
  const path = isFile ? resolve(name) : pathOf(kind, name);
  if (!existsSync(path))
    throw new PumiceError('plugin/unknown', `there is no ${kind} file '${path}'`, { who: 'registry' });
  const loaded = await import(pathToFileURL(path).href).catch((cause: unknown) => {
    throw new PumiceError('plugin/invalid', `${kind} '${name}' cannot be loaded: ${String(cause)}`, {
      who: 'registry',
      hint: 'Run the file with node by itself to see more',
      cause,
    });
  });
  const plugin = (loaded as { default?: Partial<Plugins[K]> }).default;
  if (plugin?.kind === kind && typeof plugin.create === 'function') return plugin as Plugins[K];
  throw new PumiceError(
    'plugin/invalid',
    `'${name}' is no ${kind}: expected its default export from define${capital(kind)}()`,
    {
      who: 'registry',
      hint: `Write export default define${capital(kind)}({ ... })`,
    },
  );
}

function pathOf(kind: PluginKind, name: string): string {
  const names = pluginNames(kind);
  if (!names.includes(name))
    throw new PumiceError(
      'plugin/unknown',
      `no ${kind} '${name}' (there is: ${byLikeness(name, names).join(', ') || 'none'})`,
      {
        who: 'registry',
        hint: `Give one of these names, or the path of a file of your own, like ./my-${kind}.js`,
      },
    );
  const { folder, entry } = PLACES[kind];
  return entry === undefined ? join(ROOT, folder, name + EXTENSION) : join(ROOT, folder, name, entry + EXTENSION);
}

const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1);
