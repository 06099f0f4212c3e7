/** Reads what an MP4 file says of its video track. Boxes: ISO/IEC 14496-12. Shares nothing with what writes them. */

/** Boxes that hold boxes. */
const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl']);

function boxesIn(bytes: Buffer, found = new Map<string, Buffer>()): Map<string, Buffer> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (size < 8) break;
    const body = bytes.subarray(at + 8, at + size);
    found.set(type, body);
    if (CONTAINERS.has(type)) boxesIn(body, found);
    at += size;
  }
  return found;
}

export function readMp4(data: Uint8Array) {
  const boxes = boxesIn(Buffer.from(data));
  const box = (type: string): Buffer => {
    const body = boxes.get(type);
    if (!body) throw new Error(`no box ${type} in ${[...boxes.keys()].join(' ')}`);
    return body;
  };
  // Version 0: flags, two dates, then time scale and duration.
  const [scale, duration] = [box('mdhd').readUInt32BE(12), box('mdhd').readUInt32BE(16)];
  const sample = box('stsd').subarray(8);
  return {
    pictures: box('stsz').readUInt32BE(8),
    durationS: duration / scale,
    codec: sample.toString('latin1', 4, 8),
    widthPx: sample.readUInt16BE(32),
    heightPx: sample.readUInt16BE(34),
    bytes: box('mdat').length,
  };
}
