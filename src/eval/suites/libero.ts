import type { Suite } from '../suite/suite.ts';

/** Numbers of LIBERO's suites are told apart, and so are these. */
const ofLibero = (name: string, summary: string, tasks: readonly string[]): Suite => ({
  name,
  summary,
  env: 'simpler',
  simulator: { backend: 'libero', success: 'first', numberIs: 'episode' },
  tasks,
  seeds: '0-49',
  successRule: 'first: a success ends the episode',
  guards: {
    oracle: { policy: 'expert', atLeast: 0.9 },
    nothing: { policy: 'hold', atMost: 0.1 },
    seedsPerTask: 5,
  },
});

/** A bowl, found by what it is beside or on. */
export const liberoSpatial = ofLibero(
  'libero-spatial',
  'LIBERO-Spatial, 6 of its 10 tasks: the black bowl that is meant, onto the plate',
  [
    'between_the_plate_and_the_ramekin',
    'next_to_the_ramekin',
    'from_table_center',
    'on_the_cookie_box',
    'on_the_stove',
    'next_to_the_plate',
  ].map((which) => `pick_up_the_black_bowl_${which}_and_place_it_on_the_plate`),
);

/** One thing among six, into the basket. */
export const liberoObject = ofLibero(
  'libero-object',
  'LIBERO-Object, 8 of its 10 tasks: the thing that is named, into the basket',
  [
    'alphabet_soup',
    'salad_dressing',
    'bbq_sauce',
    'ketchup',
    'butter',
    'milk',
    'chocolate_pudding',
    'orange_juice',
  ].map((which) => `pick_up_the_${which}_and_place_it_in_the_basket`),
);
