/** A page with two buttons for tests of roles: which one was pressed is known to the server, and decides how the run ends. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Oracle, type Planner, type Policy, planned } from 'pumice';
import { uiNavigator } from 'pumice/agents/ui-navigator';
import type { Asked } from '../models/fake-model-server.ts';

const PAGE = `<!doctype html><title>Order</title><style>button{position:absolute;width:200px;height:80px;font-size:24px}</style>
<button style="left:100px;top:100px" onclick="tell('/keep')">Keep</button>
<button style="left:700px;top:400px" onclick="tell('/cancel')">Cancel</button>
<script>
  // Waits for the answer, so that the server knows of a click before the click is over.
  function tell(path) {
    const request = new XMLHttpRequest();
    request.open('GET', path, false);
    request.send();
  }
</script>`;

export async function openShop() {
  const pressed = new Set<string>();
  const server = createServer((request, response) => {
    if (request.url !== '/' && request.url !== '/favicon.ico') pressed.add(request.url!.slice(1));
    response.setHeader('content-type', 'text/html').end(PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const oracle: Oracle = {
    judge: async () =>
      pressed.size === 0
        ? undefined
        : { outcome: pressed.has('keep') ? 'success' : 'failure', reason: `${[...pressed].join()} was pressed` },
  };
  /** One run in a browser. */
  const attempt = async (policy: Policy, instruction = 'Keep the order', planner?: Planner) => {
    pressed.clear();
    await using agent = await uiNavigator({ url, policy: planner ? planned(policy, planner) : policy });
    const run = agent.run({ instruction, ...(!planner && { oracle }), budget: { maxSteps: 8 } });
    const thoughts: string[] = [];
    const told: string[] = [];
    run.events$.subscribe((event) => event.kind === 'thought-delta' && told.push(event.text));
    for await (const { thought } of run) thoughts.push(thought ?? '');
    return { ...(await run.result), pressed: [...pressed], thoughts, told: told.join('') };
  };
  return {
    attempt,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Words of a question, all parts of all messages. */
export const wordsOf = ({ body }: Asked): string =>
  body.messages
    .flatMap(({ content }) =>
      typeof content === 'string' ? [content] : (content as { text?: string }[]).map(({ text = '' }) => text),
    )
    .join('\n');

/** The number of the mark with a name, as the list in the question has it. */
export const markIn = (asked: Asked, name: string): number =>
  Number(new RegExp(`^(\\d+) button "${name}"`, 'm').exec(wordsOf(asked))?.[1]);
