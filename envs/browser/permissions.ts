/**
 * Answers every permission prompt of a context with no, and tells which page asked for what. Chromium tells nobody when a page asks, so the
 * functions that ask are wrapped before the page's own scripts run. Knows nothing of tabs.
 */
import { randomUUID } from 'node:crypto';
import type { BrowserContext } from 'playwright';

/** @param onAsked - gets the page's origin and what was asked for. */
export async function denyPermissions(
  context: BrowserContext,
  onAsked: (origin: string, what: string) => void,
): Promise<void> {
  const token = randomUUID();
  await context.grantPermissions([]);
  context.on('console', (message) => {
    const [said, what] = message.text().split(' ');
    if (said === token && what !== undefined) onAsked(message.page()?.url() ?? '', what);
  });
  await context.addInitScript(wrapInPage, token);
}

/** Runs in the page. */
function wrapInPage(token: string): void {
  const tell = console.debug.bind(console);
  const wrap = (owner: unknown, names: readonly string[], what: string) => {
    for (const name of names) {
      const held = owner as Record<string, unknown> | undefined;
      const original = held?.[name];
      if (typeof original !== 'function') continue;
      const asking = new Proxy(original, {
        apply: (target, self, values) => {
          tell(`${token} ${what}`);
          return Reflect.apply(target, self, values);
        },
      });
      Object.defineProperty(held, name, { value: asking, writable: true, configurable: true });
    }
  };
  const at = (name: string): unknown =>
    (globalThis as unknown as Record<string, { prototype: unknown }>)[name]?.prototype;
  wrap(at('Geolocation'), ['getCurrentPosition', 'watchPosition'], 'location');
  wrap(globalThis.Notification, ['requestPermission'], 'notifications');
  wrap(at('MediaDevices'), ['getUserMedia'], 'camera-or-microphone');
  wrap(at('MediaDevices'), ['getDisplayMedia'], 'screen');
  wrap(at('Clipboard'), ['read', 'readText'], 'clipboard');
  wrap(at('Navigator'), ['requestMIDIAccess'], 'midi');
  for (const device of ['Bluetooth', 'USB', 'Serial', 'HID'])
    wrap(at(device), ['requestDevice', 'requestPort'], 'device');
}
