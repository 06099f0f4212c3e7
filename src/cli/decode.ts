/**
 * `pumice decode`: what did my model mean? Reads one answer of a model from standard input, and prints what it was read as, or why it
 * was not. Asks no model.
 */
import { type CoordinateSpace, type Picture, type Reading, seenThrough } from '../codecs/index.ts';
import { PumiceError } from '../errors.ts';
import { loadActionStats, type ModelProfile, profileOf, withOwnProfiles } from '../models/index.ts';
import { DECODE_FORMATS, type DecodeContext, type DecodeFormat } from './decode-formats.ts';
import { EXIT } from './exit.ts';
import { readConfig } from './settings.ts';
import { byLikeness, clean } from './words.ts';

export interface DecodeFlags {
  readonly profile?: string;
  readonly config?: string;
  readonly stats?: string;
  readonly picture?: string;
  readonly sent?: string;
  readonly frame?: string;
  readonly compat?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** @returns 0 when it was read, 1 when it was refused. */
export async function decode(
  name: string,
  flags: DecodeFlags,
  input: AsyncIterable<Uint8Array | string> = process.stdin,
): Promise<number> {
  if (name === 'list') {
    process.stdout.write(formatLines());
    return EXIT.success;
  }
  if (flags.compat && flags.strict) throw usage('expected --strict or --compat, got both', 'Give one of them');
  const format = formatOf(name);
  const context = await contextOf(flags);
  const text = await textOf(input);
  const reading = format.read(text, context);
  process.stdout.write(flags.json ? `${JSON.stringify(plain(reading))}\n` : linesOf(reading));
  return reading.ok ? EXIT.success : EXIT.failure;
}

function formatOf(name: string): DecodeFormat {
  const names = Object.keys(DECODE_FORMATS);
  if (Object.hasOwn(DECODE_FORMATS, name)) return DECODE_FORMATS[name]!;
  throw usage(`no format '${name}'`, `Give one of ${byLikeness(name, names).join(', ')}`);
}

const formatLines = (): string =>
  Object.entries(DECODE_FORMATS)
    .map(([name, { summary }]) => `${name.padEnd(14)} ${summary}\n`)
    .join('');

/** Reads the profile at once, so that a wrong name is refused whatever the format. */
async function contextOf(flags: DecodeFlags): Promise<DecodeContext> {
  const profile = flags.profile === undefined ? undefined : await profileIn(flags.profile, flags.config);
  const space = profile && spaceOf(profile);
  const need = (what: string, hint: string): never => {
    throw usage(`expected ${what}`, hint);
  };
  return {
    mode: flags.compat ? 'compat' : 'strict',
    frameId: flags.frame ?? 'base',
    space: () =>
      space ??
      need(
        '--profile FAMILY, of one that says its space',
        'The numbers do not tell in which space they are: pumice models lists the families',
      ),
    picture: () => pictureOf(flags, profile) ?? need('--picture WxH', "Give the size of the camera's frame in pixels"),
    stats: () =>
      flags.stats === undefined
        ? need(
            '--stats NAME|FILE[#SET]',
            "Name the ranges of the model's training set: bridge_orig, google_robot, or its dataset_statistics.json",
          )
        : loadActionStats(flags.stats),
  };
}

async function profileIn(family: string, file: string | undefined): Promise<ModelProfile> {
  const config = await readConfig(file);
  return profileOf(family, withOwnProfiles(config.profiles, config.who));
}

/** Undefined where the profile has none: formats without places are read all the same. */
const spaceOf = ({ space }: ModelProfile): CoordinateSpace | undefined =>
  space && { kind: space.kind, axes: space.axes, ...(space.max !== undefined && { max: space.max }) };

/** As the model saw it: by its family's rule, unless the size that was sent is given. */
function pictureOf({ picture, sent }: DecodeFlags, profile: ModelProfile | undefined): Picture | undefined {
  if (picture === undefined) return undefined;
  const [widthPx, heightPx] = sizeOf(picture, '--picture');
  if (sent !== undefined) {
    const [sentWidthPx, sentHeightPx] = sizeOf(sent, '--sent');
    return { widthPx, heightPx, sentWidthPx, sentHeightPx };
  }
  const resize = profile?.media.image?.resize;
  if (resize?.rule !== 'smart') return { widthPx, heightPx };
  return seenThrough(
    { widthPx, heightPx },
    { factor: resize.factor, minPixels: resize.minPx, maxPixels: resize.maxPx },
  );
}

function sizeOf(text: string, flag: string): [number, number] {
  const [, width, height] = /^([1-9]\d{0,5})x([1-9]\d{0,5})$/.exec(text) ?? [];
  if (width === undefined)
    throw usage(`${flag}: expected WIDTHxHEIGHT in pixels, got '${text}'`, 'Write it like 1280x720');
  return [Number(width), Number(height)];
}

/** Longest answer that is read, bytes. */
const MAX_BYTES = 64 * 1024 * 1024;

async function textOf(input: AsyncIterable<Uint8Array | string>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    if (size > MAX_BYTES)
      throw usage(`expected at most ${MAX_BYTES} bytes on standard input`, 'Give one answer at a time');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function plain(reading: Reading<unknown>): unknown {
  const { flags } = reading;
  if (reading.ok) return { ok: true, value: reading.value, flags };
  const { code, message, hint } = reading.problem;
  return { ok: false, problem: { code, message, hint }, flags, partial: reading.partial };
}

function linesOf(reading: Reading<unknown>): string {
  const flags = Object.entries(reading.flags).map(([name, value]) => (value === true ? name : `${name}: ${value}`));
  const shown = (value: unknown) => JSON.stringify(value, undefined, 2) ?? 'nothing';
  const lines = reading.ok
    ? [shown(reading.value)]
    : [
        `refused: ${clean(reading.problem.message)}`,
        ...(reading.problem.hint === undefined ? [] : [reading.problem.hint]),
        ...(reading.partial === undefined ? [] : [`what was whole before that: ${shown(reading.partial)}`]),
      ];
  if (flags.length > 0) lines.push(`flags: ${flags.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

const usage = (message: string, hint: string) => new PumiceError('cli/usage', message, { who: 'pumice decode', hint });
