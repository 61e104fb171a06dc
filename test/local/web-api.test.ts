import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { discoverConfig } from '../../core/config/discover.ts';
import type { Intake } from '../../local/replay.ts';
import type { LocalStack } from '../../local/stack.ts';
import { createWebApi } from '../../local/web-api.ts';
import { startMs, startTestStack } from './local-stack.ts';

let stack: LocalStack;
const taken: { readonly line: string; readonly strategyId?: string | undefined }[] = [];
const config = discoverConfig([{ strategyId: 's1', accountId: 'a' }]);
const intake: Intake = {
  accept(line, atMs, strategyId) {
    taken.push({ line, strategyId });
    stack.logs.append('/nightdesk/test/bot-1', 'bot', atMs, line);
  },
};

beforeAll(async () => {
  const webDir = mkdtempSync(join(tmpdir(), 'nightdesk-web-'));
  mkdirSync(webDir, { recursive: true });
  writeFileSync(join(webDir, 'index.html'), '<!doctype html><title>viewer</title>');
  const provocations = {
    list: () => [{ id: 'x', title: 'X', explains: 'x' }],
    run: (id: string, botId?: string) => ({ ok: true, text: `${id} ${botId}` }),
    processOf: () => 'running' as const,
  };
  stack = await startTestStack({
    routes: created => createWebApi(created, { config, intake, isSimulated: true, startedMs: startMs, provocations, webDir }),
  });
  stack.begin();
  stack.logs.append('/nightdesk/test/bot-1', 'bot', startMs, '{"level":"ERROR","strategyId":"s1","message":"no"}');
  await stack.clock.run(startMs + 6 * 60_000);
});
afterAll(() => stack.close());

