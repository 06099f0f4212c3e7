/**
 * Reads an address by the URL standard. The one way in: `URL.canParse` of Node 20 says no to addresses with letters such as ü once it was
 * called some thousand times, since what the engine compiles then takes Latin-1 for UTF-8. Pure.
 */

/** The address, or undefined for what is none. */
export function parseAddress(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
