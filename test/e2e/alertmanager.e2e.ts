/**
 * One scenario through Debian's Alertmanager and through ours, and what each sent. Skipped with a message where it is not installed. Real seconds
 * for theirs, a fake clock for ours; loopback only, stopped by its process.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { importAlertmanager } from '../../core/incidents/alertmanager.ts';
import { score } from '../incidents/score.ts';

const binary = '/usr/bin/prometheus-alertmanager';

const yaml = (webhook: string) => `
route:
  receiver: slow
  group_by: [service]
  group_wait: 1s
  group_interval: 3s
  repeat_interval: 9s
  routes:
    - matchers: [severity="critical"]
      receiver: pager
receivers:
  - name: slow
    webhook_configs: [{ url: '${webhook}/slow' }]
  - name: pager
    webhook_configs: [{ url: '${webhook}/pager' }]
inhibit_rules:
  - source_matchers: [alertname="ExchangeDown"]
    target_matchers: [severity="warning"]
    equal: [service]
`;

interface Heard {
  readonly receiver: string;
  readonly status: string;
  readonly firing: number;
}

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** A port that nobody listens on: Alertmanager does not say which one it found itself. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

async function theirs(): Promise<readonly Heard[]> {
  const port = await freePort();
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => {
      body += String(chunk);
    });
    request.on('end', () => {
      const message = JSON.parse(body) as { readonly status: string; readonly alerts: readonly { readonly status: string }[] };
      heard.push({
        receiver: request.url!.slice(1),
        status: message.status,
        firing: message.alerts.filter(({ status }) => status === 'firing').length,
      });
      response.end('ok');
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const dir = mkdtempSync(join(tmpdir(), 'nightdesk-alertmanager-'));
  writeFileSync(join(dir, 'alertmanager.yml'), yaml(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  const running = spawn(
    binary,
    [
      `--config.file=${join(dir, 'alertmanager.yml')}`,
      `--storage.path=${dir}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  );
  try {
    const isReady = () =>
      fetch(`http://127.0.0.1:${port}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await expect.poll(isReady, { timeout: 30_000, interval: 200 }).toBe(true);
    const post = (alerts: readonly object[]) =>
      fetch(`http://127.0.0.1:${port}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      });
    const startsAt = new Date().toISOString();
    const all = scenario.map(labels => ({ labels, startsAt }));
    await post(all);
    await sleep(8_000);
    await post(all.map(alert => ({ ...alert, endsAt: new Date().toISOString() })));
    await sleep(5_000);
    return heard;
  } finally {
    running.kill('SIGKILL');
    server.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

const scenario: readonly Readonly<Record<string, string>>[] = [
  { alertname: 'ExchangeDown', service: 'bot-a', severity: 'critical' },
  ...Array.from({ length: 40 }, (_, n) => ({ alertname: 'Warn', service: 'bot-a', severity: 'warning', n: String(n) })),
  ...Array.from({ length: 5 }, (_, n) => ({ alertname: 'Warn', service: 'bot-b', severity: 'warning', n: String(n) })),
];

function ours(): readonly Heard[] {
  const { routing } = importAlertmanager(parse(yaml('http://127.0.0.1:1')));
  const s = score({ ...routing, receivers: { slow: ['slow'], pager: ['pager'] }, stormLimit: 0 }, ['slow', 'pager']);
  for (const { alertname, ...labels } of scenario) {
    s.at('0s').push(alertname!, labels);
    s.at('8s').resolve(alertname!, labels);
  }
  return s.play('13s').map(({ channel, duty, incident }) => ({
    receiver: channel,
    status: duty === 'resolve' ? 'resolved' : 'firing',
    firing: incident.counts?.firing ?? 0,
  }));
}

const sorted = (heard: readonly Heard[]) => heard.map(({ receiver, status, firing }) => `${receiver} ${status} ${firing}`).sort();

it.skipIf(!existsSync(binary))(
  'sends what Alertmanager sends for 46 alerts, one of which explains 40 others',
  async () => {
    expect(sorted(ours())).toEqual(sorted(await theirs()));
  },
  60_000,
);

if (!existsSync(binary)) console.log(`${binary} is not installed: the comparison with Alertmanager is skipped`);
