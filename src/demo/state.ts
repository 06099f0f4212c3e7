/** What the stone yard knows: its orders, its pickups and who is logged in. Knows neither pages nor requests. */

export const STATUSES = ['New', 'Cutting', 'Ready', 'Delivered'] as const;
export type Status = (typeof STATUSES)[number];

export interface Order {
  readonly id: string;
  readonly customer: string;
  readonly goods: string;
  readonly stone: string;
  readonly weightKg: number;
  readonly due: string;
  readonly status: Status;
  readonly isRush: boolean;
}

export interface Pickup {
  readonly carrier: string;
  readonly date: string;
  readonly crane: boolean;
  readonly note: string;
}

export interface State {
  readonly orders: Map<string, Order>;
  readonly pickups: Pickup[];
  /** User by session key. */
  readonly sessions: Map<string, string>;
  /** Ids of the orders whose page was opened, oldest first. */
  readonly opened: string[];
}

/** The account of the demo. Its password is no secret: it guards made-up stones on a loopback address. */
export const ACCOUNT = { user: 'ada', password: 'feather-light' };

export const CARRIERS = ['Ox cart', 'Flatbed truck', 'Night barge', 'Narrow-gauge railway'] as const;

type Row = [
  goods: string,
  customer: string,
  stone: string,
  weightKg: number,
  due: string,
  status: Status,
  rush?: 'rush',
];
const ROWS: readonly Row[] = [
  ['Oven floor, 24 slabs', 'Harbour Bakery', 'Soapstone', 860, '4 May', 'Ready', 'rush'],
  ['Runner millstone', 'Alder Creek Mill', 'Granite', 1240, '7 May', 'Cutting'],
  ['Window sills, set of eight', 'St. Brendan’s Library', 'Slate', 310, '7 May', 'Ready'],
  ['Garden bench', 'Ida Okafor', 'Sandstone', 420, '2 May', 'Delivered'],
  ['Pool coping, 60 m', 'Tidewater Swim Club', 'Travertine', 2990, '19 May', 'New'],
  ['Mooring blocks', 'Harbour Ferry Line', 'Basalt', 5300, '11 May', 'Cutting', 'rush'],
  ['Doorstep with boot scraper', 'Otto’s Barber Shop', 'Marble', 95, '9 May', 'Ready'],
  ['Telescope pier', 'Owl Hill Observatory', 'Granite', 3100, '30 May', 'New'],
  ['Plinths, set of nine', 'Museum of Small Things', 'Limestone', 270, '12 May', 'Ready', 'rush'],
  ['Sundial', 'Cinder Lane School', 'Slate', 140, '1 May', 'Delivered'],
  ['Drainage gravel, 40 sacks', 'Moss & Daughters Nursery', 'Pumice', 320, '8 May', 'Cutting'],
  ['Lobby fountain', 'Hotel Meridian', 'Marble', 1850, '21 May', 'New'],
  ['Kitchen worktop', 'Nils and Amara Berg', 'Soapstone', 230, '14 May', 'New'],
  ['Chess tables, pair', 'Lower Town Park', 'Basalt', 640, '16 May', 'Cutting'],
];

const FIRST_ID = 1041;

export function createState(): State {
  const orders = ROWS.map(([goods, customer, stone, weightKg, due, status, rush], at): [string, Order] => {
    const id = `F-${FIRST_ID + at}`;
    return [id, { id, goods, customer, stone, weightKg, due, status, isRush: rush === 'rush' }];
  });
  return { orders: new Map(orders), pickups: [], sessions: new Map(), opened: [] };
}

export interface Filter {
  /** Words that must all occur in an order. */
  readonly words: string;
  readonly status: Status | undefined;
  readonly rushOnly: boolean;
}

/** The orders that pass a filter, in the yard's own sequence. */
export function findOrders(state: State, { words, status, rushOnly }: Filter): readonly Order[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return [...state.orders.values()].filter((order) => {
    const text = `${order.id} ${order.goods} ${order.customer} ${order.stone}`.toLowerCase();
    const isMeant = (status === undefined || order.status === status) && (!rushOnly || order.isRush);
    return isMeant && wanted.every((word) => text.includes(word));
  });
}
