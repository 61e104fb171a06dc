import { type Asked, type DueProbe, PROBER_WAIT_MS, type ProberRequest, readProberAnswer } from '../../core/health/probe-call.ts';
import { invokeFunction, type SignedCall } from './signed-call.ts';

/** Asks one prober. @throws Error saying why nothing came of it: refused, throttled, crashed, too late, or an answer that is none. */
export type AskProber = (probes: readonly DueProbe[]) => Promise<Asked>;

export const createAskProber =
  (call: SignedCall, functionName: string, waitMs = PROBER_WAIT_MS): AskProber =>
  async probes => {
    const request: ProberRequest = { schemaVersion: 1, probes };
    const asked = readProberAnswer(parsed(await invokeFunction(call, functionName, JSON.stringify(request), waitMs)), probes);
    if (asked === undefined) throw new Error('MalformedAnswer: the prober answered with something else than results');
    return asked;
  };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
