import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../core/config/parse.ts';

const probeVpc = { subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: ['sg-01234567'] };
const problemsOf = (input: unknown) => {
  const parsed = parseConfig(input);
  return parsed.ok ? [] : parsed.error.map(({ path, rule }) => `${path}: ${rule}`);
};
const from = (input: unknown) => {
  const parsed = parseConfig(input);
  return parsed.ok ? parsed.value.bots.map(({ probedFrom }) => probedFrom) : parsed.error;
};
const liveness = 'http://bot.internal/healthz';

describe('where probes come from', () => {
  it('is the internet, the VPC where there is one, or what the bot says', () => {
    expect(from({ bots: [{ id: 'a', probes: { liveness } }] })).toEqual(['internet']);
    const bots = [
      { id: 'a', probes: { liveness } },
      { id: 'b', probes: { liveness, from: 'internet' } },
    ];
    expect(from({ probeVpc, bots })).toEqual(['vpc', 'internet']);
  });

  it('is no probe', () => {
    const parsed = parseConfig({ probeVpc, bots: [{ id: 'a', probes: { liveness, from: 'vpc' } }] });
    expect(parsed.ok && Object.keys(parsed.value.bots[0]!.probes)).toEqual(['liveness']);
  });

  it.each([
    ['a VPC that is none', { from: 'vpc', liveness }, undefined, 'bots[0].probes.from: needs probeVpc with subnetIds and securityGroupIds'],
    ['a place without a probe', { from: 'internet' }, undefined, 'bots[0].probes.from: the bot has no probe'],
    ['another place', { from: 'moon', liveness }, undefined, 'bots[0].probes.from: must be one of ("vpc" | "internet")'],
    [
      'a subnet that is none',
      { liveness },
      { ...probeVpc, subnetIds: ['vpc-0123456789abcdef0'] },
      'probeVpc.subnetIds[0]: must be an id such as subnet-0123456789abcdef0',
    ],
    [
      'a group by name',
      { liveness },
      { ...probeVpc, securityGroupIds: ['default'] },
      'probeVpc.securityGroupIds[0]: must be an id such as sg-0123456789abcdef0',
    ],
    ['no group', { liveness }, { ...probeVpc, securityGroupIds: [] }, 'probeVpc.securityGroupIds: must name at least one'],
    [
      'six groups',
      { liveness },
      { ...probeVpc, securityGroupIds: [1, 2, 3, 4, 5, 6].map(digit => `sg-0123456${digit}`) },
      'probeVpc.securityGroupIds: must name at most 5',
    ],
    [
      'the same subnet twice',
      { liveness },
      { ...probeVpc, subnetIds: ['subnet-01234567', 'subnet-01234567'] },
      'probeVpc.subnetIds[1]: must be named once; the first is at probeVpc.subnetIds[0]',
    ],
    ['half a VPC', { liveness }, { subnetIds: probeVpc.subnetIds }, 'probeVpc.securityGroupIds: is required'],
  ])('refuses %s', (_, probes, vpc, problem) => {
    expect(problemsOf({ ...(vpc === undefined ? {} : { probeVpc: vpc }), bots: [{ id: 'a', probes }] })).toEqual([problem]);
  });
});

describe('the control of a prober', () => {
  const bots = [{ id: 'a', probes: { liveness } }];
  const control = 'https://status.example/';

  it('is one address by where probes come from', () => {
    const parsed = parseConfig({ bots, probeControls: { internet: control } });
    expect(parsed.ok && parsed.value.probeControls).toEqual({ internet: { url: control, timeoutMs: 2000 } });
  });

  it.each([
    ['where no probe comes from', { vpc: control }, 'probeControls.vpc: no probe comes from there'],
    [
      'that is a bot itself',
      { internet: new URL('/other', liveness).href },
      'probeControls.internet: must be another host than those of the bots',
    ],
    [
      'at a metadata address',
      { internet: 'http://169.254.169.254/' },
      'probeControls.internet: must not be a link-local address: metadata services are never asked',
    ],
  ])('is none %s', (_, probeControls, problem) => {
    expect(problemsOf({ bots, probeControls })).toEqual([problem]);
  });

  it('is none where its bots are probed from elsewhere', () => {
    const outside = [{ id: 'a', probes: { liveness: { url: liveness }, from: 'internet' } }];
    expect(problemsOf({ probeVpc, bots: outside, probeControls: { vpc: control } })).toEqual([
      'probeControls.vpc: no probe comes from there',
    ]);
  });
});
