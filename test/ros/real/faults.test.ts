import { WebSocket } from 'ws';
import { faultSuite } from '../faults-suite.ts';
import { missing, openGraph } from './graph.ts';
import { pictureFile } from './picture.ts';

faultSuite(
  'on a real graph',
  async () => {
    const picture = await pictureFile();
    const graph = await openGraph(picture.path);
    return {
      ...graph,
      stall: (isStalled) => graph.bridge.signal(isStalled ? 'SIGSTOP' : 'SIGCONT'),
      press: async (data) => {
        const plain = new WebSocket(graph.url);
        await new Promise((resolve) => plain.once('open', resolve));
        const call = { op: 'call_service', service: '/estop', type: 'std_srvs/srv/SetBool', args: { data } };
        plain.send(JSON.stringify(call));
        await new Promise((resolve) => plain.once('message', resolve));
        plain.close();
      },
      close: async () => {
        await graph.close();
        picture.remove();
      },
    };
  },
  missing(),
);
