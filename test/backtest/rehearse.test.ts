import { afterEach, describe, expect, it } from 'vitest';
import { command } from '../../bin/commands/rehearse.ts';
import { runCommand } from '../../bin/options.ts';
import { publishTest, testMessage } from '../../bin/rehearse/test-notification.ts';
import { demoConfig } from '../../bin/start/demo-fleet.ts';
import { rehearsalOf } from '../../core/backtest/rehearsal.ts';
import { catalogueAlarms } from '../../core/catalogue/alarm-definitions.ts';
import { readSignals } from '../../core/incidents/delivery.ts';

const alarms = catalogueAlarms(demoConfig());
const definitions = alarms.map(({ definition }) => definition);
const topic = 'arn:aws:sns:eu-west-1:123456789012:nightdesk-demo-critical';
const heartbeat = alarms.find(({ alarmId }) => alarmId === 'heartbeat-missing')!;

function fakeIo() {
  const out = { stdout: '', stderr: '' };
  const io = {
    stdout: (text: string) => {
      out.stdout += text;
    },
    stderr: (text: string) => {
      out.stderr += text;
    },
    stdin: process.stdin,
    env: {},
    cwd: process.cwd(),
    isTty: false,
  };
  return { io, out };
}

describe('a rehearsal', () => {
  it.each(alarms.filter(({ signal }) => !signal).map(({ definition }) => definition.name))('has a series that makes %s fire', name => {
    expect(rehearsalOf(name, alarms, definitions)).toMatchObject({ ok: true });
  });

  it('fits the example to the limit of the strategy', () => {
    const own = definitions.map(definition =>
      definition.kind === 'metric' && definition.name.includes('session-loss') ? { ...definition, threshold: -4000 } : definition,
    );
    const name = own.find(definition => definition.name.includes('session-loss'))!.name;
    expect(rehearsalOf(name, alarms, own)).toMatchObject({ ok: true, value: { played: [expect.stringMatching(/× 4$/)] } });
  });
});

describe('rehearse on the local stack', () => {
  afterEach(() => expect(process.exitCode ?? 0).toBe(0));

  it('shows the page of an alarm that waits for its suppressor', async () => {
    const { io, out } = fakeIo();
    expect(await runCommand(command, ['market-data-stale', '--json'], io)).toBe(0);
    const said = JSON.parse(out.stdout) as {
      readonly alarm: string;
      readonly pages: readonly { readonly channel: string; readonly request: { readonly body: unknown } }[];
    };
    expect(said.alarm).toMatch(/^demo-market-data-stale-/);
    expect(said.pages.map(({ channel }) => channel).sort()).toEqual(['pagerduty', 'slack']);
    expect(JSON.stringify(said.pages)).toContain('market data stale');
  }, 60_000);

  it('knows only alarms that there are', async () => {
    await expect(runCommand(command, ['heartbeat-late'], fakeIo().io)).rejects.toThrow(
      /^there is no alarm "heartbeat-late"; there is heartbeat-missing/,
    );
  });
});

describe('rehearse against a deployed stack', () => {
  it('publishes what nobody can take for a real alarm, with an incident of its own', () => {
    const message = testMessage(heartbeat, { topic, resolve: false }, Date.UTC(2026, 2, 9));
    expect(message.Subject).toBe('TEST ALARM: heartbeat-missing');
    const [signal] = readSignals(
      { Records: [{ EventSource: 'aws:sns', Sns: { ...message, Timestamp: '2026-03-09T00:00:00Z' } }] },
      Date.UTC(2026, 2, 9),
    );
    expect(signal).toMatchObject({ state: 'ALARM', severity: 'critical', alarm: 'TEST-heartbeat-missing' });
    expect(signal!.key).toMatch(/^v1:TEST-heartbeat-missing:/);
    expect(signal!.sentence).toContain('TEST');
  });

  it('sends it once, to the topic', async () => {
    const sent: unknown[] = [];
    const client = {
      send: async (message: { readonly input: unknown }) => {
        sent.push(message.input);
        return { MessageId: 'm-1' };
      },
    };
    const { io, out } = fakeIo();
    const options = { alarm: 'x', topic, dryRun: false, resolve: true, json: false };
    expect(await publishTest(heartbeat, options, io, client as never)).toBe(0);
    expect(sent).toMatchObject([{ TopicArn: topic, Subject: 'TEST OK: heartbeat-missing' }]);
    expect(out.stdout).toContain('(m-1)');
  });

  it('prints it with --dry-run and sends nothing', async () => {
    const { io, out } = fakeIo();
    expect(await runCommand(command, ['heartbeat-missing', '--topic', topic, '--dry-run'], io)).toBe(0);
    expect(JSON.parse(out.stdout)).toMatchObject({ TopicArn: topic, Message: { state: 'ALARM', alarm: 'TEST-heartbeat-missing' } });
  });

  it('refuses what is no topic', async () => {
    await expect(runCommand(command, ['heartbeat-missing', '--topic', 'ops'], fakeIo().io)).rejects.toThrow(
      '--topic must be the ARN of an SNS topic',
    );
  });
});
