/** How to point one's own bot at this stack, with the line to copy and the proof that it arrived. */
import type { Status } from './api.ts';
import { h, replace, setText } from './dom.ts';
import { status } from './live.ts';

export function connectDialog(): { readonly open: () => void; readonly element: HTMLDialogElement } {
  const body = h('div', { class: 'connect-body' });
  const count = h('p', { class: 'connect-count', role: 'status' });
  const close = h('button', { type: 'button', class: 'quiet-button', 'aria-label': 'Close' }, 'Close');
  const element = h(
    'dialog',
    { class: 'connect', 'aria-labelledby': 'connect-title' },
    h('header', {}, h('h2', { id: 'connect-title' }, 'Connect your bot'), close),
    body,
    count,
  );
  close.addEventListener('click', () => element.close());
  element.addEventListener('click', event => {
    if (event.target === element) element.close();
  });
  let atOpening = 0;
  status.onChange(now => {
    if (!element.open || now === undefined) return;
    setText(
      count,
      `${(now.counts.accepted - atOpening).toLocaleString('en-US')} events were accepted since you opened this, ${now.counts.rejected.toLocaleString('en-US')} lines rejected in all.`,
    );
  });
  return {
    element,
    open: () => {
      const now = status.get();
      if (now === undefined) return;
      atOpening = now.counts.accepted;
      drawBody(body, now);
      setText(count, '');
      element.showModal();
    },
  };
}

function drawBody(host: HTMLElement, now: Status): void {
  const env =
    typeof now.connect.env === 'string'
      ? now.connect.env
      : Object.entries(now.connect.env)
          .map(([name, value]) => `export ${name}=${value}`)
          .join('\n');
  replace(
    host,
    h('p', {}, 'A bot reports what happens as JSON lines. Send one now and watch it arrive:'),
    copyable(now.connect.curl),
    h('p', {}, 'Or let the AWS SDK and the AWS CLI of your bot speak to this stack instead of AWS:'),
    copyable(env),
    h(
      'p',
      { class: 'quiet' },
      'Lines go to ',
      h('code', {}, now.ingestUrl),
      ', many at a time if you like, separated by newlines. Lines that do not validate are answered with their number and the reason.',
    ),
  );
}

function copyable(text: string): HTMLElement {
  const button = h('button', { type: 'button', class: 'copy' }, 'Copy');
  button.addEventListener('click', async () => {
    const done = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    setText(button, done ? 'Copied' : 'Select and copy by hand');
    setTimeout(() => setText(button, 'Copy'), 2000);
  });
  return h('div', { class: 'copyable' }, h('pre', { tabindex: '0' }, text), button);
}
