/**
 * The form of a file of model traffic: JSON lines, a first one that says what it is, then for each exchange a line when it was asked
 * and a line when it was over, in the order of events. Bytes that are text stand as text, others in base64. Knows no model.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { PumiceError } from '../errors.ts';

export const FORMAT = 'pumice-traffic';
export const VERSION = 1;

const data = z.union([z.strictObject({ text: z.string() }), z.strictObject({ base64: z.string() })]);
const headers = z.record(z.string(), z.string());
const headSchema = z.object({ format: z.literal(FORMAT), version: z.literal(VERSION) });
const askedSchema = z.object({
  exchange: z.int(),
  /** Since the file was opened, ms. */
  atMs: z.number(),
  method: z.string(),
  url: z.string(),
  headers,
  body: data.optional(),
});
const answeredSchema = z.object({
  exchange: z.int(),
  atMs: z.number(),
  /** Absent when no answer began. */
  status: z.int().optional(),
  headers: headers.optional(),
  /** The body as it came, piece by piece, and when, ms since it was asked. */
  pieces: z.array(z.object({ afterMs: z.number(), data })),
  /** `whole`; `cut`, the connection ended or never was; `left`, by the one who asked. */
  end: z.enum(['whole', 'cut', 'left']),
  /** What the system said of a connection that was cut. */
  fault: z.object({ code: z.string(), message: z.string() }).optional(),
});
export type Data = z.infer<typeof data>;
export type Asked = z.infer<typeof askedSchema>;
export type Answered = z.infer<typeof answeredSchema>;

/** Bytes as text where that gives the same bytes back. */
export function dataOf(bytes: Uint8Array): Data {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  return Buffer.from(text, 'utf8').equals(buffer) ? { text } : { base64: buffer.toString('base64') };
}
export const bytesOf = (one: Data): Uint8Array<ArrayBuffer> =>
  new Uint8Array('text' in one ? Buffer.from(one.text, 'utf8') : Buffer.from(one.base64, 'base64'));

/** All exchanges of a file, in the order in which they were asked. A last line that was cut off is left out.
 *
 * @throws PumiceError `record/invalid`.
 */
export function readTraffic(file: string): { readonly asked: Asked; readonly answered: Answered | undefined }[] {
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8').split('\n');
  } catch (cause) {
    throw invalid(file, 'it cannot be read', cause);
  }
  // What stands behind the last line break was never finished.
  const rows = lines.slice(0, -1).map((line, at) => parse(file, line, at + 1));
  if (!headSchema.safeParse(rows[0]).success) throw invalid(file, `its first line is not that of ${FORMAT} ${VERSION}`);
  const exchanges = new Map<number, { asked: Asked; answered: Answered | undefined }>();
  rows.slice(1).forEach((row, at) => {
    const asked = askedSchema.safeParse(row);
    const answered = answeredSchema.safeParse(row);
    const open = answered.success ? exchanges.get(answered.data.exchange) : undefined;
    if (asked.success) exchanges.set(asked.data.exchange, { asked: asked.data, answered: undefined });
    else if (answered.success && open) open.answered = answered.data;
    else throw invalid(file, `line ${at + 2} is neither a question nor the answer to one`);
  });
  return [...exchanges.values()];
}

function parse(file: string, line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw invalid(file, `line ${number} is no JSON`, cause);
  }
}

const invalid = (file: string, why: string, cause?: unknown) =>
  new PumiceError('record/invalid', `expected recorded model traffic in ${file}: ${why}`, {
    who: 'model traffic',
    hint: 'Give a file that was written by recordTraffic or PUMICE_RECORD_TRAFFIC',
    cause,
  });
