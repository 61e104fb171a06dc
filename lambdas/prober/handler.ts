import { readDeployedConfig, required } from '../../adapters/aws/environment.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import type { Vantage } from '../../adapters/probe/guard.ts';
import { probe } from '../../adapters/probe/probe.ts';
import type { ProberAnswer } from '../../core/health/probe-call.ts';
import { type ProberTools, runProbes } from './prober.ts';

export const createProber = (tools: ProberTools) => (event: unknown) => runProbes(event, tools);

function fromEnvironment(): ProberTools {
  const vantage: Vantage = required('NIGHTDESK_PROBES_FROM') === 'vpc' ? 'vpc' : 'internet';
  const elapsed = () => performance.now();
  const { bots, probeControls } = readDeployedConfig(__dirname);
  const control = probeControls?.[vantage];
  return {
    bots,
    ...(control === undefined ? {} : { control }),
    probe: target => probe(target, { now: elapsed, vantage }),
    now: () => Date.now(),
    elapsed,
  };
}

let handle: ReturnType<typeof createProber> | undefined;

/** Invoked by the heartbeat function, which waits. It calls no AWS service, so it works in a subnet without a way out. */
export const handler = async (event: unknown): Promise<ProberAnswer> => {
  handle ??= createProber(fromEnvironment());
  const began = performance.now();
  const answer = await handle(event);
  createOutput().info('probed', { probes: answer.results.length, tookMs: Math.round(performance.now() - began) });
  return answer;
};
