/** Widgets of a CloudWatch dashboard and how they flow into its grid of 24 columns. */

export const GRID_COLUMNS = 24;

/** `["Nightdesk/demo", "CpuUsage", "Bot", "b1", { … }]`, or `[{ expression, … }]`. Source: CloudWatch API reference, "Dashboard body structure and syntax". */
export type MetricEntry = readonly (string | Readonly<Record<string, unknown>>)[];

export interface HorizontalAnnotation {
  readonly label: string;
  readonly value: number;
  readonly color?: string;
  readonly fill?: 'above' | 'below';
}

interface MetricProperties {
  readonly title: string;
  readonly view: 'timeSeries' | 'singleValue' | 'gauge' | 'table';
  readonly region: string;
  readonly metrics: readonly MetricEntry[];
  readonly period: number;
  readonly stacked?: boolean;
  readonly sparkline?: boolean;
  readonly liveData?: boolean;
  readonly yAxis?: {
    readonly left: { readonly min?: number; readonly max?: number; readonly label?: string; readonly showUnits?: boolean };
  };
  readonly table?: { readonly summaryColumns: readonly ('MIN' | 'MAX' | 'SUM' | 'AVG')[] };
  readonly annotations?: { readonly horizontal: readonly HorizontalAnnotation[] };
}

export type WidgetBody =
  | { readonly type: 'text'; readonly properties: { readonly markdown: string; readonly background?: 'transparent' } }
  | { readonly type: 'metric'; readonly properties: MetricProperties }
  | {
      readonly type: 'alarm';
      readonly properties: {
        readonly title: string;
        readonly alarms: readonly string[];
        readonly sortBy?: 'stateUpdatedTimestamp' | 'timestamp' | 'default';
        readonly states?: readonly ('ALARM' | 'OK' | 'INSUFFICIENT_DATA')[];
      };
    }
  | {
      readonly type: 'log';
      readonly properties: { readonly title: string; readonly region: string; readonly query: string; readonly view: 'table' | 'bar' };
    }
  | {
      readonly type: 'custom';
      readonly properties: {
        readonly title: string;
        readonly endpoint: string;
        readonly params: Readonly<Record<string, unknown>>;
        readonly updateOn: { readonly refresh: boolean; readonly resize: boolean; readonly timeRange: boolean };
      };
    };

export type Sized = WidgetBody & { readonly width: number; readonly height: number };
export type Placed = Sized & { readonly x: number; readonly y: number };

/** From left to right, on a new row when the widget does not fit; rows do not overlap. @throws RangeError for a widget wider than the grid. */
export function flow(widgets: readonly Sized[]): readonly Placed[] {
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  return widgets.map(widget => {
    if (widget.width > GRID_COLUMNS) throw new RangeError(`a widget is ${widget.width} columns wide; the grid has ${GRID_COLUMNS}`);
    if (x + widget.width > GRID_COLUMNS) {
      x = 0;
      y += rowHeight;
      rowHeight = 0;
    }
    const placed = { ...widget, x, y };
    x += widget.width;
    rowHeight = Math.max(rowHeight, widget.height);
    return placed;
  });
}

export const heading = (markdown: string): Sized => ({
  type: 'text',
  width: GRID_COLUMNS,
  height: 1,
  properties: { markdown, background: 'transparent' },
});
