import { describe, expect, it } from 'vitest';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createSilenceStore } from '../../adapters/aws/silence-store.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { acknowledgeIncident, matchersOf, resolveIncident, silenceIncident, unsilenceIncident } from '../../core/incidents/actions.ts';
import { createDesk } from '../../core/incidents/desk.ts';
import { openDuties, recordSends } from '../../core/incidents/duties.ts';
import { matchesAll } from '../../core/incidents/matcher.ts';
import { routingOfSeverities } from '../../core/incidents/routing.ts';
import { signalOfBreach } from '../../core/incidents/signal.ts';
import { silencesOf } from '../../core/incidents/silence.ts';

const signal = signalOfBreach({
  row: 'sessionPnl',
  alarm: 'session-loss',
  dimensions: { Strategy: 's1' },
  state: 'ALARM',
  severity: 'critical',
  atMs: 1_000,
  sinceMs: 1_000,
  reason: 'lost too much',
});

/** An open incident that Slack and PagerDuty were told. */
async function open() {
  const table = createMemoryTable();
  const incidents = createIncidentStore(table, () => 1_000);
  const woken: string[] = [];
  const tools = { incidents, silences: createSilenceStore(table), wake: async (key: string) => void woken.push(key) };
  const desk = createDesk(routingOfSeverities({ critical: ['slack', 'pagerduty'], warning: [], info: [] }));
  desk.hear(signal, 1_000);
  const incident = desk.incident(signal.key)!;
  await incidents.save({ schemaVersion: 1, key: signal.key, incident }, 0);
  const now = async () => (await incidents.load(signal.key))!.state.incident!;
  return { tools, woken, now, id: incident.id };
}

const duties = (incident: Parameters<typeof openDuties>[0]) =>
  openDuties(incident, ['slack', 'pagerduty']).map(({ channel, duty }) => `${channel} ${duty}`);

