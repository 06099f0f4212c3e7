/** Somebody at the demo's door without a browser: keeps the cookie, follows nothing. */
import { ACCOUNT } from '../../src/demo/state.ts';

interface Page {
  readonly status: number;
  readonly text: string;
  /** Path and query of a redirect. */
  readonly to: string | null;
}

export interface Visitor {
  readonly get: (path: string) => Promise<Page>;
  readonly post: (path: string, fields: Readonly<Record<string, string>>) => Promise<Page>;
  readonly logIn: () => Promise<Page>;
}

export function visitor(url: string): Visitor {
  let cookie = '';
  const visit = async (path: string, init: RequestInit): Promise<Page> => {
    const response = await fetch(new URL(path, url), { ...init, redirect: 'manual', headers: { cookie } });
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return { status: response.status, text: await response.text(), to: response.headers.get('location') };
  };
  const post: Visitor['post'] = (path, fields) => visit(path, { method: 'POST', body: new URLSearchParams(fields) });
  return { get: (path) => visit(path, {}), post, logIn: () => post('/login', ACCOUNT) };
}
