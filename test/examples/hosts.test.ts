import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { startHealthServer, startWatchdog } from '../../bot/index.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { agentMetrics, agentPlugins } from '../../core/hosts/agent-metrics.ts';
import { hostFiles } from '../../core/hosts/files.ts';
import { type HostTarget, healthPaths } from '../../core/hosts/target.ts';
import { nightdesk } from '../run-nightdesk.ts';
import {
  agentKeys,
  fluentBitKeys,
  fluentBitPlugins,
  fluentBitValues,
  kubernetesShapes,
  measurements,
  rootOnly,
  type Shape,
  systemdKeys,
} from './host-keys.ts';

const example = (path: string) => readFileSync(join(import.meta.dirname, '../../examples', path), 'utf8');

/** Keys of an object that its shape does not allow, those that it lacks, and values outside it, down the whole tree. */
function shapeProblems(value: unknown, shape: Shape, path: string): readonly string[] {
  const must = (holds: boolean, rule: string) => (holds ? [] : [`${path}: must ${rule}; was ${JSON.stringify(value)}`]);
  if (shape === 'any') return [];
  if (typeof shape === 'string') return must(typeof value === shape, `be a ${shape}`);
  if ('oneOf' in shape)
    return must(
      shape.oneOf.some(each => each === value),
      `be one of ${shape.oneOf}`,
    );
  if ('form' in shape) return must(typeof value === 'string' && shape.form.test(value), `match ${shape.form}`);
  if ('from' in shape)
    return must(
      Number.isInteger(value) && Number(value) >= shape.from && Number(value) <= shape.to,
      `be whole, ${shape.from} to ${shape.to}`,
    );
  if ('each' in shape) {
    if (!Array.isArray(value) || value.length < shape.atLeast) return [`${path}: must be a list of at least ${shape.atLeast}`];
    return value.flatMap((item, index) => shapeProblems(item, shape.each, `${path}[${index}]`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path}: must be an object`];
  if ('valuesOf' in shape) return Object.entries(value).flatMap(([key, each]) => shapeProblems(each, shape.valuesOf, `${path}.${key}`));
  const allowed = { ...shape.required, ...shape.optional };
  return [
    ...Object.keys(shape.required)
      .filter(key => !(key in value))
      .map(key => `${path}.${key}: is required`),
    ...Object.entries(value).flatMap(([key, each]) =>
      allowed[key] === undefined ? [`${path}.${key}: is no field`] : shapeProblems(each, allowed[key], `${path}.${key}`),
    ),
  ];
}

/** As Kubernetes reads it: by the rules of YAML 1.1, where `no` and `on` are no texts. */
const objectsOf = (text: string) =>
  parseAllDocuments(text, { version: '1.1' }).map(document => {
    expect(document.errors).toEqual([]);
    return document.toJS() as { readonly kind: string } & Readonly<Record<string, unknown>>;
  });

interface PodSpec {
  readonly containers: readonly {
    readonly volumeMounts: readonly { readonly name: string }[];
    readonly ports?: readonly { readonly name: string }[];
    readonly startupProbe?: HttpProbe;
    readonly livenessProbe?: HttpProbe;
    readonly readinessProbe?: HttpProbe;
    readonly resources: { readonly limits: { readonly memory: string } };
  }[];
  readonly volumes: readonly { readonly name: string }[];
}
interface HttpProbe {
  readonly httpGet: { readonly port: string };
}

describe('the Kubernetes files', () => {
  const objects = [...objectsOf(example('kubernetes/bot.yaml')), ...objectsOf(example('kubernetes/fluent-bit.yaml'))];

  it('are the objects that they should be', () => {
    expect(objects.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'Deployment', 'ServiceAccount', 'ConfigMap', 'DaemonSet']);
  });

  it.each(objects.map(object => [object.kind, object] as const))(
    '%s has what the API requires and no field that it does not know',
    (kind, object) => {
      expect(shapeProblems(object, kubernetesShapes[kind]!, kind)).toEqual([]);
    },
  );

  it.each([
    ['a field that does not exist', (text: string) => text.replace('readinessProbe:', 'readynessProbe:')],
    ['a required field that is missing', (text: string) => text.replace(/ +image: .*\n/, '')],
    ['a number that is text', (text: string) => text.replace('replicas: 1', 'replicas: "1"')],
    ['a value that does not exist', (text: string) => text.replace('type: Recreate', 'type: Replace')],
    ['an amount of no unit', (text: string) => text.replace('cpu: 500m', 'cpu: 500mb')],
    ['a probe that never waits', (text: string) => text.replace('timeoutSeconds: 2', 'timeoutSeconds: 0')],
  ])('would not pass with %s', (_, spoil) => {
    const [, deployment] = objectsOf(spoil(example('kubernetes/bot.yaml')));
    expect(shapeProblems(deployment, kubernetesShapes['Deployment']!, 'Deployment')).toHaveLength(1);
  });

  it('select what they label, and never run two instances', () => {
    for (const object of objects.filter(({ kind }) => ['Deployment', 'DaemonSet'].includes(kind))) {
      const spec = object['spec'] as {
        readonly selector: { readonly matchLabels: Record<string, string> };
        readonly template: { readonly metadata: { readonly labels: Record<string, string> } };
      };
      expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
    }
    expect(objects[1]).toMatchObject({ spec: { replicas: 1, strategy: { type: 'Recreate' } } });
  });

  it('mount what they declare, and probe a port by its name', () => {
    for (const object of objects.filter(({ kind }) => ['Deployment', 'DaemonSet'].includes(kind))) {
      const { spec } = (object['spec'] as { readonly template: { readonly spec: PodSpec } }).template;
      const [container] = spec.containers;
      expect(container!.volumeMounts.map(({ name }) => name)).toEqual(spec.volumes.map(({ name }) => name));
      for (const probe of [container!.startupProbe, container!.livenessProbe, container!.readinessProbe])
        expect(container!.ports?.map(({ name }) => name)).toEqual(probe && [probe.httpGet.port]);
    }
  });

  it.each(['no', 'y', '1_000', '12', '1inch.bot_', `long-${'n'.repeat(59)}`])('hold what the API requires for a bot called %s too', id => {
    const config = parseConfig({ stage: 'prod-', bots: [{ id, intake: { key: { secretName: 'k' } } }] });
    if (!config.ok) throw new Error(JSON.stringify(config.error));
    const files = hostFiles(config.value, id, 'kubernetes', { region: 'eu-west-1', accountId: '111122223333', image: 'i' })!;
    const written = files.flatMap(({ text }) => objectsOf(text));
    expect(written).toHaveLength(5);
    for (const object of written) expect(shapeProblems(object, kubernetesShapes[object.kind]!, object.kind)).toEqual([]);
  });

  it('probe what the bot’s health server answers', async () => {
    const server = await startHealthServer({ port: 0, host: '127.0.0.1', readiness: () => false });
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${server.port}${path}`)).status;
    const statuses = [await status(healthPaths.startup), await status(healthPaths.liveness), await status(healthPaths.readiness)];
    await server.close();
    expect(statuses).toEqual([200, 200, 503]);
    const text = example('kubernetes/bot.yaml');
    for (const path of Object.values(healthPaths)) expect(text).toContain(`path: ${path}\n`);
  });
});