describe('what people do to an incident', () => {
  it('acknowledges once, tells every other channel, and wakes the notifier', async () => {
    const { tools, woken, now, id } = await open();
    expect(await acknowledgeIncident(id, { who: 'ada', now: 2_000, via: 'pagerduty' }, tools)).toMatchObject({ reason: 'acknowledged' });
    expect(await acknowledgeIncident(signal.key, { who: 'bob', now: 3_000 }, tools)).toMatchObject({ reason: 'alreadyAcknowledged' });
    expect(await now()).toMatchObject({ status: 'acknowledged', acknowledgedAt: 2_000, acknowledgedBy: 'ada' });
    expect(duties(await now())).toContain('slack acknowledge');
    expect(duties(await now())).not.toContain('pagerduty acknowledge');
    expect(woken).toEqual([signal.key]);
  });

  it('owes nobody anything once the acknowledgement was told', async () => {
    const { tools, now, id } = await open();
    await acknowledgeIncident(id, { who: 'ada', now: 2_000 }, tools);
    const incident = await now();
    const sends = openDuties(incident, []).map(duty => ({ ...duty, ok: true, at: 2_100, detail: '', revision: incident.revision! }));
    expect(openDuties(recordSends(incident, sends), ['slack', 'pagerduty'])).toEqual([]);
  });

  it('silences exactly this trouble, shows it, and ends the silence again', async () => {
    const { tools, now, id } = await open();
    const acted = await silenceIncident(id, { who: 'ada', now: 2_000, durationMs: 3_600_000, comment: 'known' }, tools);
    expect(acted).toMatchObject({ reason: 'silenced', incident: { silencedUntil: 3_602_000 } });
    expect(duties(await now())).toEqual(['slack update', 'pagerduty update']);
    const labels = { alertname: 'session-loss', Strategy: 's1', severity: 'warning' };
    const current = await tools.silences.current(2_000);
    expect(silencesOf(current, labels, 2_000)).toHaveLength(1);
    expect(silencesOf(current, { ...labels, Strategy: 's2' }, 2_000)).toEqual([]);
    expect(await unsilenceIncident(id, { who: 'ada', now: 5_000 }, tools)).toMatchObject({ reason: 'unsilenced' });
    expect(await tools.silences.current(5_000)).toEqual([]);
    expect(await now()).not.toHaveProperty('silencedUntil');
  });

  it.each<
    readonly [string, Readonly<Record<string, string>> | undefined, Readonly<Record<string, string>>, readonly string[], readonly string[]]
  >([
    [
      'about one alert',
      undefined,
      { Strategy: 's1', Venue: 'v' },
      ['session-loss Strategy=s1 Venue=v'],
      ['session-loss Strategy=s1', 'drawdown Strategy=s1 Venue=v'],
    ],
    [
      'of a strategy’s group',
      { Strategy: 's1' },
      { Strategy: 's1', Venue: 'v' },
      ['session-loss Strategy=s1 Venue=v', 'session-loss Strategy=s1', 'drawdown Strategy=s1 Venue=w'],
      ['session-loss Strategy=s2 Venue=v', 'session-loss'],
    ],
    [
      'of a group by a label that it has not',
      { alertname: 'session-loss', Venue: '' },
      { Strategy: 's1' },
      ['session-loss Strategy=s1', 'session-loss Strategy=s2'],
      ['session-loss Strategy=s1 Venue=v', 'drawdown Strategy=s1'],
    ],
    [
      'of the group of everything',
      {},
      { Strategy: 's1' },
      ['session-loss Strategy=s1'],
      ['session-loss Strategy=s2', 'drawdown Strategy=s1'],
    ],
    ['of the group of what has no venue', { Venue: '' }, { Strategy: 's1' }, ['session-loss Strategy=s1'], ['session-loss Strategy=s2']],
  ])('silences the trouble %s', (_name, groupLabels, dimensions, covered, others) => {
    const matchers = matchersOf({ signal: { ...signal, dimensions }, ...(groupLabels === undefined ? {} : { groupLabels }) });
    const labels = (text: string) => {
      const [alertname = '', ...rest] = text.split(' ');
      return { alertname, severity: 'warning', ...Object.fromEntries(rest.map(pair => pair.split('='))) } as Record<string, string>;
    };
    expect(covered.filter(text => !matchesAll(matchers, labels(text)))).toEqual([]);
    expect(others.filter(text => matchesAll(matchers, labels(text)))).toEqual([]);
  });

  it('ends the silence of a group whose labels the incident has outgrown', async () => {
    const { tools, id, now } = await open();
    const stored = (await tools.incidents.load(signal.key))!;
    const incident = { ...(await now()), groupLabels: { severity: 'warning' } };
    await tools.incidents.save({ ...stored.state, incident }, stored.version);
    await silenceIncident(id, { who: 'ada', now: 2_000, durationMs: 3_600_000 }, tools);
    await unsilenceIncident(id, { who: 'ada', now: 5_000 }, tools);
    expect(await tools.silences.current(5_000)).toEqual([]);
  });

  it('resolves for all channels although the source still fires, and opens again only when it fires anew', async () => {
    const { tools, now, id } = await open();
    await resolveIncident(id, { who: 'ada', now: 2_000 }, tools);
    expect(duties(await now())).toEqual(['slack resolve', 'pagerduty resolve']);
    expect((await now()).timeline.at(-1)?.text).toBe('a person resolved it: ada');
  });

  it('does nothing to an incident that is over, or to an earlier one of the same key', async () => {
    const { tools, id } = await open();
    await resolveIncident(id, { who: 'ada', now: 2_000 }, tools);
    expect(await acknowledgeIncident(id, { who: 'ada', now: 3_000 }, tools)).toMatchObject({ reason: 'notOpen' });
    expect(await acknowledgeIncident('2020-01-01T00:00:00.000Z#v1:session-loss:Strategy=s1', { who: 'a', now: 1 }, tools)).toEqual({
      reason: 'notOpen',
    });
    expect(await acknowledgeIncident('v1:unknown:', { who: 'ada', now: 1 }, tools)).toEqual({ reason: 'notOpen' });
  });
});
