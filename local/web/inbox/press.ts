import { ApiError, api, type Press } from '../api.ts';
import { h } from '../dom.ts';
import { refreshInbox, refreshIncidents } from '../live.ts';

/** A button that does what it does in the real service: its press goes, signed, to the stack's endpoint for actions. */
export function pressButton(label: string, press: Press, options: { readonly style?: string; readonly ask?: string } = {}): HTMLElement {
  const button = h(
    'button',
    { type: 'button', class: 'slack-button', 'data-style': options.style, 'data-action': press.action ?? press.value },
    label,
  );
  const said = h('span', { class: 'quiet', role: 'status' });
  button.addEventListener('click', async () => {
    if (options.ask !== undefined && !confirm(options.ask)) return;
    button.disabled = true;
    try {
      const { status } = await api.press(press);
      said.textContent = status === 200 ? '' : `refused with ${status}`;
    } catch (error) {
      said.textContent = error instanceof ApiError ? error.message : 'not sent';
    }
    button.disabled = false;
    refreshInbox();
    refreshIncidents();
  });
  return h('span', { class: 'press' }, button, said);
}
