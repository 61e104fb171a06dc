/** Which alarms are replayed, and where their notifications go. */
import type { AlarmDefinition } from '../../core/alarms/definition.ts';
import { foreignRoutes, type Routes } from '../../core/backtest/pages.ts';
import { alarmDefinitions } from '../../core/catalogue/alarm-definitions.ts';
import { topicName } from '../../core/catalogue/names.ts';
import type { MuteRule } from '../../core/cloudwatch/template-alarm.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';

export interface AlarmInput {
  readonly definitions: readonly AlarmDefinition[];
  readonly muteRules: readonly MuteRule[];
  readonly routes: Routes;
}

/** The catalogue's alarms of a config, with a topic for each severity. */
export const alarmsOfConfig = (config: NightdeskConfig): AlarmInput => ({
  definitions: alarmDefinitions(config, { actions: severity => [topicName(config.stage, severity)] }),
  muteRules: [],
  routes: config.routes,
});

export const alarmsOfOthers = (definitions: readonly AlarmDefinition[], muteRules: readonly MuteRule[] = []): AlarmInput => ({
  definitions,
  muteRules,
  routes: foreignRoutes,
});
