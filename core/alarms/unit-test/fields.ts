/** What a file of alarm tests may say: one table per object, read by the parser and by the JSON Schema. */

export interface Field {
  readonly type: 'text' | 'number' | 'list' | 'map' | 'texts';
  readonly required?: boolean;
  readonly description: string;
  /** Shape of a list's entries, by name in `shapes`. */
  readonly of?: ShapeName;
  readonly minimum?: number;
  readonly whole?: boolean;
  readonly oneOf?: readonly string[];
}

export type Shape = Readonly<Record<string, Field>>;
export type ShapeName = 'file' | 'test' | 'series' | 'expectation';

const period: Field = { type: 'number', minimum: 1, whole: true, description: 'Seconds between the points of a series. Default 60.' };

export const shapes: Readonly<Record<ShapeName, Shape>> = {
  file: {
    source: {
      type: 'text',
      required: true,
      description:
        'Where the alarms come from, relative to this file: a nightdesk config, a CloudFormation template, or an assembly folder.',
    },
    period,
    parameters: { type: 'map', description: 'Values of the template’s parameters.' },
    tests: { type: 'list', required: true, of: 'test', description: 'The tests.' },
  },
  test: {
    name: { type: 'text', required: true, description: 'A claim: what the alarm does.' },
    start: { type: 'text', description: 'Time of the first point, ISO 8601. Default 2026-01-05T00:00:00Z.' },
    period,
    series: { type: 'list', required: true, of: 'series', description: 'The metrics. Alarms without a series stay in INSUFFICIENT_DATA.' },
    expect: { type: 'list', required: true, of: 'expectation', description: 'What must hold.' },
  },
  series: {
    metric: { type: 'text', required: true, description: 'Name of the catalogue or of CloudWatch, or `Namespace/Name` in full.' },
    namespace: { type: 'text', description: 'CloudWatch namespace, where the name alone is not enough.' },
    dimensions: { type: 'map', description: 'Dimensions by name.' },
    values: {
      type: 'text',
      required: true,
      description: 'Points: numbers, or `_` for a missing one, with `*times` to repeat: `0*10 -2500*3 _*2`.',
    },
    period,
    samples: { type: 'number', minimum: 1, whole: true, description: 'Samples behind each point, for percentiles. Default 1.' },
  },
  expectation: {
    at: { type: 'text', required: true, description: 'Time of the evaluation: a duration from `start` (`14m`, `1h30m`), or ISO 8601.' },
    alarm: { type: 'text', required: true, description: 'Name, with or without the stage’s prefix, or the logical id in its template.' },
    state: { type: 'text', oneOf: ['ALARM', 'OK', 'INSUFFICIENT_DATA'], description: 'State after that evaluation.' },
    reason: { type: 'text', description: 'A part of the state’s reason.' },
    route: {
      type: 'texts',
      description:
        'Channels (ids or kinds; without a config topics) that the alarm’s newest page went to; `!name` must not be among them, an empty list means nobody.',
    },
    notified: { type: 'number', minimum: 0, whole: true, description: 'Pages so far: one per incident.' },
  },
};
