/**
 * The words that Magma and OpenVLA were trained to be asked in, and the whole prompt with special tokens for servers that take one.
 * From microsoft/Magma `e373780` (`magma_model.py`, `agents/*`, `server/main.py`, `data/conversations.py`), the chat template of
 * microsoft/Magma-8B, and openvla/openvla `c8f03f4` (`vla-scripts/deploy.py`). Text in, text out.
 */
import { strip } from './python.ts';

export const MAGMA_SYSTEM = 'You are agent that can see, talk and act.';
/** What stands for a picture once the processor has put its marks around it. */
const IMAGE = '<image_start><image><image_end>';

/** What the user says, without the picture. Servers with a chat form put that before it. */
export const magmaQuestion = {
  /** Case is kept. */
  arm: (instruction: string) => `What action should the robot take to ${instruction}?`,
  uiMarks: (instruction: string) =>
    `In this view I need to click a button to "${instruction}"? Provide the coordinates and the mark index of the containing bounding box if applicable.`,
  /** A prefix `Q:` chooses this question in the original's demo, and stays in. */
  uiQuestion: (question: string) => `${question} Answer the question briefly.`,
  trace: ({ markIds, task, speed, steps }: TraceQuestion) =>
    `The image is split into 256x256 grids and is labeled with numeric marks [${markIds.join(', ')}].\nThe robot is doing: ${task}. To finish the task, how to move the numerical marks in the image with speed ${speed} for the next ${steps} steps?\n`,
  locateMarks: () =>
    'The image is split into 256x256 grids, and labeled with numeric marks.\nPlease locate all the numerical marks in the image.\n',
};

export interface TraceQuestion {
  /** Numbers on the discs; the original's begin at 1. */
  readonly markIds: readonly number[];
  readonly task: string;
  /** Cells per step; the original's demo: 8. */
  readonly speed: number;
  readonly steps: number;
}

/**
 * The whole prompt as the tokenizer gets it. It adds a begin-of-text of its own, so that there are two: the model is used to that.
 *
 * @param images - how many pictures stand before the question.
 */
export function magmaPrompt(question: string, { images = 1, system = MAGMA_SYSTEM } = {}): string {
  const user = `${'<image>\n'.repeat(images)}${question}`;
  const turns = [turn('system', system), turn('user', user)].join('');
  return `<|begin_of_text|>${turns}${header('assistant')}`.replaceAll('<image>', IMAGE);
}

const header = (role: string) => `<|start_header_id|>${role}<|end_header_id|>\n\n`;
/** The template takes off blanks at both ends, and so the line end that some questions were trained with. */
const turn = (role: string, content: string) => `${header(role)}${strip(content)}<|eot_id|>`;

/** OpenVLA's only question. It lower-cases the instruction, as its training did. */
export const openvlaPrompt = (instruction: string): string =>
  `In: What action should the robot take to ${instruction.toLowerCase()}?\nOut:`;

/** The same for models of version 0.1, whose path has `v01` in it. */
export const openvlaV01Prompt = (instruction: string): string =>
  `${VICUNA_SYSTEM} USER: What action should the robot take to ${instruction.toLowerCase()}? ASSISTANT:`;
const VICUNA_SYSTEM =
  "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the user's questions.";