const get = async (path: string) => (await fetch(stack.endpoint.url + path)).json() as Promise<unknown>;
const post = async (path: string, body: unknown) =>
  (
    await fetch(stack.endpoint.url + path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
  ).json() as Promise<unknown>;

describe('the viewer’s API', () => {
  it('tells the status', async () => {
    expect(await get('/api/status')).toMatchObject({
      stage: 'demo',
      simulated: true,
      speed: 'max',
      now: '2026-03-09T13:06:00.000Z',
      bots: [{ id: 's1', strategies: ['s1'], state: 'new', process: 'running' }],
      counts: { accepted: 0, duplicates: 0 },
      functions: expect.arrayContaining([expect.objectContaining({ name: 'heartbeat', invocations: 6, errors: 0 })]) as unknown,
      ingestUrl: `${stack.endpoint.url}/events`,
    });
  });

  it('shows dashboards with resolved bodies', async () => {
    expect(await get('/api/dashboards')).toEqual([{ name: 'board', title: 'Board', audience: 'board' }]);
    expect(await get('/api/dashboards/board')).toEqual({
      name: 'board',
      body: { widgets: [{ type: 'text', properties: { markdown: 'us-east-1' } }] },
    });
    expect(await get('/api/dashboards/none')).toEqual({ message: 'there is no dashboard "none"' });
  });

  it('tells the deploys of a range, as they come in the log', async () => {
    const deploy = {
      eventType: 'control',
      schemaVersion: 1,
      strategyId: 's1',
      accountId: 'a',
      environment: 'paper',
      tsEvent: '2026-03-09T13:02:00Z',
      action: 'deploy',
      actor: 'ci',
      reason: 'faster',
      after: '3f2a9c1',
    };
    stack.logs.append('/nightdesk/test/bot-1', 'bot', startMs + 6 * 60_000, JSON.stringify(deploy));
    expect(await get('/api/moments?from=2026-03-09T13:00:00Z&to=2026-03-09T13:06:00Z')).toEqual({
      moments: [{ at: '2026-03-09T13:02:00.000Z', kind: 'deploy', text: 'deploy 3f2a9c1 by ci: faster', strategies: ['s1'] }],
      crowded: [],
    });
    expect(await get('/api/moments?from=2026-03-09T13:03:00Z&to=nonsense')).toEqual({ moments: [], crowded: [] });
  });

  it('sends moments that several series share once, when asked to', async () => {
    const query = { namespace: 'Nightdesk/test', metricName: 'Age', dimensions: { Strategy: 's1' }, stat: 'Maximum', period: 60 };
    const queries = [
      { ...query, id: 'a' },
      { ...query, id: 'b', stat: 'Minimum' },
    ];
    const body = { from: '2026-03-09T13:00:00Z', to: '2026-03-09T13:06:00Z', queries, shareTimes: true };
    const { series } = (await post('/api/metric-data', body)) as { series: Record<string, unknown>[] };
    expect(series.map(each => [each['id'], each['timesOf'], Array.isArray(each['timestamps'])])).toEqual([
      ['a', undefined, true],
      ['b', 0, false],
    ]);
  });

  it('reads series, expressions and units', async () => {
    const query = { id: 'a', namespace: 'Nightdesk/test', metricName: 'Age', dimensions: { Strategy: 's1' }, stat: 'Maximum', period: 60 };
    const body = {
      from: '2026-03-09T13:00:00Z',
      to: '2026-03-09T13:06:00Z',
      queries: [query, { id: 'e', expression: 'a / 60', period: 60, label: 'minutes' }],
    };
    expect(await post('/api/metric-data', body)).toMatchObject({
      series: [
        { id: 'a', values: [60, 120, 180, 240, 300].map(value => expect.closeTo(value) as number) },
        { id: 'e', label: 'minutes', values: [1, 2, 3, 4, 5].map(value => expect.closeTo(value) as number) },
      ],
    });
  });

  it('explains an alarm with its history', async () => {
    expect(await get('/api/alarms')).toMatchObject([
      {
        name: 'test-age-s1',
        kind: 'metric',
        state: 'ALARM',
        sentence: 'The bot is silent.',
        threshold: 120,
        operator: 'GreaterThanThreshold',
        periodSeconds: 60,
      },
    ]);
    expect(await get('/api/alarms/test-age-s1')).toMatchObject({
      history: [{ to: 'ALARM' }, { to: 'OK' }],
      nextEvaluation: '2026-03-09T13:07:00.000Z',
    });
  });

  it('searches and queries logs', async () => {
    const group = '/nightdesk/test/bot-1';
    expect(
      await get(`/api/logs?group=${encodeURIComponent(group)}&pattern=${encodeURIComponent('{ $.level = "ERROR" }')}&limit=5`),
    ).toMatchObject({ events: [{ at: '2026-03-09T13:00:00.000Z', stream: 'bot' }] });
    expect(
      await post('/api/logs/query', {
        groups: [group],
        query: 'fields message | filter level = "ERROR"',
        from: '2026-03-09T12:00:00Z',
        to: '2026-03-09T14:00:00Z',
      }),
    ).toEqual({ fields: ['message'], rows: [['no']] });
    expect(await post('/api/logs/query', { groups: [group], query: 'dance', from: '', to: '' })).toEqual({
      message: expect.stringContaining('found "dance" at position 0') as string,
    });
  });

  it('shows the inbox newest first, with the measured age', async () => {
    const [first] = (await get('/api/inbox')) as Record<string, unknown>[];
    expect(first).toMatchObject({
      channel: 'slack',
      alarm: 'test-age-s1',
      state: 'ALARM',
      ok: true,
      ageSeconds: 0,
      request: { url: 'https://hooks.slack.com/services/T0/B0/***' },
    });
  });

  it('passes provocations on, and refuses what it does not know', async () => {
    expect(await get('/api/provoke')).toEqual([{ id: 'x', title: 'X', explains: 'x' }]);
    expect(await post('/api/provoke/x', { botId: 's1' })).toEqual({ ok: true, text: 'x s1' });
    expect(await post('/api/nothing', {})).toEqual({ message: 'nothing is at /api/nothing' });
    expect(await post('/api/widget', { name: 'none', params: {} })).toEqual({ message: 'there is no function "none"' });
    expect(await post('/api/metric-data', '{')).toEqual({ message: 'the body is not JSON' });
  });

  it('serves the viewer, and nothing outside its folder', async () => {
    const page = await fetch(stack.endpoint.url);
    expect([page.status, page.headers.get('content-type'), page.headers.get('content-security-policy')]).toEqual([
      200,
      'text/html; charset=utf-8',
      expect.stringContaining("default-src 'self'"),
    ]);
    expect((await fetch(`${stack.endpoint.url}/%2e%2e/package.json`)).status).toBe(404);
  });

  it('refuses requests of other sites and other names', async () => {
    expect(
      (await fetch(`${stack.endpoint.url}/api/provoke/x`, { method: 'POST', headers: { origin: 'https://evil.example' } })).status,
    ).toBe(403);
    const status = await new Promise(resolve => {
      request({ host: '127.0.0.1', port: stack.endpoint.port, path: '/api/status', headers: { host: 'evil.example' } }, answer =>
        resolve(answer.statusCode),
      ).end();
    });
    expect(status).toBe(403);
  });
});

describe('the intake', () => {
  it('takes good lines, names bad ones, and passes log lines on', async () => {
    const event = {
      eventType: 'heartbeat',
      schemaVersion: 1,
      strategyId: 's1',
      accountId: 'a',
      environment: 'paper',
      tsEvent: '2026-03-09T13:06:00Z',
      component: 'b',
      status: 'ok',
      intervalMs: 10_000,
    };
    const answer = await post(
      '/events',
      `${JSON.stringify(event)}\n\n{"broken\nplain text\n${JSON.stringify({ ...event, eventType: 'dance' })}`,
    );
    expect(answer).toEqual({
      accepted: 1,
      logs: 1,
      rejected: [expect.objectContaining({ line: 3, code: 'NOT_JSON' }), expect.objectContaining({ line: 5, code: 'UNKNOWN_EVENT_TYPE' })],
    });
    expect(taken.map(({ strategyId }) => strategyId)).toEqual(['s1', undefined, undefined, undefined]);
    expect(await get('/api/status')).toMatchObject({ counts: { rejected: 2 } });
    expect((await fetch(`${stack.endpoint.url}/events`)).status).toBe(405);
  });
});

it('streams what happens', async () => {
  const answer = await fetch(`${stack.endpoint.url}/api/stream`);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  const more = async (until: string) => {
    while (!seen.includes(until)) seen += (await reader.read()).value ?? '';
  };
  await more('event: clock');
  void stack.clock.run(startMs + 7 * 60_000);
  await more('event: tick');
  expect(seen).toContain('"now":"2026-03-09T13:07:00.000Z"');
  await reader.cancel();
});