describe('the Fluent Bit configuration', () => {
  const objects = objectsOf(example('kubernetes/fluent-bit.yaml'));
  const config = objects.find(({ kind }) => kind === 'ConfigMap');
  const sections = (config!['data'] as Record<string, string>)
    ['fluent-bit.conf']!.split(/^\[/m)
    .slice(1)
    .map(section => {
      const [head = '', ...lines] = section.split('\n');
      return { head: head.replace(']', ''), entries: lines.filter(line => line.trim() !== '').map(line => line.trim().split(/\s+/)) };
    });

  it('has only keys that its manual names', () => {
    expect(sections.map(({ head }) => head)).toEqual(['SERVICE', 'INPUT', 'OUTPUT']);
    for (const { head, entries } of sections) {
      const plugin = entries.find(([key]) => key === 'Name')?.[1] ?? '';
      if (head !== 'SERVICE') expect(fluentBitPlugins).toContain(plugin);
      const known = [...(fluentBitKeys[head] ?? []), ...(fluentBitKeys[plugin] ?? [])].map(key => key.toLowerCase());
      expect(entries.map(([key]) => key!.toLowerCase()).filter(key => !known.includes(key))).toEqual([]);
    }
  });

  it('has only values that its manual names', () => {
    for (const [key, value = ''] of sections.flatMap(({ entries }) => entries)) {
      const known = fluentBitValues[key!.toLowerCase()];
      if (known !== undefined) expect(value, key).toMatch(known);
    }
  });

  it('stays within its memory while CloudWatch takes nothing: a chunk has 2 MB, and an output may need as much again', () => {
    const all = new Map(sections.flatMap(({ entries }) => entries).map(([key, value]) => [key, value!]));
    const daemon = objects.find(({ kind }) => kind === 'DaemonSet')!['spec'] as { readonly template: { readonly spec: PodSpec } };
    const most = Number.parseInt(daemon.template.spec.containers[0]!.resources.limits.memory, 10);
    const held = Number(all.get('storage.max_chunks_up')) * 2 + Number.parseInt(all.get('storage.backlog.mem_limit')!, 10);
    expect(2 * held).toBeLessThanOrEqual(0.75 * most);
  });

  it('keeps lines whole, on disk, tries for ever, and soon again after an outage', () => {
    const text = (config!['data'] as Record<string, string>)['fluent-bit.conf'];
    for (const each of [/log_key +log\n/, /storage\.type +filesystem/, /Retry_Limit +no_limits/, /DB +\/buffer/, /scheduler\.cap +60\n/])
      expect(text).toMatch(each);
  });
});

describe('the CloudWatch agent’s configuration', () => {
  const config = JSON.parse(example('ec2/amazon-cloudwatch-agent.json')) as Record<string, unknown>;

  it('has only keys that its documentation names', () => expect(shapeProblems(config, agentKeys, 'agent')).toEqual([]));

  it('collects cpu, mem, disk, diskio, net, netstat, swap and procstat, with measurements that exist', () => {
    const collected = (config['metrics'] as Record<string, Record<string, unknown>>)['metrics_collected']!;
    expect(Object.keys(collected)).toEqual(['cpu', 'mem', 'disk', 'diskio', 'net', 'netstat', 'swap', 'procstat']);
    for (const [plugin, names] of Object.entries(agentPlugins))
      expect(names.filter(name => !measurements[plugin]!.includes(name))).toEqual([]);
  });

  it.each(['no', 'y', `long-${'n'.repeat(59)}`])('holds what its schema requires for a bot called %s, beside it on ECS too', id => {
    const parsed = parseConfig({ bots: [{ id, runsOn: { on: 'ec2' } }] });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
    const options = { region: 'eu-west-1', accountId: '111122223333', image: 'i' };
    const textOf = (target: HostTarget) => hostFiles(parsed.value, id, target, options)![0]!.text;
    expect(shapeProblems(JSON.parse(textOf('ec2')), agentKeys, 'agent')).toEqual([]);
    const task = JSON.parse(textOf('ecs')) as { readonly containerDefinitions: readonly Record<string, unknown>[] };
    const [sidecar] = task.containerDefinitions[1]!['environment'] as readonly { readonly name: string; readonly value: string }[];
    expect(sidecar!.name).toBe('CW_CONFIG_CONTENT');
    expect(shapeProblems(JSON.parse(sidecar!.value), agentKeys, 'agent')).toEqual([]);
  });

  it('asks for nothing of the process that only its own user and root may read, since the agent is neither', () => {
    expect(config).toMatchObject({ agent: { run_as_user: 'cwagent' } });
    expect(agentPlugins.procstat.filter(name => rootOnly.includes(name))).toEqual([]);
  });

  it('sends one series a name: the roll-up, and none of the originals', () => {
    const text = JSON.stringify(config);
    for (const name of agentMetrics) expect(text).toContain(`"${name}"`);
    expect(config).toMatchObject({ metrics: { aggregation_dimensions: [['Stage', 'Bot']] }, agent: { omit_hostname: true } });
  });

  it('would not pass with a key that does not exist', () => {
    expect(shapeProblems({ ...config, metric: {} }, agentKeys, 'agent')).toEqual(['agent.metric: is no field']);
    const zero = { ...config, agent: { metrics_collection_interval: 0 } };
    expect(shapeProblems(zero, agentKeys, 'agent')).toEqual(['agent.agent.metrics_collection_interval: must be whole, 1 to 172800; was 0']);
  });
});

describe('the systemd unit', () => {
  it('has only settings that its manual names, and restarts a bot that hangs', () => {
    const text = example('ec2/momentum-btc.service');
    const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#') && !line.startsWith('['));
    expect(lines.map(line => line.split('=')[0]!).filter(key => !systemdKeys.includes(key))).toEqual([]);
    for (const line of ['Type=notify', 'NotifyAccess=all', 'WatchdogSec=30', 'Restart=on-failure']) expect(lines).toContain(line);
  });

  it.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)('is understood by systemd (where it is installed)', () => {
    const dir = mkdtempSync(join(tmpdir(), 'nightdesk-unit-'));
    const unit = join(dir, 'momentum-btc.service');
    writeFileSync(unit, example('ec2/momentum-btc.service').replace('/opt/momentum-btc/start', '/bin/true'));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
    rmSync(dir, { recursive: true });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('is told by the bot that it is well, at half the time that it allows, and by silence that it is not', async () => {
    const told: string[] = [];
    const beats: { readonly run: () => void; readonly ms: number }[] = [];
    let isWell = true;
    const running = startWatchdog({
      env: { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '30000000' },
      notify: state => told.push(state),
      check: () => {
        if (!isWell) throw new Error('no candle');
        return true;
      },
      every: (run, ms) => {
        beats.push({ run, ms });
        return () => told.push('ended');
      },
    });
    const beat = async () => {
      beats[0]!.run();
      await new Promise(resolve => setImmediate(resolve));
    };
    await beat();
    isWell = false;
    await beat();
    running.stop();
    expect([beats[0]!.ms, told]).toEqual([15_000, ['READY=1', 'WATCHDOG=1', 'ended', 'STOPPING=1']]);
  });

  it('is not told anything where systemd did not start the bot', () => {
    const told: string[] = [];
    startWatchdog({ env: {}, notify: state => told.push(state) }).stop();
    expect(told).toEqual([]);
  });
});

describe('nightdesk agent-config', () => {
  const config = join(import.meta.dirname, '../../examples/nightdesk.config.ts');

  it.each(['kubernetes', 'ecs', 'ec2'] satisfies readonly HostTarget[])('writes the files of examples/%s', async target => {
    const { code, stdout } = await nightdesk(
      'agent-config',
      'momentum-btc',
      '--config',
      config,
      '--target',
      target,
      '--image',
      'registry.example/momentum-btc:1.0.0',
      '--region',
      'us-east-1',
      '--json',
    );
    expect(code).toBe(0);
    const { files } = JSON.parse(stdout) as { readonly files: readonly { readonly name: string; readonly text: string }[] };
    expect(files.length).toBeGreaterThan(0);
    for (const { name, text } of files) expect(text).toBe(example(`${target}/${name}`));
  });

  it.each([
    ['an unknown bot', ['nobody'], 'no bot "nobody"'],
    ['an unknown target', ['momentum-btc', '--target', 'lambda'], '--target must be one of kubernetes, ecs, ec2'],
    ['an account that is none', ['momentum-btc', '--account', '12'], 'twelve digits'],
    ['a region that is none', ['momentum-btc', '--region', 'mars'], '--region must be a region such as eu-west-1; was "mars"'],
    ['an address that is none', ['momentum-btc', '--intake-url', 'foo'], '--intake-url must begin with https://; was "foo"'],
  ])('refuses %s in one line', async (_, args, message) => {
    const { code, stderr } = await nightdesk('agent-config', ...args, '--config', config);
    expect([code, stderr.trim().split('\n').length]).toEqual([2, 1]);
    expect(stderr).toContain(message);
  });

  it('leaves the shipper out for a bot that sends everything itself, and takes probes and place from the config', () => {
    const parsed = parseConfig({
      bots: [
        {
          id: 'Momentum_BTC',
          intake: { key: { secretName: 'k' }, everything: true },
          runsOn: { on: 'kubernetes', cluster: 'c', namespace: 'trading' },
          probes: { liveness: { url: 'http://bot:8080/healthz', timeoutMs: 4500, failureThreshold: 7 } },
        },
      ],
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
    const files = hostFiles(parsed.value, 'Momentum_BTC', 'kubernetes', { region: 'eu-west-1', accountId: '1', image: 'i' })!;
    expect(files.map(({ name }) => name)).toEqual(['bot.yaml']);
    const [, deployment] = objectsOf(files[0]!.text);
    expect(deployment).toMatchObject({
      metadata: { name: 'momentum-btc', namespace: 'trading' },
      spec: { template: { spec: { containers: [{ livenessProbe: { timeoutSeconds: 5, failureThreshold: 7 } }] } } },
    });
  });
});
