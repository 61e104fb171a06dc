/** Probes that the deployed prober cannot reach, as far as their address says it; `nightdesk start` on the right machine may. */
import type { BotConfig, NightdeskConfig } from '../config/types.ts';
import { type ProbeName, probeNames } from './probe-state.ts';

export type OutOfReach = ({ readonly bot: string; readonly probe: ProbeName } | { readonly control: BotConfig['probedFrom'] }) & {
  readonly url: string;
  readonly because: string;
};

const thisMachine = /^(127\.[\d.]+|localhost|\[::1\])$/;
/** Source: RFC 1918, RFC 6598, RFC 4193. */
const privateAddress = /^((10|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.[\d.]+$|\[f[cd][0-9a-f]{2}:)/i;

/** Why a prober there cannot reach it; undefined when nothing in its address says so. */
function hindrance(url: string, from: BotConfig['probedFrom']): string | undefined {
  const host = new URL(url).hostname;
  if (thisMachine.test(host)) return 'it is the prober itself';
  return from === 'internet' && privateAddress.test(host) ? 'a private address needs probeVpc, and probes.from "vpc"' : undefined;
}

export const probesOutOfReach = ({ bots, probeControls = {} }: NightdeskConfig): readonly OutOfReach[] => [
  ...bots.flatMap(({ id, probes, probedFrom }) =>
    probeNames.flatMap(probe => {
      const url = probes[probe]?.url;
      const because = url === undefined ? undefined : hindrance(url, probedFrom);
      return url === undefined || because === undefined ? [] : [{ bot: id, probe, url, because }];
    }),
  ),
  ...(['internet', 'vpc'] as const).flatMap(control => {
    const url = probeControls[control]?.url;
    const because = url === undefined ? undefined : hindrance(url, control);
    return url === undefined || because === undefined ? [] : [{ control, url, because }];
  }),
];

export const reachText = (all: readonly OutOfReach[]): string =>
  all
    .map(each => {
      const what = 'control' in each ? `control of probes from ${each.control}` : `${each.probe} of ${each.bot}`;
      return `the deployed prober cannot reach ${each.url}, ${what}: ${each.because}\n`;
    })
    .join('');
