import type { Suite } from '../suite/suite.ts';

/**
 * Web pages that others wrote: tasks of MiniWoB++ that rules can do, so that page and judge are known to work. Of these seeds none is done
 * by pressing Submit alone.
 */
export const miniwob: Suite = {
  name: 'miniwob',
  summary: 'web pages of MiniWoB++: buttons, links, texts, dates, lists, trees, tables, dialogs',
  env: 'browser',
  tasks: [
    ...['click-button', 'click-button-sequence', 'click-link', 'click-option', 'click-scroll-list', 'click-tab'],
    ...[
      'click-test-2',
      'click-widget',
      'click-checkboxes',
      'click-dialog',
      'choose-list',
      'enter-date',
      'enter-password',
    ],
    ...['enter-text', 'enter-text-dynamic', 'enter-time', 'focus-text', 'login-user', 'navigate-tree', 'read-table'],
  ],
  seeds: '11-13',
  successRule: 'the page says that it is done, with a raw reward of 1',
  guards: {
    oracle: { policy: 'mark-matcher', atLeast: 0.9 },
    nothing: { policy: 'hold', atMost: 0.1 },
    seedsPerTask: 2,
  },
};
