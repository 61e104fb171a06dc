/** Where the time of a probe went, in words. */
import { type ProbePhase, type ProbePhases, probePhases } from './probe-result.ts';
import type { ProbeName, ProbeSeen, ProbeState } from './probe-state.ts';

export const phaseWords: Readonly<Record<ProbePhase, string>> = { dns: 'DNS', connect: 'connect', tls: 'TLS', firstByte: 'first byte' };

const phaseFailures: Readonly<Record<ProbePhase, string>> = {
  dns: 'while its name was looked up',
  connect: 'while connecting',
  tls: 'in the TLS handshake',
  firstByte: 'while waiting for the first byte',
};

export const millisecondsText = (ms: number): string => (ms < 10 ? `${Number(ms.toFixed(1))} ms` : `${Math.round(ms)} ms`);

/** `DNS 3 ms, connect 12 ms, TLS 40 ms, first byte 45 ms`; empty when nothing was measured. */
export const phasesText = (phases: ProbePhases = {}): string =>
  probePhases.flatMap(phase => (phases[phase] === undefined ? [] : [`${phaseWords[phase]} ${millisecondsText(phases[phase])}`])).join(', ');

/** `no answer in 2000 ms, while connecting (DNS 3 ms, connect 1997 ms)`, `HTTP 200 in 52 ms (connect 12 ms, first byte 40 ms)`. */
export function seenText({ ok, detail, tookMs, phases, failedIn }: Omit<ProbeSeen, 'at'>): string {
  const where = failedIn === undefined ? '' : `, ${phaseFailures[failedIn]}`;
  const when = ok ? ` in ${millisecondsText(tookMs)}` : '';
  const spent = phasesText(phases);
  return `${detail}${when}${where}${spent === '' ? '' : ` (${spent})`}`;
}

/** What a page says of a probe that fails or has failed; undefined when there is none, or it never failed in this run. */
export function probeFailureText(name: ProbeName, { failed, last }: Pick<ProbeState, 'failed' | 'last'> = {}): string | undefined {
  if (failed === undefined) return undefined;
  const since = last?.ok === true && last.at >= failed.at ? `; now ${seenText(last)}` : '';
  return `${name}: ${seenText(failed)}${since}`;
}
