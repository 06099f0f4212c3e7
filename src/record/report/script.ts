/** What the report page does by itself: keys between steps, and pictures enlarged. Reads and writes only the page it is in. */
export const SCRIPT = `(() => {
  const steps = [...document.querySelectorAll('article.step')];
  document.querySelector('.keys').hidden = false;
  document.documentElement.classList.add('scripted');
  const viewer = document.getElementById('viewer');
  // The step at the top of the window: keys go on from where the reader has scrolled to.
  const current = () => steps.findLastIndex((step) => step.getBoundingClientRect().top < 120);
  const go = (step) => {
    if (!step) return;
    step.scrollIntoView({ block: 'start' });
    step.focus({ preventScroll: true });
    history.replaceState(null, '', '#' + step.id);
  };
  const enlarge = (button) => {
    viewer.replaceChildren(button.querySelector('.picture').cloneNode(true));
    viewer.showModal();
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest('.enlarge');
    if (button) enlarge(button);
    else if (event.target.closest('#viewer')) viewer.close();
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || viewer.open) return;
    const at = current();
    if (event.key === 'j') go(steps[at + 1]);
    else if (event.key === 'k') go(steps[Math.max(0, at - 1)]);
    else if (event.key === 'n') go(steps.slice(at + 1).find((step) => 'exception' in step.dataset));
    else if (event.key === 'Enter' && document.activeElement === steps[at]) {
      const button = steps[at].querySelector('.enlarge');
      if (button) enlarge(button);
    } else return;
    event.preventDefault();
  });
})();
`;
