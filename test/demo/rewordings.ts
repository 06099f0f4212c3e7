/** The tasks of the demo as other people would say them, and other words that its buttons might bear. */
import type { Labels } from '../../src/demo/labels.ts';
import type { DemoTask } from '../../src/demo/tasks.ts';

export const REWORDINGS: Readonly<Record<DemoTask['id'], readonly string[]>> = {
  find: [
    'Sign in as ada with the password {{password}}. Search for millstone and open the order for Alder Creek Mill.',
    'Log in with user "ada" and password "{{password}}", look for "Alder Creek Mill" and open its order.',
    'Please log in as ada, password {{password}}, and open the order "Runner millstone".',
    'Enter "ada" as the user and {{password}} as the password, log in, then click "Runner millstone".',
    'Type ada into User and {{password}} into Password, press Log in, type millstone into the search box, press Search and click the Runner millstone link.',
  ],
  deliver: [
    'Log in as ada with {{password}}. Show only the ready orders, check "Rush orders only", open "Oven floor, 24 slabs", click "Mark as delivered" and confirm.',
    'Sign in as ada with password {{password}}, search for Harbour Bakery, open its order, mark it as delivered and say yes.',
    'Log in as ada with {{password}}. Select Ready, tick the Rush orders only box, click the order of Harbour Bakery, press Mark as delivered, then press "Yes, delivered".',
    'Log in with user "ada" and password "{{password}}". Find the order of "Harbour Bakery", open it and mark it as delivered. Confirm.',
    'Please log in as ada using {{password}}, filter by Ready, find Harbour Bakery, open that order, then mark it as delivered and confirm the question.',
  ],
  book: [
    'Sign in as ada with password {{password}}, open Pickups, select Night barge from Carrier, enter 05/09/2031 as the date, check Bring a crane, type "Ring twice" into Note for the driver, click Book pickup, accept the dialog and log out.',
    'Log in as ada with {{password}}. Go to Pickups. Fill in the form with Carrier "Night barge", Date "2031-05-09" and Note "Ring twice", tick "Bring a crane", submit it, confirm, and sign out.',
    'Log in with user "ada" and password "{{password}}", click Pickups, set Carrier to "Night barge", set Date to May 9, 2031, set Note to "Ring twice", make sure "Bring a crane" is checked, click "Book pickup", click OK and click "Log out".',
    'Please log in as ada with {{password}}, go to the Pickups page, choose the Night barge, pick the date 9 May 2031, tick the crane box, fill the note with "Ring twice", book it, confirm and log out.',
    'Log in using user ada and password {{password}}. Then open "Pickups", pick "Night barge" in the Carrier list, type 2031-05-09 into Date, tick "Bring a crane", put "Ring twice" in the Note field, press "Book pickup" and confirm. Finally log out.',
  ],
};

/** Two other sets of words for the same buttons. */
export const OTHER_LABELS: readonly Labels[] = [
  {
    logIn: 'Sign in',
    logOut: 'Sign out',
    search: 'Find',
    deliver: 'Set to delivered',
    deliverYes: 'Confirm',
    deliverNo: 'Cancel',
    book: 'Submit',
  },
  {
    logIn: 'Continue',
    logOut: 'Log off',
    search: 'Go',
    deliver: 'Delivered',
    deliverYes: 'OK',
    deliverNo: 'No',
    book: 'Book now',
  },
];
