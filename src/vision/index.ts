/** Decoding, encoding, and drawing of numbered marks and their traces. */
export { decodeFrame, decodeImage, type RawImage } from './decode.ts';
export { drawMarks, paintOver } from './draw-marks.ts';
export { drawPath, isCalibrated, type PathPoint, pixelOf } from './draw-path.ts';
export { STAMP_BAR_PX, stampBelow } from './draw-stamp.ts';
export { drawTraces } from './draw-traces.ts';
export { encodeJpeg } from './encode.ts';
export { resizeArea } from './resize.ts';
export { encodePng, resizeCubic } from './resize-cubic.ts';
export { scaleToRgb } from './scale.ts';
