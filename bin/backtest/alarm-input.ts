/** Which alarms are replayed, and where their notifications go. */
import { loadAlarmSource } from '../../adapters/alarm-source.ts';
import { type AlarmSet, type SourceProblem, showSourceProblem } from '../../core/alarms/alarm-set.ts';
import type { AlarmDefinition } from '../../core/alarms/definition.ts';
import { isNamed } from '../../core/backtest/judge.ts';
import { foreignRoutes, type Routes } from '../../core/backtest/pages.ts';
import type { MuteRule } from '../../core/cloudwatch/template-alarm.ts';
import { withStubChannels } from '../../core/config/discover.ts';
import { type Io, UsageError } from '../command.ts';

export interface AlarmInput {
  readonly definitions: readonly AlarmDefinition[];
  readonly muteRules: readonly MuteRule[];
  readonly routes: Routes;
}

/** @throws UsageError when the source, or one of its alarms, cannot be read; or when it has no alarm. */
export async function readAlarms(path: string, io: Io): Promise<AlarmSet> {
  const loaded = await loadAlarmSource(path, { cwd: io.cwd });
  if (!loaded.ok) throw problemsOf(loaded.error);
  if (loaded.value.unusable.length > 0) throw problemsOf(loaded.value.unusable);
  if (loaded.value.alarms.length === 0) throw new UsageError(`${path}: there is no alarm in it`);
  return loaded.value;
}

const problemsOf = (problems: readonly SourceProblem[]): UsageError =>
  new UsageError(problems.map(showSourceProblem).join('\nnightdesk: '));

export const alarmInputOf = ({ alarms, mutes, config }: AlarmSet): AlarmInput => ({
  definitions: alarms.map(({ definition }) => definition),
  muteRules: mutes,
  routes: config === undefined ? foreignRoutes : withStubChannels(config).routes,
});

/**
 * The alarm of a name with or without the stage, or the only one of an alarm id such as `session-loss`.
 * @throws UsageError
 */
export function sweptAlarm(name: string, definitions: readonly AlarmDefinition[]): AlarmDefinition {
  const named = definitions.find(definition => definition.name === name) ?? definitions.find(definition => isNamed(definition.name, name));
  if (named !== undefined) return named;
  const alike = definitions.filter(definition => `-${definition.name}-`.includes(`-${name}-`) && !definition.name.includes('-signal-'));
  if (alike.length === 1) return alike[0]!;
  const choice = alike.slice(0, 5).map(definition => definition.name);
  throw new UsageError(`--sweep ${name}: ${alike.length === 0 ? 'there is no such alarm' : `there are several: ${choice.join(', ')}`}`);
}
