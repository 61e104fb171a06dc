/** Probes that the deployed prober cannot reach, as far as their address says it; `nightdesk start` on the right machine may. */
import type { NightdeskConfig } from '../config/types.ts';
import { type ProbeName, probeNames } from './probe-state.ts';

export interface OutOfReach {
  readonly bot: string;
  readonly probe: ProbeName;
  readonly url: string;
  readonly because: string;
}

const thisMachine = /^(127\.[\d.]+|localhost|\[::1\])$/;
/** Source: RFC 1918, RFC 6598, RFC 4193. */
const privateAddress = /^((10|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.[\d.]+$|\[f[cd][0-9a-f]{2}:)/i;

export const probesOutOfReach = ({ bots }: NightdeskConfig): readonly OutOfReach[] =>
  bots.flatMap(({ id, probes, probedFrom }) =>
    probeNames.flatMap(probe => {
      const url = probes[probe]?.url;
      const host = url === undefined ? '' : new URL(url).hostname;
      const because = thisMachine.test(host)
        ? 'it is the prober itself'
        : probedFrom === 'internet' && privateAddress.test(host)
          ? 'a private address needs probeVpc, and probes.from "vpc"'
          : undefined;
      return url === undefined || because === undefined ? [] : [{ bot: id, probe, url, because }];
    }),
  );

export const reachText = (all: readonly OutOfReach[]): string =>
  all.map(({ bot, probe, url, because }) => `the deployed prober cannot reach ${url}, ${probe} of ${bot}: ${because}\n`).join('');
