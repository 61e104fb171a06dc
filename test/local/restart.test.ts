/** Bots that die, restarted by the deployed functions with the rights of the template: from the missed heartbeat to the page and the post-mortem. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { parseConfig } from '../../core/config/parse.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { synthesize } from '../../lib/synth.ts';
import { rank } from '../../local/clock.ts';
import { postMortemOf } from '../../local/post-mortem.ts';
import type { LocalStack } from '../../local/stack.ts';
import { stateTable } from '../../local/summary.ts';
import { lineOf } from '../events/lines-of.ts';
import { startMs, startTestStack } from './local-stack.ts';

const dir = mkdtempSync(join(tmpdir(), 'nightdesk-restart-'));
let stack: LocalStack;

const minute = 60_000;
const diesAt = startMs + 15 * minute;
const names = ['flat', 'holds', 'dry', 'denied', 'lives'] as const;
type Name = (typeof names)[number];

beforeAll(async () => {
  const bot = (id: Name) => ({
    id,
    heartbeat: { intervalSeconds: 60, graceSeconds: 30 },
    // A service of the same name in the cluster.
    ecsRestart: { cluster: 'trading', service: id, dryRun: id === 'dry' || id === 'denied' },
  });
  const parsed = parseConfig({
    bots: names.map(bot),
    channels: {
      slack: { kind: 'slack', webhook: { secretName: 'nightdesk/slack' } },
      desk: { kind: 'slackApp', botToken: { secretName: 'nightdesk/slack-app' }, channel: 'C0123456789' },
    },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const setting = process.env['CDK_VALIDATION'];
  process.env['CDK_VALIDATION'] = 'false';
  synthesize(parsed.value, dir);
  process.env['CDK_VALIDATION'] = setting;
  stack = await startTestStack({ assemblyDir: dir, deliverySeconds: 5 });
  arm('denied');
  stack.begin();
  for (const name of names) live(name, name === 'lives' ? startMs + 40 * minute : diesAt);
  stack.clock.at(startMs + minute, rank.input, () => write('holds', 'execution', { lastQty: '2' }));
  await stack.clock.run(diesAt + 10 * minute);
}, 120_000);

afterAll(async () => {
  await stack.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Somebody sets `dryRun: false` where the function reads it, without deploying the rights that go with it. */
function arm(id: Name): void {
  const file = join(stack.functions.find(({ label }) => label === 'actions')!.assetDir, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as { bots: { id: string; ecsRestart: { dryRun: boolean } }[] };
  config.bots.find(bot => bot.id === id)!.ecsRestart.dryRun = false;
  writeFileSync(file, JSON.stringify(config));
}

let events = 0;
function write(name: Name, type: 'heartbeat' | 'execution', changes: Readonly<Record<string, unknown>> = {}): void {
  const at = isoFromMs(stack.clock.now());
  events += 1;
  const own = {
    strategyId: name,
    eventId: `${name}-${events}`,
    tsEvent: at,
    tsSent: at,
    ...(type === 'execution' ? { transactTime: at } : {}),
  };
  stack.logs.append(`/nightdesk/demo/${name}`, 'bot', stack.clock.now(), lineOf(type, { ...own, ...changes }));
}

/** A heartbeat each minute. */
function live(name: Name, untilMs: number): void {
  for (let at = startMs; at < untilMs; at += minute) stack.clock.at(at, rank.input, () => write(name, 'heartbeat', { status: 'ok' }));
}

const incidentOf = async (name: Name): Promise<Incident | undefined> =>
  (await createIncidentStore(stateTable(stack), stack.clock.now).list(50)).find(
    ({ key }) => key === `v1:heartbeat-missing:Strategy=${name}`,
  );
const serviceOf = (name: Name) => stack.ecs.services().find(({ service }) => service === name)!;
const saidOf = async (name: Name) => (await incidentOf(name))?.measures?.map(({ text }) => text);
const messagesOf = (name: Name) =>
  stack.outbound
    .entries()
    .filter(
      ({ request }) =>
        JSON.stringify(request.body).includes(`heartbeat-missing:Strategy=${name}`) ||
        JSON.stringify(request.body).includes(`${name} was restarted`),
    )
    .map(({ channel, atMs, request }) => ({ channel, seconds: (atMs - diesAt) / 1000, body: JSON.stringify(request.body) }));

describe('a bot that dies', () => {
  it('flat is restarted once, seconds after the page, although two paths tell of it', async () => {
    const { deployments, runningCount } = serviceOf('flat');
    const [newest] = deployments;
    const incident = (await incidentOf('flat'))!;
    expect(runningCount).toBe(1);
    expect(newest!.createdAtMs).toBe(incident.measures![0]!.at);
    expect(newest!.createdAtMs - incident.openedAt).toBeLessThan(15_000);
    expect(incident.alarms.length).toBeGreaterThan(1);
    expect(await saidOf('flat')).toEqual([
      `flat was restarted at ${isoFromMs(newest!.createdAtMs).slice(0, 19).replace('T', ' ')} UTC: service flat of cluster trading, deployment ${newest!.id}. Watch its first heartbeat and its reconciliation.`,
    ]);
    expect(incident.timeline.filter(({ reason }) => reason === 'restart')).toHaveLength(1);
  });

  it('flat tells so where messages are edited and where they are not', async () => {
    const told = messagesOf('flat').filter(({ body }) => body.includes('was restarted'));
    expect(told.map(({ channel }) => channel).sort()).toEqual(['desk', 'desk', 'slack']);
    expect(told.find(({ channel }) => channel === 'slack')!.body).toMatch(
      /"text":"\[CRIT\] flat: heartbeat missing .*: flat was restarted at/,
    );
  });

  it('with a position is left alone, and the page says why', async () => {
    expect(serviceOf('holds').deployments[0]!.createdAtMs).toBeLessThan(startMs);
    expect(await saidOf('holds')).toEqual(['holds was not restarted: holds holds -2 BTC-PERP.']);
  });

  it('in a dry run is left alone, and the page says what would be done', async () => {
    const [deployment] = serviceOf('dry').deployments;
    expect(deployment!.createdAtMs).toBeLessThan(startMs);
    expect(await saidOf('dry')).toEqual([
      `Dry run: dry would be restarted now: service dry of cluster trading, forced new deployment instead of ${deployment!.id}, 1 of 1 tasks running. Nothing was done; set dryRun: false to arm it.`,
    ]);
  });

  it('whose service the template does not allow is left alone, and a person is told', async () => {
    expect(serviceOf('denied').deployments[0]!.createdAtMs).toBeLessThan(startMs);
    expect(await saidOf('denied')).toEqual([
      'denied could not be restarted: ECS says AccessDeniedException. Restart service denied of cluster trading by hand.',
    ]);
  });

  it('not at all has nothing done to it', async () => {
    expect(await incidentOf('lives')).toBeUndefined();
    expect(serviceOf('lives').deployments[0]!.createdAtMs).toBeLessThan(startMs);
  });

  it('has it in its post-mortem', async () => {
    const text = await postMortemOf(stack, 'demo', (await incidentOf('flat'))!.id);
    expect(text).toMatch(/\| restart \| `flat was restarted at .*, deployment ecs-svc\/\d+\./);
  });

  it('fails no function', () => {
    expect(stack.counts.get('actions')).toMatchObject({ errors: 0 });
    expect(stack.counts.get('notifier')).toMatchObject({ errors: 0 });
  });
});
