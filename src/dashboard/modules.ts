/**
 * The code of the page: its entry and all that it imports, as the compiler wrote it, and nothing else. There is no bundler: modules of
 * ours keep their relative imports, and the few libraries are served under a name of their own. What the page does not import cannot be
 * asked for, and an import of anything else fails here, when the server begins, not in somebody's browser.
 */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { PumiceError } from '../errors.ts';

/** Libraries that a page may load, and where their entry is; what lies beside it comes with it. */
const LIBRARIES: Readonly<Record<string, string>> = {
  preact: 'preact',
  'preact/hooks': 'preact/hooks',
  'preact/jsx-runtime': 'preact/jsx-runtime',
  three: 'three',
  'three/addons/controls/OrbitControls.js': 'three/addons/controls/OrbitControls.js',
  uplot: 'uplot/dist/uPlot.esm.js',
};

/** `dist`, from `dist/src/dashboard` and from `src/dashboard` alike. */
const ROOT = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/', import.meta.url)
  : new URL('../../', import.meta.url);

export const ENTRY = '/code/src/dashboard/page/main.js';
const CODE = '/code/';
const LIBRARY = '/lib/';
/** The module of an import or a re-export, as compilers and minifiers write it. */
const SPECIFIER = /(\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"'\n]+)\2/g;

const libraryPath = (name: string) => `${LIBRARY}${name.replace(/\.js$/, '').replaceAll('/', '-')}.js`;

/** Texts of the page's modules by path. @throws PumiceError `config/invalid` when one of them cannot be in a page. */
export function pageModules(): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const load = (path: string, file: URL) => {
    if (texts.has(path)) return;
    texts.set(path, '');
    const found: [string, URL][] = [];
    const text = readFileSync(file, 'utf8').replace(SPECIFIER, (_all, word: string, quote: string, name: string) => {
      if (name.startsWith('.')) {
        const target = posix.join(posix.dirname(path), name);
        found.push([target, new URL(name, file)]);
        return `${word}${quote}${name}${quote}`;
      }
      const library = LIBRARIES[name];
      // A library speaks of others in its comments.
      if (library === undefined && path.startsWith(LIBRARY)) return `${word}${quote}${name}${quote}`;
      if (library === undefined)
        throw new PumiceError('config/invalid', `${path} imports '${name}', which is not for pages`, {
          who: 'dashboard',
        });
      found.push([libraryPath(name), new URL(import.meta.resolve(library))]);
      return `${word}${quote}${libraryPath(name)}${quote}`;
    });
    texts.set(path, text);
    for (const [target, place] of found) load(target, place);
  };
  load(ENTRY, new URL(ENTRY.slice(CODE.length), ROOT));
  return texts;
}

/** The style sheet that uPlot brings along. */
export const plotStyle = (): string => readFileSync(new URL(import.meta.resolve('uplot/dist/uPlot.min.css')), 'utf8');
