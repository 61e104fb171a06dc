import { CONFIRM_WITHIN_MS, type Command, type IncidentName, type Reply, type Requested } from '../../adapters/notify/inbound.ts';
import { acknowledgeIncident, resolveIncident, silenceIncident } from '../../core/incidents/actions.ts';
import { botOf, confirmationOf, signalOrder } from '../../core/incidents/bot-signal.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { fingerprint } from '../../core/incidents/key.ts';
import { plainText } from '../../core/incidents/plain-text.ts';
import { durationText } from '../../core/incidents/quantity-text.ts';
import type { ActionsTools } from './actions.ts';
import { statusText } from './status-text.ts';

const help = [
  '/status: what is open, and how each strategy stands',
  '/ack: take the incident that is open, or /ack 2 the second of the list',
  '/silence 1h: silence it, or /silence 2 30m the second of the list',
].join('\n');

/** Does what was asked, and says in one line what came of it. */
export function perform(request: Requested, channelId: string, tools: ActionsTools): Promise<Reply> {
  const { command } = request;
  switch (command.do) {
    case 'help':
      return Promise.resolve({ text: command.because === undefined ? help : `${command.because}\n${help}` });
    case 'status':
      return statusText(tools).then(text => ({ text }));
    case 'acknowledge':
    case 'resolve':
    case 'silence':
    case 'signal':
      return onIncident(request, command, channelId, tools);
  }
}

type IncidentCommand = Exclude<Command, { readonly do: 'help' | 'status' }>;

async function onIncident(request: Requested, command: IncidentCommand, channelId: string, tools: ActionsTools): Promise<Reply> {
  const found = await findIncident(command.incident, tools);
  if (typeof found === 'string') return { text: found };
  if (request.doneAtMs !== undefined && request.doneAtMs < found.openedAt) return { text: 'That was about an earlier incident.' };
  const title = plainText(found.title, 120);
  const now = tools.send.now();
  const by = { who: request.who, now, ...(request.isKnownThere === true ? { via: channelId } : {}) };
  switch (command.do) {
    case 'acknowledge': {
      const { reason, incident } = await acknowledgeIncident(found.key, by, tools);
      if (reason === 'acknowledged') return { text: `You have it: ${title}. Everybody else is told.` };
      if (reason === 'alreadyAcknowledged') return { text: `${incident?.acknowledgedBy ?? 'Somebody'} has it already: ${title}.` };
      return { text: `It is over already: ${title}.` };
    }
    case 'resolve': {
      const { reason } = await resolveIncident(found.key, by, tools);
      return { text: reason === 'closed' ? `Resolved: ${title}.` : `It is over already: ${title}.` };
    }
    case 'silence': {
      const { durationMs } = command;
      const { silence } = await silenceIncident(found.key, { ...by, durationMs, comment: 'from a page' }, tools);
      const until = silence === undefined ? '' : ` until ${new Date(silence.endsAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
      return { text: `Silenced for ${durationText(durationMs / 1000)}${until}: ${title}.` };
    }
    case 'signal':
      return signal(found, command, request.who, tools);
  }
}

async function signal(
  incident: Incident,
  { signal: wanted, confirmed }: Extract<Command, { readonly do: 'signal' }>,
  who: string,
  tools: ActionsTools,
): Promise<Reply> {
  const bot = botOf(incident.signal.dimensions, tools.config);
  const now = tools.send.now();
  if (bot?.signals === undefined) return { text: 'The config names no bot that could be told.' };
  const words = wanted === 'halt' ? 'stop trading' : 'open nothing new and only reduce';
  const isDry = bot.signals.dryRun ? ' (dry run: it is recorded, and nothing is sent)' : '';
  if (confirmed === undefined)
    return {
      text: `${bot.id} would be told to ${words}${isDry}. Press once more within a minute to do it.`,
      confirm: { signal: wanted, botId: bot.id, key: incident.key, askedAtMs: now },
    };
  const { askedAtMs, about } = confirmed;
  if (now - askedAtMs > CONFIRM_WITHIN_MS || askedAtMs > now + CONFIRM_WITHIN_MS)
    return { text: 'That was asked more than a minute ago; ask again.' };
  if (about !== confirmationOf(bot.id, incident.key)) return { text: `The incident is about another bot by now, ${bot.id}; ask again.` };
  await tools.orderSignal(
    signalOrder({ signal: wanted, botId: bot.id, key: incident.key, from: 'person', by: who, reason: incident.title, atMs: askedAtMs }),
  );
  return { text: `${bot.id} is being told to ${words}${isDry}. The incident's timeline says what came of it.` };
}

/** Open incidents in the order that /status shows: the oldest first, so that numbers stay when another opens. */
export const openIncidents = ({ incidents }: Pick<ActionsTools, 'incidents'>): Promise<readonly Incident[]> => incidents.open();

/** The incident, or why there is none. */
async function findIncident(name: IncidentName, tools: ActionsTools): Promise<Incident | string> {
  if (name.by === 'key') {
    const stored = await tools.incidents.load(name.key);
    return stored?.state.incident ?? 'This incident is not known any more.';
  }
  const open = await openIncidents(tools);
  switch (name.by) {
    case 'fingerprint':
      return open.find(({ key }) => fingerprint(key) === name.fingerprint) ?? 'It is over already.';
    case 'number':
      return open[name.number - 1] ?? `There is no incident ${name.number}; /status shows the list.`;
    case 'only':
      if (open.length === 1) return open[0]!;
      return open.length === 0 ? 'Nothing is open.' : `${open.length} incidents are open; say which one: /status shows the list.`;
  }
}
