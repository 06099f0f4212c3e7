/** A picture in a file, for the camera of the node. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeJpeg } from 'pumice/vision';

export async function pictureFile(
  widthPx = 224,
  heightPx = 224,
): Promise<{ readonly path: string; readonly remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'pumice-picture-'));
  const path = join(folder, 'picture.jpg');
  // Noise, lest its JPEG be smaller than that of any camera.
  const pixels = new Uint8Array(3 * widthPx * heightPx).map(() => 90 + 40 * Math.random());
  const raw = { data: pixels, encoding: 'rgb8', widthPx, heightPx, stampMs: 0, camera: 'third' } as const;
  writeFileSync(path, (await encodeJpeg(raw)).data);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
