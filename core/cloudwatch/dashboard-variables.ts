/**
 * Variables of a dashboard: a choice in the toolbar that changes the widgets' JSON before they are drawn.
 * Source: CloudWatch user guide, "Create flexible dashboards with dashboard variables", and API reference, "Variables array structure".
 */
import { asArray, asObject, asObjects, asText, type JsonObject } from './loose-json.ts';

/** Default of a variable whose first value counts. Source: CDK, DefaultValue.FIRST. */
export const FIRST_VALUE = '__FIRST';

export interface DashboardVariable {
  readonly id: string;
  readonly label: string;
  readonly inputType: 'select' | 'radio' | 'input';
  /** `pattern` replaces what a regular expression matches in any text; `property` sets every property or dimension of that name. */
  readonly replaces: { readonly kind: 'pattern' | 'property'; readonly text: string };
  readonly defaultValue?: string;
  readonly visible: boolean;
  /** Empty for an input, and for values that a metric search finds. */
  readonly values: readonly { readonly label: string; readonly value: string }[];
  readonly search?: { readonly expression: string; readonly populateFrom: string };
}

/** The variables of a body that can be read; strict judgement is `parseDashboardBody`'s. */
export function dashboardVariables(body: unknown): readonly DashboardVariable[] {
  return asObjects(asObject(body)?.['variables']).flatMap(record => {
    const kind = record['type'] === 'property' ? 'property' : 'pattern';
    const text = asText(record[kind]);
    const id = asText(record['id']);
    if (text === undefined || id === undefined) return [];
    const inputType = record['inputType'];
    const expression = asText(record['search']);
    const populateFrom = asText(record['populateFrom']);
    const defaultValue = asText(record['defaultValue']);
    return [
      {
        id,
        label: asText(record['label']) ?? text,
        inputType: inputType === 'radio' || inputType === 'select' ? inputType : 'input',
        replaces: { kind, text },
        visible: record['visible'] !== false,
        values: asArray(record['values']).flatMap(entry => {
          const value = asText(asObject(entry)?.['value']);
          return value === undefined ? [] : [{ value, label: asText(asObject(entry)?.['label']) ?? value }];
        }),
        ...(defaultValue === undefined ? {} : { defaultValue }),
        ...(expression === undefined || populateFrom === undefined ? {} : { search: { expression, populateFrom } }),
      } satisfies DashboardVariable,
    ];
  });
}

/** What a variable stands for: the choice, else its default; undefined leaves the widgets as they are written. */
export function chosenValue(variable: DashboardVariable, choices: Readonly<Record<string, string>>): string | undefined {
  const choice = Object.hasOwn(choices, variable.id) ? choices[variable.id] : undefined;
  if (choice !== undefined) return choice;
  return variable.defaultValue === FIRST_VALUE ? variable.values[0]?.value : variable.defaultValue;
}

/**
 * The body with every variable put in, choices by id. Only the widgets change. A pattern that is no regular expression is taken as the
 * text itself. Values are put in as they are: `$1` means nothing.
 */
export function applyVariables(body: JsonObject, choices: Readonly<Record<string, string>> = {}): JsonObject {
  const changes = dashboardVariables(body).flatMap(variable => {
    const value = chosenValue(variable, choices);
    return value === undefined ? [] : [changeOf(variable, value)];
  });
  if (changes.length === 0) return body;
  return { ...body, widgets: changes.reduce((widgets, change) => change(widgets), body['widgets']) };
}

type Change = (value: unknown) => unknown;

function changeOf({ replaces }: DashboardVariable, value: string): Change {
  if (replaces.kind === 'property') return setProperty(replaces.text, value);
  const pattern = patternOf(replaces.text);
  const change: Change = part => {
    if (typeof part === 'string') return part.replace(pattern, () => value);
    if (Array.isArray(part)) return part.map(change);
    const record = asObject(part);
    return record === undefined ? part : Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, change(inner)]));
  };
  return change;
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, 'g');
  } catch {
    return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'g');
  }
}

/** Sets properties of that name, and in rows of metrics the value that follows the dimension's name. */
function setProperty(name: string, value: string): Change {
  const change: Change = part => {
    if (Array.isArray(part)) {
      const isMetric = part.length > 3 && part.slice(0, 4).every(item => typeof item === 'string');
      if (!isMetric) return part.map(change);
      return part.map((item, at) => (at >= 3 && at % 2 === 1 && typeof item === 'string' && part[at - 1] === name ? value : change(item)));
    }
    const record = asObject(part);
    if (record === undefined) return part;
    return Object.fromEntries(
      Object.entries(record).map(([key, inner]) => [key, key === name && typeof inner === 'string' ? value : change(inner)]),
    );
  };
  return change;
}
