/** What is written on the buttons of the demo; tests hand in other words, since an agent must not depend on these. */

export const LABELS = {
  logIn: 'Log in',
  logOut: 'Log out',
  search: 'Search',
  deliver: 'Mark as delivered',
  deliverYes: 'Yes, delivered',
  deliverNo: 'Not yet',
  book: 'Book pickup',
};

export type Labels = Readonly<typeof LABELS>;
