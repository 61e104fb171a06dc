import { parseConfig } from '../../core/config/parse.ts';
import { type FleetBot, judgeFleet } from '../../core/health/fleet.ts';
import { newHealth } from '../../core/health/initial.ts';
import type { Pulse } from '../../core/health/pulse.ts';
import { silenceRuleOf } from '../../core/health/rules.ts';

export { type FleetBot, judgeFleet };

/** Bots as a sweep reads them: the pulse is decoded from its stored text. At second 4,000 the last heartbeats are `silentSeconds` and up to nine more old. */
export function newFleetOf(count: number, parts: number, silentSeconds: number): readonly FleetBot[] {
  const parsed = parseConfig({ bots: [{ id: 'b', calendar: 'XNYS' }] });
  if (!parsed.ok) throw new Error('the config of the bench is wrong');
  const rule = silenceRuleOf(parsed.value.bots[0]!, parsed.value);
  return Array.from({ length: count }, (_, bot) => {
    const at = (4_000 - silentSeconds - (bot % 10)) * 1_000;
    const part = { at, status: 'ok' as const, intervalMs: 10_000 };
    const components = Object.fromEntries(Array.from({ length: parts }, (_, index) => [`part-${index}`, part]));
    const pulse: Pulse = { schemaVersion: 1, lastEventMs: at, receivedMs: at, heartbeat: { ...part, component: 'part-0' }, components };
    return { id: `b${bot}`, before: newHealth(0), pulse: JSON.parse(JSON.stringify(pulse)) as Pulse, rule, receivedMs: at };
  });
}
