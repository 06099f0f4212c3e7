/** The entry of the page. */
import { render } from 'preact';
import { App } from './app.tsx';
import { openLink } from './link.ts';

const place = document.getElementById('app')!;
place.replaceChildren();
render(<App link={openLink()} />, place);
