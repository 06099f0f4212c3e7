/** Stop sources: a key, a signal, a datagram, and a person who says no more that they are there. */
export { type DeadManOptions, deadMan } from './dead-man.ts';
export { stopsOf } from './driver.ts';
export { type KeyInput, keyboard } from './keyboard.ts';
export { type NetworkStop, type NetworkStopOptions, network } from './network.ts';
export { signals } from './signals.ts';
