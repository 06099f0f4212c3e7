/** Decoding, encoding, and drawing of numbered marks. */
export { decodeFrame, decodeImage, type RawImage } from './decode.ts';
export { drawMarks, paintOver } from './draw-marks.ts';
export { encodeJpeg } from './encode.ts';
export { resizeArea } from './resize.ts';
