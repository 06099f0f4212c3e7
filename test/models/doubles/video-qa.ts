/**
 * Double of CogVLM2-Video's server. Source: THUDM/CogVLM2 6700ae7, video_demo/api_demo.py: multipart; no video is 400; an empty question, or
 * `@Caption`, is one for a caption; the temperature is 0.001 unless given; what goes wrong is 500 with a traceback.
 */
import { type Double, serve } from './server.ts';

export interface VideoAsked {
  readonly question: string;
  readonly temperature: string;
  readonly video: Buffer;
}

/** One field of a multipart body. */
function fieldOf(body: Buffer, boundary: string, name: string): Buffer | undefined {
  for (const part of body.toString('latin1').split(`--${boundary}`)) {
    const end = part.indexOf('\r\n\r\n');
    if (end > 0 && part.slice(0, end).includes(`name="${name}"`)) return Buffer.from(part.slice(end + 4, -2), 'latin1');
  }
  return undefined;
}

export const videoQaDouble = (answer: (asked: VideoAsked) => string): Promise<Double> =>
  serve((request, body) => {
    if (request.url !== '/video_qa') return { status: 404, body: '{"detail":"Not Found"}' };
    const boundary = /boundary=(.+)$/.exec(request.headers['content-type'] ?? '')?.[1] ?? '';
    const video = fieldOf(body, boundary, 'video');
    if (!video) return { status: 400, body: JSON.stringify({ error: 'No video provided' }) };
    const given = fieldOf(body, boundary, 'question')?.toString('utf8') ?? '';
    const question = given === '' || given === '@Caption' ? 'Please describe the video in detail.' : given;
    const temperature = fieldOf(body, boundary, 'temperature')?.toString() ?? '0.001';
    try {
      return { status: 200, body: JSON.stringify({ answer: answer({ question, temperature, video }) }) };
    } catch (error) {
      return { status: 500, body: JSON.stringify({ error: `Traceback (most recent call last):\n${error}` }) };
    }
  });
