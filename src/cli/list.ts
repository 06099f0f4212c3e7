/** `pumice list`: every plugin with its summary and its options. */
import { paint } from '../demo/progress.ts';
import { EXIT } from './exit.ts';
import { optionFacts } from './flags.ts';
import { loadPlugin, PLUGIN_KINDS, type PluginKind, pluginNames } from './registry.ts';

export async function list(kind: PluginKind | undefined, { json }: { readonly json?: boolean }): Promise<number> {
  const kinds = kind === undefined ? PLUGIN_KINDS : [kind];
  const found = await Promise.all(
    kinds.flatMap((one) =>
      pluginNames(one).map(async (name) => {
        const { summary, options } = await loadPlugin(one, name);
        return { kind: one, name, summary, options: optionFacts(options) };
      }),
    ),
  );
  const say = (line: string) => process.stdout.write(`${line}\n`);
  if (json) {
    say(JSON.stringify(found));
    return EXIT.success;
  }
  const { bold, soft } = paint(Boolean(process.stdout.isTTY) && process.env.NO_COLOR === undefined);
  for (const { kind: of, name, summary, options } of found) {
    say(`${bold(`${of} ${name}`)}  ${summary}`);
    for (const { key, flag, type, choices, description, default: preset } of options) {
      const facts = [choices?.join('|') ?? type, preset !== undefined && `default ${String(preset)}`, description];
      say(
        `  ${(type === 'other' ? `${key} (config file)` : flag).padEnd(22)} ${soft(facts.filter(Boolean).join(', '))}`,
      );
    }
  }
  return EXIT.success;
}
