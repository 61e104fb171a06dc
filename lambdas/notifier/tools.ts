import type { Output } from '../../adapters/aws/output.ts';
import type { Secrets } from '../../adapters/aws/secrets.ts';
import type { DeliveryTools } from '../../adapters/notify/deliver.ts';
import type { MinuteValues } from '../../adapters/notify/page-chart.ts';
import type { SendTools } from '../../adapters/notify/send.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import type { ProbeStates } from '../../core/health/probe-state.ts';
import type { Links } from '../../core/incidents/links.ts';
import type { MoneyAtRisk } from '../../core/incidents/money-at-risk.ts';
import type { SilenceStore } from '../../core/incidents/silence.ts';
import type { AlertStore, IncidentStore } from '../../core/incidents/store.ts';
import type { Again } from '../../core/incidents/wake.ts';

export interface NotifierTools {
  readonly config: NightdeskConfig;
  readonly alerts: AlertStore;
  readonly incidents: IncidentStore;
  readonly silences: SilenceStore;
  /** Wakes the notifier for an incident at a time within the next fifteen minutes, to the second. */
  readonly wakeAt: (key: string, atMs: number) => Promise<void>;
  /** Brings a signal back that could not be stored. */
  readonly again: (message: Again) => Promise<void>;
  /** ARN of the topic where critical alarms begin; absent where no test page is asked for. */
  readonly criticalTopic?: string;
  /** Undefined for a strategy that has no state yet. */
  readonly moneyAtRisk: (strategyId: string, nowMs: number) => Promise<MoneyAtRisk | undefined>;
  /** Tells what strategies changed within the hour. */
  readonly tellChanges: () => Promise<void>;
  /** What the newest sweep knows of a bot's probes. */
  readonly probesOf: (botId: string) => Promise<ProbeStates>;
  readonly secrets: Secrets;
  readonly send: SendTools;
  /** What some channels need besides: topics and charts. */
  readonly extras?: Pick<DeliveryTools, 'publish' | 'topicOf' | 'chart'> & { readonly values?: MinuteValues };
  readonly links: Links;
  readonly output: Output;
  readonly metricLines: (measured: NotifierCounts, nowMs: number) => readonly string[];
}

export interface NotifierCounts {
  readonly failedSends: number;
  /** Slowest accepted send of the delivery: from the state change, or the end of its route's wait, to the channel's answer. */
  readonly pageLatencyMs?: number;
  /** Messages whose channel was given up. */
  readonly deadSends?: number;
}

/** Tries to save against other deliveries before an attempt is given up. */
export const SAVE_TRIES = 12;
