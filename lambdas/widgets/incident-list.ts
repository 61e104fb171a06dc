import { acknowledgeIncident, silenceIncident } from '../../core/incidents/actions.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { durationText } from '../../core/incidents/quantity-text.ts';
import { button, type Html, html, nothing, table } from './html.ts';
import { clockText } from './request.ts';
import { pageOf, type Shown } from './shown.ts';
import { lightSign } from './style.ts';

/** Newest incidents that are looked at: open ones are rarely older. */
const LOOKED_AT = 200;
const PER_PAGE = 10;
const SILENCE_MS = 3_600_000;
/** CloudWatch does not say who pressed the button. */
const WHO = 'somebody at the dashboard';

/** Open incidents first, then the newest of the time range, with buttons to acknowledge and to silence. */
export async function incidentList(shown: Shown): Promise<Html> {
  const said = await act(shown);
  const { request } = shown;
  const all = await shown.incidents.list(LOOKED_AT);
  const open = all.filter(({ status }) => status !== 'resolved');
  const ended = all.filter(({ status, openedAt }) => status === 'resolved' && openedAt >= request.fromMs && openedAt <= request.toMs);
  const { rows, page, pages } = pageOf([...open, ...ended], request.page, PER_PAGE);
  const again = { widget: 'incidents', ...request.parameters };
  const pager = pages === 1 ? nothing : pageButtons(page, pages, again, request.endpoint);
  const shownRows = rows.map(incident => row(incident, shown, again));
  const empty = 'No open incident, and none in this time range.';
  return html`${said}${table(['', 'Incident', 'Since', 'State', ''], shownRows, empty)}${pager}`;
}

function row(incident: Incident, { request, nowMs }: Shown, again: Readonly<Record<string, string>>) {
  const { title, severity, status, openedAt, acknowledgedAt, resolvedAt } = incident;
  const light = status === 'resolved' ? 'green' : severity === 'critical' ? 'red' : 'yellow';
  const state =
    status === 'resolved'
      ? `resolved ${clockText(resolvedAt ?? openedAt, request)}`
      : status === 'acknowledged'
        ? `acknowledged ${clockText(acknowledgedAt ?? openedAt, request)}`
        : 'open';
  const since = `${clockText(openedAt, request)}, ${durationText(((resolvedAt ?? nowMs) - openedAt) / 1000)}`;
  const press = (label: string, action: string, confirmation: string) =>
    button(label, { ...again, action, incident: incident.id }, { endpoint: request.endpoint, confirmation });
  const buttons =
    status === 'resolved'
      ? nothing
      : html`${status === 'open' ? press('Acknowledge', 'acknowledge', `Take “${title.slice(0, 120)}”? Its reminders and escalation stop.`) : nothing} ${press('Silence 1 h', 'silence', `Announce nothing about “${title.slice(0, 120)}” for one hour?`)}`;
  return [lightSign(light, request.theme, `${severity}, ${status}`), title, since, state, buttons];
}

export function pageButtons(page: number, pages: number, again: Readonly<Record<string, unknown>>, endpoint: string): Html {
  const previous = page > 1 ? button('Previous', { ...again, page: page - 1 }, { endpoint }) : nothing;
  const next = page < pages ? button('Next', { ...again, page: page + 1 }, { endpoint }) : nothing;
  return html`<p class="nd-note">${previous} Page ${page} of ${pages} ${next}</p>`;
}

/** What the pressed button asks for. */
async function act({ request: { action, incident }, actions, nowMs }: Shown): Promise<Html> {
  if (action === undefined || incident === undefined) return nothing;
  const by = { who: WHO, now: nowMs };
  if (action === 'acknowledge') return said(await acknowledgeIncident(incident, by, actions));
  if (action === 'silence') return said(await silenceIncident(incident, { ...by, durationMs: SILENCE_MS }, actions));
  return nothing;
}

const words: Readonly<Record<string, string>> = {
  acknowledged: 'Acknowledged. The channels show it within a minute.',
  alreadyAcknowledged: 'It was acknowledged before.',
  silenced: 'Silenced for one hour.',
  notOpen: 'It is not open any more.',
};

const said = ({ reason }: { readonly reason: string }): Html => html`<p><strong>${words[reason] ?? reason}</strong></p>`;
