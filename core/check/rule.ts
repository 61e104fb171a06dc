/** What a rule of `nightdesk check` is, and what it finds. */
import type { AlarmDefinition, MetricStat } from '../alarms/definition.ts';
import type { JsonObject } from '../cloudwatch/loose-json.ts';
import type { MuteRule } from '../cloudwatch/template-alarm.ts';
import type { NightdeskConfig } from '../config/types.ts';
import type { Place } from '../template/resource-types.ts';
import type { ForeignResource } from '../template/resources.ts';

export type FindingSeverity = 'error' | 'warning' | 'info';

export interface Finding {
  readonly rule: string;
  readonly severity: FindingSeverity;
  readonly file: string;
  /** `Resources.LossAlarm.Properties.Threshold`. */
  readonly path: string;
  /** What was found there. */
  readonly value: unknown;
  readonly message: string;
  readonly stack: string;
}

/** One thing that a rule has to say. */
export interface Remark {
  readonly resource: CheckedResource;
  /** Keys below the resource; empty for the resource itself. */
  readonly keys: readonly (string | number)[];
  readonly value: unknown;
  readonly message: string;
  /** Milder than the rule's own severity. */
  readonly severity?: FindingSeverity;
}

export interface Rule {
  /** Published: SCREAMING_SNAKE, never renamed. */
  readonly id: string;
  readonly severity: FindingSeverity;
  /** What must hold, in one sentence. */
  readonly says: string;
  /** Where the limit is from. */
  readonly source: string;
  readonly judge: (model: CheckModel) => readonly Remark[];
}

export interface CheckedResource extends ForeignResource {
  readonly file: string;
}

/** An alarm's metric or expression as far as it can be read. */
export interface CheckedQuery {
  /** Keys of the query below the resource's properties. */
  readonly keys: readonly (string | number)[];
  readonly id: string;
  readonly expression?: string;
  readonly stat?: MetricStat;
  readonly periodSeconds?: number;
  readonly returnData: boolean;
}

export interface CheckedAlarm {
  readonly resource: CheckedResource;
  readonly kind: AlarmDefinition['kind'];
  readonly name: string;
  readonly properties: JsonObject;
  /** Empty for composites and log alarms. */
  readonly queries: readonly CheckedQuery[];
  /** Absent when the properties are not an alarm. */
  readonly definition?: AlarmDefinition;
  readonly problems: readonly { readonly path: string; readonly value: unknown; readonly message: string }[];
}

export interface CheckedFilter {
  readonly resource: CheckedResource;
  readonly pattern: string;
  readonly logGroup: string;
  readonly transformations: readonly {
    readonly namespace: string;
    readonly metricName: string;
    readonly dimensions: readonly string[];
    readonly hasDefault: boolean;
    readonly keys: readonly (string | number)[];
  }[];
}

export interface CheckedDashboard {
  readonly resource: CheckedResource;
  /** The body as text; undefined when it depends on what no file says. */
  readonly body: string | undefined;
}

/** Everything that rules look at: the resources of all templates together, and the config behind them where it is known. */
export interface CheckModel {
  readonly resources: readonly CheckedResource[];
  readonly alarms: readonly CheckedAlarm[];
  readonly filters: readonly CheckedFilter[];
  readonly dashboards: readonly CheckedDashboard[];
  readonly mutes: readonly { readonly resource: CheckedResource; readonly rule: MuteRule }[];
  readonly place: Place;
  /** The templates are all that is deployed together, so that what is missing in them is missing. */
  readonly whole: boolean;
  readonly config?: NightdeskConfig;
}
