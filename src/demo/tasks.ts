/** The three tasks of the demo, and how the yard itself tells that each is done: that change and no other. Knows no agent. */
import { createState, type Pickup, type State } from './state.ts';

export interface DemoTask {
  readonly id: 'find' | 'deliver' | 'book';
  readonly title: string;
  /** `{{password}}` stands for the secret of that name. */
  readonly instruction: string;
  readonly check: () => { readonly done: boolean; readonly why: string };
}

/** The order that task `find` wants opened. */
const SOUGHT = 'F-1042';
/** The order that task `deliver` wants delivered. */
const DELIVERED = 'F-1041';
/** The pickup that task `book` wants. */
const PICKUP: Pickup = { carrier: 'Night barge', date: '2031-05-09', crane: true, note: 'Ring twice' };

export function demoTasks(state: () => State): readonly DemoTask[] {
  const task = (rest: Omit<DemoTask, 'check'>, problems: (state: State) => readonly (string | false)[]): DemoTask => ({
    ...rest,
    check: () => {
      const found = problems(state()).filter((problem) => problem !== false);
      return { done: found.length === 0, why: found.join('; ') || 'all as asked' };
    },
  });
  return [
    task(
      {
        id: 'find',
        title: 'Find an order',
        instruction: 'Log in as ada with {{password}}, search for "millstone" and open the order of Alder Creek Mill.',
      },
      (now) => [
        now.opened.at(-1) !== SOUGHT && `order ${SOUGHT} is not the one opened last`,
        now.sessions.size === 0 && 'nobody is logged in',
        ...ordersChanged(now, {}),
        ...pickupsChanged(now, []),
      ],
    ),
    task(
      {
        id: 'deliver',
        title: 'Filter, and record a delivery',
        instruction:
          'Log in as ada with {{password}}. Open the Ready tab, tick "Rush orders only", open the order of Harbour Bakery, mark it as delivered and confirm.',
      },
      (now) => [...ordersChanged(now, { [DELIVERED]: 'Delivered' }), ...pickupsChanged(now, [])],
    ),
    task(
      {
        id: 'book',
        title: 'Book a pickup, and leave',
        instruction:
          'Log in as ada with {{password}} and go to Pickups. Choose "Night barge" as the carrier, set the date to 9 May 2031, tick "Bring a crane", write "Ring twice" in the note, book the pickup, confirm, and log out.',
      },
      (now) => [
        ...ordersChanged(now, {}),
        ...pickupsChanged(now, [PICKUP]),
        now.sessions.size > 0 && 'somebody is still logged in',
      ],
    ),
  ];
}

/** What differs from the yard's first state with these statuses. */
function ordersChanged(now: State, wanted: Readonly<Record<string, string>>): readonly string[] {
  return [...createState().orders.values()].flatMap(({ id, status }) => {
    const [is, should] = [now.orders.get(id)?.status, wanted[id] ?? status];
    return is === should ? [] : [`order ${id} is ${is ?? 'gone'}, not ${should}`];
  });
}

function pickupsChanged({ pickups }: State, wanted: readonly Pickup[]): readonly string[] {
  if (pickups.length !== wanted.length) return [`${pickups.length} pickups are booked, not ${wanted.length}`];
  return wanted.flatMap((pickup, at) =>
    (Object.keys(pickup) as (keyof Pickup)[])
      .filter((key) => pickups[at]![key] !== pickup[key])
      .map((key) => `${key} of the pickup is ${JSON.stringify(pickups[at]![key])}, not ${JSON.stringify(pickup[key])}`),
  );
}
