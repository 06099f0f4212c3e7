/**
 * Unpacks the Chromium that the npm package `@sparticuz/chromium` carries, into a versioned folder of the user's cache.
 * The package's own `executablePath()` is not used: it takes any file that lies at a fixed place in the shared temp folder.
 * Knows no browser protocol.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { brotliDecompress, createBrotliDecompress } from 'node:zlib';
import { PumiceError } from '../../src/errors.ts';

export interface Unpacked {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface UnpackOptions {
  /** Folder with `chromium.br` and the tar files. */
  readonly binFolder: string;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const inflate = promisify(brotliDecompress);

/** Size of the binary, written last: what lacks it, or has another size, is not used. */
const WHOLE = 'whole';

/** What an unpacker that died left behind is removed after this, ms. Chosen: far longer than the slowest unpacking. */
const STALE_MS = 3_600_000;

/**
 * Unpacks unless it is there already. Safe when several processes do it at once: each works in its own folder, the first rename wins.
 * @throws PumiceError `browser/not-found` when the cache cannot be written.
 */
export async function unpackChromium(options: UnpackOptions): Promise<Unpacked> {
  const cache = join(options.environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pumice');
  const folder = join(cache, `chromium-${options.version}`);
  if (await isWhole(folder)) return describe(folder, options);
  const work = `${folder}.part-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(work, { recursive: true, mode: 0o700 });
    await unpackInto(work, folder, options.binFolder);
    await moveIntoPlace(work, folder);
  } catch (cause) {
    await rm(work, { recursive: true, force: true }).catch(() => {});
    throw new PumiceError(
      'browser/not-found',
      `Chromium was not unpacked into ${cache} (${(cause as Error).message})`,
      {
        who: 'env browser',
        hint: 'Set XDG_CACHE_HOME to a folder that can be written and has 300 MB free, or name a browser with --browser PATH',
        cause,
      },
    );
  }
  await removeStale(cache, folder);
  return describe(folder, options);
}

function describe(folder: string, options: UnpackOptions): Unpacked {
  const inherited = options.environment.LD_LIBRARY_PATH;
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: [join(folder, 'lib'), ...(inherited ? [inherited] : [])].join(':'),
      FONTCONFIG_PATH: folder,
    },
  };
}

async function unpackInto(work: string, final: string, bin: string): Promise<void> {
  const binary = pipeline(
    createReadStream(join(bin, 'chromium.br')),
    createBrotliDecompress({ chunkSize: 1 << 20 }),
    createWriteStream(join(work, 'chromium'), { mode: 0o755 }),
  );
  // SwiftShader's libraries must lie beside the binary.
  const rest = ['al2023.tar.br', 'fonts.tar.br', 'swiftshader.tar.br'].map(async (name) => {
    if (await isThere(join(bin, name))) await untar(await inflate(await readFile(join(bin, name))), work);
  });
  await Promise.all([binary, ...rest]);
  await writeFile(join(work, 'fonts.conf'), fontsConf(final));
  await writeFile(join(work, WHOLE), String((await stat(join(work, 'chromium'))).size));
}

async function isWhole(folder: string): Promise<boolean> {
  try {
    return (await stat(join(folder, 'chromium'))).size === Number(await readFile(join(folder, WHOLE), 'utf8'));
  } catch {
    return false;
  }
}

async function moveIntoPlace(work: string, folder: string): Promise<void> {
  for (let left = 3; ; left -= 1) {
    try {
      return await rename(work, folder);
    } catch (error) {
      // Another process was faster.
      if (await isWhole(folder)) return rm(work, { recursive: true, force: true });
      if (left === 0) throw error;
      // Half a folder, from who knows where.
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function removeStale(cache: string, folder: string): Promise<void> {
  const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: 0 }));
  for (const name of await readdir(cache).catch(() => [])) {
    if (!/^chromium-.*\.part-/.test(name)) continue;
    const there = await stat(join(cache, name)).catch(() => undefined);
    if (there && mtimeMs - there.mtimeMs > STALE_MS) await rm(join(cache, name), { recursive: true, force: true });
  }
}

/** Our fonts and, where there are some, the system's. The package's own file names folders of AWS Lambda. */
function fontsConf(folder: string): string {
  const escaped = folder.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${escaped}/fonts</dir>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <cachedir>${escaped}/fonts-cache</cachedir>
</fontconfig>
`;
}

/** Writes the plain files of a ustar archive; links and devices are not expected and are refused. */
export async function untar(archive: Buffer, folder: string): Promise<void> {
  for (let at = 0; at + 512 <= archive.length; ) {
    const header = archive.subarray(at, at + 512);
    if (header.every((byte) => byte === 0)) return;
    const text = (from: number, length: number) => header.toString('utf8', from, from + length).replace(/\0.*$/s, '');
    const size = Number.parseInt(text(124, 12).trim() || '0', 8);
    const prefix = text(257, 5) === 'ustar' && header[263] === 0x30 ? text(345, 155) : '';
    const name = normalize(prefix ? `${prefix}/${text(0, 100)}` : text(0, 100));
    const type = text(156, 1) || '0';
    if (isAbsolute(name) || name.split('/').includes('..'))
      throw new Error(`archive entry '${name}' leaves its folder`);
    const path = join(folder, name);
    if (type === '5') await mkdir(path, { recursive: true });
    else if (type === '0') {
      await mkdir(dirname(path), { recursive: true });
      const mode = Number.parseInt(text(100, 8).trim() || '644', 8) & 0o755;
      await writeFile(path, archive.subarray(at + 512, at + 512 + size), { mode });
    } else if (type !== 'g' && type !== 'x') throw new Error(`archive entry '${name}' has unexpected type '${type}'`);
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
