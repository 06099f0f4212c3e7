/** The colour of each surface at each shade. Shade is the light that falls in: 1 shows the colour itself, above 1 it gleams. */
import { SHADES } from './fill.ts';
import type { Rgb } from './types.ts';

/** Light at the brightest shade. */
export const MAX_LIGHT = 1.3;
/** The background from its lowest to its highest row. Chosen by eye. */
const BACKGROUND_LIGHT = [0.84, 1] as const;

export interface Palette {
  /** Red, green and blue in the low three bytes, at `surface * SHADES + shade`. */
  readonly colours: Uint32Array;
  background(rgb: Rgb): void;
  surface(surface: number, rgb: Rgb): void;
}

export function createPalette(surfaces: number): Palette {
  const colours = new Uint32Array(surfaces * SHADES);
  /** What is painted already, so that a colour that stays costs nothing. */
  const known = new Float64Array(surfaces * 3).fill(Number.NaN);

  function paint(surface: number, rgb: Rgb, darkest: number, brightest: number): void {
    const [red, green, blue] = [rgb[0]!, rgb[1]!, rgb[2]!];
    const k = 3 * surface;
    if (known[k] === red && known[k + 1] === green && known[k + 2] === blue) return;
    known[k] = red;
    known[k + 1] = green;
    known[k + 2] = blue;
    for (let shade = 0; shade < SHADES; shade++) {
      const light = darkest + ((brightest - darkest) * shade) / (SHADES - 1);
      colours[surface * SHADES + shade] =
        byteOf(red, light) | (byteOf(green, light) << 8) | (byteOf(blue, light) << 16);
    }
  }

  return {
    colours,
    background: (rgb) => paint(0, rgb, BACKGROUND_LIGHT[0], BACKGROUND_LIGHT[1]),
    surface: (surface, rgb) => paint(surface, rgb, 0, MAX_LIGHT),
  };
}

/** A channel under a light; what is more than full light turns it towards white. */
function byteOf(channel: number, light: number): number {
  const own = Math.max(0, Math.min(1, channel));
  const shown = light <= 1 ? own * light : own + (1 - own) * (light - 1);
  return Math.floor(Math.min(1, shown) * 255 + 0.5);
}
