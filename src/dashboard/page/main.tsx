/** The entry of the page. */
import { render } from 'preact';
import { App } from './app.tsx';
import { openLink } from './link.ts';
import { openPilot } from './pilot.ts';

const place = document.getElementById('app')!;
place.replaceChildren();
const link = openLink();
render(<App link={link} pilot={openPilot(link)} />, place);
