/** What the thread that commands a robot tells of its link: numbers in a box, newest wins, and words. */

/** NaN where it is not known. */
export const LINK_FIELDS = [
  'stampMs',
  'state',
  'epoch',
  /** The robot's clock less the one of this machine. */
  'offsetMs',
  'uncertaintyMs',
  /** From sending to hearing it again through the graph. */
  'wayMs',
  'sent',
  /** Commands that were not sent. */
  'refused',
  /** 0 released, 1 pressed; NaN: there is none, or it is silent. */
  'eStop',
  'rivals',
  /** Readings that could not be taken. */
  'unread',
] as const;
export type LinkNumbers = Readonly<Record<(typeof LINK_FIELDS)[number], number>>;

export const linkNumbersOf = (values: ArrayLike<number>): LinkNumbers =>
  Object.fromEntries(LINK_FIELDS.map((field, at) => [field, values[at]!])) as LinkNumbers;

/** What the thread says in words. */
export type Said =
  | { readonly kind: 'ready' }
  /** Why the robot is stopped, or cannot be driven. */
  | { readonly kind: 'trouble'; readonly text: string }
  | { readonly kind: 'diagnostics'; readonly errors: readonly string[] };
