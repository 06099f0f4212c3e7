/**
 * From a profile and a question to what is sent: messages in the family's order, its system text, its way of asking for thought, its
 * sampling and the fields that go with a video. Pure: pictures and clips come resized and encoded, by the profile's own rule.
 */
import { PumiceError } from '../errors.ts';
import type { ChatMessage, ChatPart } from './openai-chat.ts';
import type { ModelProfile, Sampling } from './profile.ts';

export interface SentImage {
  readonly data: Uint8Array;
  readonly format: 'jpeg' | 'png';
}
/** A clip in one file, or its frames as JPEG. */
export type SentVideo =
  | { readonly mp4: Uint8Array }
  | { readonly jpegs: readonly Uint8Array[] /** Frames per second of the clip's own time. */; readonly fps: number };

export interface Question {
  /** What is asked; `promptOf` writes the questions that a family was trained on. */
  readonly text: string;
  /** In place of the family's system text; `''` sends none. */
  readonly system?: string;
  /** What was said before, after the system text. */
  readonly turns?: readonly ChatMessage[];
  readonly images?: readonly SentImage[];
  readonly video?: SentVideo;
  /** Whether to think first, where the family can be asked to. */
  readonly think?: boolean;
  /** In place of the profile's. */
  readonly maxTokens?: number;
  readonly temperature?: number;
  /** Tokens that fit, as the server says (`max_model_len` of GET /v1/models): bounds the video of some families. */
  readonly contextTokens?: number;
}

/** What a chat is asked, besides the model's name and how the answer is to come. */
export interface ProfiledRequest {
  readonly messages: readonly ChatMessage[];
  readonly maxTokens: number;
  readonly temperature: number;
  /** Whether a thought is to come first. `false`: what comes in a field for thoughts is the answer. Open for families of both kinds. */
  readonly thinks?: boolean;
  /** Further fields of the body, in the words of the wire. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/**
 * One of the family's own questions. A word is put in as it is and never read again, whatever stands in it.
 *
 * @throws PumiceError `config/misfit` for a form that the family has not, or a word that is missing.
 */
export function promptOf(profile: ModelProfile, form: string, words: Readonly<Record<string, string>> = {}): string {
  const template = profile.prompt.forms[form];
  if (template === undefined)
    throw misfit(profile, `has no question '${form}'`, `Use one of: ${Object.keys(profile.prompt.forms).join(', ')}`);
  return template.replace(/\{([a-z]+)\}/g, (_, name: string) => {
    const word = Object.hasOwn(words, name) ? words[name] : undefined;
    if (word === undefined) throw misfit(profile, `'${form}' lacks the word '${name}'`, `Give ${name}`);
    return word;
  });
}

/**
 * The request of a chat, whatever server speaks it.
 *
 * @throws PumiceError `config/misfit` for media that the family does not take.
 */
export function chatRequestOf(profile: ModelProfile, question: Question): ProfiledRequest {
  checkMedia(profile, question);
  const isThinking = question.think === true && profile.thinking.ask !== 'never';
  const chosen = (isThinking && profile.sampling.thinking) || profile.sampling.plain;
  const sampling: Sampling = {
    ...chosen,
    ...(question.maxTokens !== undefined && { maxTokens: question.maxTokens }),
    ...(question.temperature !== undefined && { temperature: question.temperature }),
  };
  const { ask, text: asking = '' } = profile.thinking;
  const suffix = (place: typeof ask) => (isThinking && ask === place ? asking : '');
  const system = (question.system ?? profile.prompt.system ?? '') + suffix('system-suffix');
  return {
    messages: [
      ...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
      ...(question.turns ?? []),
      { role: 'user', content: contentOf(profile, question, question.text + suffix('user-suffix')) },
    ],
    maxTokens: sampling.maxTokens,
    temperature: sampling.temperature,
    ...thinksOf(profile, isThinking),
    extra: { ...wireSampling(sampling), ...videoFields(profile, question, sampling.maxTokens) },
  };
}

function thinksOf({ thinking: { ask, tags } }: ModelProfile, isThinking: boolean): { readonly thinks?: boolean } {
  if (isThinking || ask === 'always') return { thinks: true };
  return ask === 'never' && tags !== 'none' ? {} : { thinks: false };
}

/** The body of the request, with its fields in a fixed order. */
export function chatBodyOf(model: string, { messages, maxTokens, temperature, extra }: ProfiledRequest) {
  return { model, messages, max_tokens: maxTokens, temperature, ...extra };
}

function checkMedia(profile: ModelProfile, { images = [], video }: Question): void {
  const { media, limits } = profile;
  if (images.length > 0 && !media.image) throw misfit(profile, 'takes no pictures', 'Ask without one');
  if (images.length > limits.images)
    throw misfit(profile, `takes ${limits.images} pictures, got ${images.length}`, 'Send fewer');
  if (!video) return;
  if (!media.video || limits.videos === 0)
    throw misfit(profile, 'takes no video', 'Send a picture, or use a family that does');
  if ('mp4' in video !== (media.video.as === 'mp4'))
    throw misfit(profile, `takes video as ${media.video.as}`, 'Encode it by the profile');
}

/** A lone text stays a text: there are servers that know no parts. */
function contentOf({ media }: ModelProfile, { images = [], video }: Question, text: string): ChatMessage['content'] {
  const parts: ChatPart[] = [
    ...images.map(({ data, format }) => imagePart(data, format)),
    ...(video ? videoParts(video, media.video?.as === 'jpeg-list') : []),
  ];
  if (parts.length === 0) return text;
  const words: ChatPart = { type: 'text', text };
  return media.order === 'media-first' ? [...parts, words] : [words, ...parts];
}

const base64 = (data: Uint8Array) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');

const imagePart = (data: Uint8Array, format: 'jpeg' | 'png'): ChatPart => ({
  type: 'image_url',
  image_url: { url: `data:image/${format};base64,${base64(data)}` },
});

function videoParts(video: SentVideo, asList: boolean): ChatPart[] {
  if ('mp4' in video) return [{ type: 'video_url', video_url: { url: `data:video/mp4;base64,${base64(video.mp4)}` } }];
  if (!asList) return video.jpegs.map((jpeg) => imagePart(jpeg, 'jpeg'));
  return [{ type: 'video_url', video_url: { url: `data:video/jpeg;base64,${video.jpegs.map(base64).join(',')}` } }];
}

function wireSampling({ topP, topK, presencePenalty, repetitionPenalty, seed }: Sampling): Record<string, number> {
  return {
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(repetitionPenalty !== undefined && { repetition_penalty: repetitionPenalty }),
    ...(seed !== undefined && { seed }),
  };
}

/** What the server has to know to sample the clip as the family was trained to see it. */
function videoFields({ media }: ModelProfile, { video, contextTokens }: Question, maxTokens: number) {
  if (!video || !media.video) return {};
  const { extra, budget, as } = media.video;
  const kwargs = { ...(extra.mm_processor_kwargs as object | undefined) };
  if (budget && contextTokens !== undefined) {
    const longest = Math.trunc((contextTokens - maxTokens) * budget.pxPerToken * budget.share);
    Object.assign(kwargs, { size: { shortest_edge: budget.shortestEdge, longest_edge: longest } });
  }
  if (as === 'jpeg-list' && 'jpegs' in video) Object.assign(kwargs, { fps: video.fps, do_sample_frames: false });
  return Object.keys(kwargs).length === 0 ? extra : { ...extra, mm_processor_kwargs: kwargs };
}

const misfit = ({ family }: ModelProfile, what: string, hint: string) =>
  new PumiceError('config/misfit', what, { who: `profile ${family}`, hint });
