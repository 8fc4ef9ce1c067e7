import { listen } from './connection.ts';
import { DevicePage } from './device-page.ts';
import { element, setText, type View } from './dom.ts';
import { Overview } from './overview.ts';
import { Store } from './store.ts';

/* The page of `fleet web`. */

const store = new Store();

const cloud = element('span.cloud');
const live = element('span.chip.live');
const problems = element('div.problems', { role: 'status' });
const leftOut = element('p.left-out.muted');
const main = element('main', { id: 'main', tabindex: -1 });

document.body.append(
  element('a.skip', { href: '#main', on: { click: (event) => skip(event) } }, 'Skip to content'),
  element('header.bar', element('a.name', { href: '#/' }, 'esp-fleet'), cloud, live),
  problems,
  leftOut,
  main,
);

/** Not by the address, which names the view. */
function skip(event: Event): void {
  event.preventDefault();
  main.focus();
}

let view: View | undefined;

function show(): void {
  const isFirst = view === undefined;
  view?.close();
  const [, encoded] = /^#\/device\/(.+)$/.exec(location.hash) ?? [];
  view = encoded === undefined ? new Overview(store) : new DevicePage(decoded(encoded), store);
  main.replaceChildren(view.element);
  document.title = view.title === 'Fleet' ? 'esp-fleet' : `${view.title}, esp-fleet`;
  if (isFirst) return;
  scrollTo(0, 0);
  main.focus(); // so that a screen reader and the tab key go on at the new view
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function showState(): void {
  const wrong = store.serverProblem === undefined ? store.problems : [store.serverProblem];
  const isWell = wrong.length === 0;
  setText(cloud, store.cloud);
  setText(leftOut, store.leftOut);
  live.dataset.kind = isWell ? (store.devices === undefined ? 'idle' : 'good') : 'bad';
  setText(live, isWell ? (store.devices === undefined ? 'connecting' : 'live') : 'not live');
  document.body.classList.toggle('stale', !isWell);
  if (problems.dataset.lines === JSON.stringify(wrong)) return;
  problems.dataset.lines = JSON.stringify(wrong);
  problems.replaceChildren(
    ...wrong.map((line) => element('p.theirs', line)),
    ...(isWell
      ? []
      : [element('p.muted', 'The page shows the last known state. It updates by itself once this is over.')]),
  );
}

addEventListener('hashchange', show);
store.onChange(showState);
showState();
show();
void listen(
  (event) => store.take(event),
  (problem) => store.setServerProblem(problem),
);
