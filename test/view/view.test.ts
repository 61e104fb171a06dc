import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readDashboardFile } from '../../adapters/dashboard-file.ts';
import { command } from '../../bin/commands/view.ts';
import { runCommand } from '../../bin/options.ts';
import { createSeriesStore } from '../../core/series/series-store.ts';
import { serveView, type ViewServer } from '../../local/view-server.ts';

const body = {
  widgets: [{ type: 'metric', x: 0, y: 0, width: 6, height: 6, properties: { region: 'eu-west-1', metrics: [['N', 'M', 'D', 'x']] } }],
};
const wrong = { widgets: [{ type: 'metric', width: 30, properties: { metrics: [['N', 'M']], period: 7, glow: 1 } }] };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightdesk-view-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(name: string, text: string) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return readDashboardFile(path, name);
}

describe('a file with dashboards', () => {
  it.each([
    ['bare.json', JSON.stringify(body), 'bare'],
    ['answer.json', JSON.stringify({ DashboardName: 'ops', DashboardBody: JSON.stringify(body) }), 'ops'],
    ['object.json', JSON.stringify({ DashboardName: 'ops', DashboardBody: body }), 'ops'],
    [
      'template.yaml',
      `Resources:\n  Board:\n    Type: AWS::CloudWatch::Dashboard\n    Properties:\n      DashboardName: !Sub 'b-\${AWS::Region}'\n      DashboardBody: !Sub '${JSON.stringify(body)}'\n`,
      'b-us-east-1',
    ],
  ])('%s is read', (name, text, expected) => {
    const found = read(name, text);
    if (!found.ok) throw new Error(found.error);
    expect(found.value).toEqual([{ name: expected, body, problems: [] }]);
  });

  it('names each broken rule with its line, and keeps the body', () => {
    const found = read('wrong.json', JSON.stringify(wrong, null, 2));
    if (!found.ok) throw new Error(found.error);
    expect(found.value[0]?.body).toEqual(wrong);
    const problems = found.value[0]?.problems.join('\n') ?? '';
    expect(problems).toMatch(/^wrong\.json:5: widgets\.0\.width must be 1 to 24 columns.*was 30$/m);
    expect(problems).toMatch(/^wrong\.json:13: .*period must be .*was 7$/m);
    expect(problems).toMatch(/^wrong\.json:14: .*glow/m);
  });

  it.each([
    ['broken.json', '{\n "widgets": [\n', /^broken\.json:\d+: is not JSON/],
    ['other.json', '{"a": 1}', /^other\.json:1: must have widgets, DashboardBody or Resources; has a$/],
    [
      'none.yaml',
      'Resources:\n  T:\n    Type: AWS::SNS::Topic\n',
      /^none\.yaml:1: must have a resource of type AWS::CloudWatch::Dashboard/,
    ],
    ['text.json', '{\n"DashboardName": "x",\n"DashboardBody": "{"\n}', /^text\.json:3: DashboardBody must be a JSON object/],
  ])('%s is refused with line and rule', (name, text, message) => {
    const found = read(name, text);
    expect(found.ok ? '' : found.error).toMatch(message);
  });
});

describe('nightdesk view', () => {
  const run = async (...args: string[]) => {
    const said: string[] = [];
    const io = {
      stdout: () => undefined,
      stderr: (text: string) => void said.push(text),
      stdin: process.stdin,
      env: {},
      cwd: folder,
      isTty: false,
    };
    return { code: await runCommand(command, args, io), said: said.join('') };
  };

  it('--check says what is wrong and ends', async () => {
    read('wrong.json', JSON.stringify(wrong, null, 2));
    const { code, said } = await run('wrong.json', '--check');
    expect(code).toBe(1);
    expect(said).toMatch(/wrong\.json:5: /);
    read('bare.json', JSON.stringify(body));
    expect(await run('bare.json', '--check')).toEqual({ code: 0, said: '' });
  });

  it.each([
    [[], /needs a file/],
    [['missing.json'], /missing\.json: cannot be read: ENOENT/],
    [['bare.json', '--port', 'x'], /--port must be 0 to 65535; was "x"/],
    [['bare.json', '--events', 'missing'], /missing: there is no such file/],
    [['bare.json', '--loud'], /unknown option "--loud"/],
  ])('refuses %j in one clear line', async (args, message) => {
    read('bare.json', JSON.stringify(body));
    await expect(run(...args)).rejects.toThrow(message);
  });
});

describe('the server behind it', () => {
  let server: ViewServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  const nowMs = Date.parse('2026-01-05T12:00:00Z');
  const start = async () => {
    const store = createSeriesStore();
    for (let at = 0; at < 600; at += 1) store.put('N', 'M', { D: 'x' }, nowMs - at * 60_000, { values: [at === 300 ? 99 : 1] });
    const logs = [{ atMs: nowMs - 1000, message: '{"level":"error","code":"A"}', group: 'g', stream: 's' }];
    server = await serveView({
      dashboards: [{ name: 'a b', body }],
      note: 'of a file',
      nowMs,
      events: { store, logs, fromMs: nowMs - 36_000_000, toMs: nowMs },
      webDir: folder,
      port: 0,
    });
    return server.url;
  };
  const post = async (url: string, value: unknown) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(value) });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };

  it('answers with the dashboards, their series thinned to what a drawing needs, and log queries', async () => {
    const url = await start();
    expect(await (await fetch(`${url}/api/dashboards/a%20b`)).json()).toEqual({ name: 'a b', body });
    const query = { id: 'q', namespace: 'N', metricName: 'M', dimensions: { D: 'x' }, stat: 'Maximum', period: 60, points: 40 };
    const times = { from: '2026-01-05T02:00:00Z', to: '2026-01-05T12:00:00Z' };
    const { json } = await post(`${url}/api/metric-data`, { ...times, queries: [query] });
    const [series] = json['series'] as { values: number[] }[];
    expect(series?.values.length).toBeLessThan(50);
    expect(Math.max(...(series?.values ?? []))).toBe(99);
    const rows = await post(`${url}/api/logs/query`, { ...times, query: "SOURCE 'g' | fields code" });
    expect(rows.json['rows']).toEqual([['A']]);
    expect((await post(`${url}/api/search-values`, { expression: '{N,D} MetricName="M"', populateFrom: 'D' })).json).toEqual({
      values: ['x'],
    });
  });

  it('says which expression is wrong, and that functions do not run here', async () => {
    const url = await start();
    const bad = await post(`${url}/api/metric-data`, { queries: [{ id: 'e', expression: 'NONSENSE(', period: 60 }] });
    expect(bad.status).toBe(400);
    expect(bad.json['message']).toMatch(/metric math/i);
    expect((await post(`${url}/api/widget`, {})).json['note']).toMatch(/not here/);
  });

  it('refuses other sites and reads no file outside its folder', async () => {
    const url = await start();
    expect((await fetch(`${url}/api/status`, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await fetch(`${url}/..%2f..%2fetc/passwd`)).status).toBe(404);
  });
});
