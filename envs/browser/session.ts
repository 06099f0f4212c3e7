/**
 * One debugger session and the frames that it reaches.
 */
import type { CDPSession } from 'playwright';

/** One frame's isolated world. */
export interface FrameWorld {
  readonly frameId: string;
  readonly contextId: number;
  readonly session: Session;
  /** Answers that came too late so far and are still out. While there are any, the frame is not asked again. */
  late: number;
}

export interface Session {
  readonly cdp: CDPSession;
  /** The frame at the top of this process's part of the page. */
  readonly rootFrameId: string;
  readonly worlds: Map<string, FrameWorld>;
  /** Listener nodes that the index was told of. */
  readonly listening: Set<number>;
  readonly pending: Set<Promise<unknown>>;
  isClosed: boolean;
}
