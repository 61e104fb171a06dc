import { expect, it } from 'vitest';
import { parseConfig } from '../../core/config/parse.ts';
import { probesOutOfReach, reachText } from '../../core/health/probe-reach.ts';

const probeVpc = { subnetIds: ['subnet-01234567'], securityGroupIds: ['sg-01234567'] };
const outOfReach = (url: string, from: 'vpc' | 'internet') => {
  const parsed = parseConfig({ probeVpc, bots: [{ id: 'a', probes: { readiness: url, from } }] });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return probesOutOfReach(parsed.value);
};

it.each([
  ['http://10.0.3.7:8080/', 'internet', true],
  ['http://10.0.3.7:8080/', 'vpc', false],
  ['tcp://172.31.0.1:80', 'internet', true],
  ['tcp://172.32.0.1:80', 'internet', false],
  ['http://192.168.1.1/', 'internet', true],
  ['http://100.64.0.1/', 'internet', true],
  ['http://100.128.0.1/', 'internet', false],
  ['http://[fd12::1]/', 'internet', true],
  ['http://93.184.216.34/', 'internet', false],
  ['http://10.example.com/', 'internet', false],
  ['http://fd12.example.com/', 'internet', false],
  ['http://bot.internal/', 'internet', false],
  ['http://127.0.0.1:1/', 'vpc', true],
  ['grpc://localhost:1/', 'internet', true],
  ['http://[::1]/', 'vpc', true],
  ['http://localhost.example.com/', 'vpc', false],
] as const)('%s from %s is out of reach: %s', (url, from, expected) => {
  expect(outOfReach(url, from).length).toBe(expected ? 1 : 0);
});

it('knows controls as well', () => {
  const bots = [
    { id: 'a', probes: { liveness: 'https://bot.example/' } },
    { id: 'b', probes: { liveness: 'https://b.example/', from: 'internet' } },
  ];
  const parsed = parseConfig({ probeVpc, bots, probeControls: { internet: 'tcp://10.0.0.2:53', vpc: 'tcp://10.0.0.2:53' } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  expect(reachText(probesOutOfReach(parsed.value))).toBe(
    'the deployed prober cannot reach tcp://10.0.0.2:53, control of probes from internet: a private address needs probeVpc, and probes.from "vpc"\n',
  );
});

it('says which, and why', () => {
  expect(reachText(outOfReach('http://10.0.3.7:8080/', 'internet'))).toBe(
    'the deployed prober cannot reach http://10.0.3.7:8080/, readiness of a: a private address needs probeVpc, and probes.from "vpc"\n',
  );
});
