/**
 * How a field of an event is described. Validation, the JSON Schema and the documentation are all made
 * from these descriptions, so a field is written down once.
 */

interface Described {
  /** What the field means, for the schema. */
  readonly says: string;
  /** Unit of the value, absent where it has none. */
  readonly unit?: string;
}

export type Shape = Described &
  (
    | { readonly kind: 'decimal'; readonly sign: 'any' | 'notNegative' }
    | { readonly kind: 'time' }
    | { readonly kind: 'text'; readonly minLength: number; readonly maxLength: number }
    | { readonly kind: 'choice'; readonly of: readonly string[] }
    | { readonly kind: 'level' }
    | { readonly kind: 'integer'; readonly least: number }
    | { readonly kind: 'number'; readonly least: number }
    | { readonly kind: 'flag' }
    | { readonly kind: 'list'; readonly of: Shape }
    | { readonly kind: 'object'; readonly fields: FieldTable; readonly textAs?: string }
  );

export type Field<Need extends 'required' | 'optional' = 'required' | 'optional'> = Shape & {
  readonly need: Need;
  /** What an absent field becomes. Only where leaving it out has one sensible meaning. */
  readonly fallback?: string | number;
};

export type FieldTable = Readonly<Record<string, Field>>;

/** A table that has exactly the fields of type `E`, each as required or optional as the type says. */
export type FieldsOf<E> = { readonly [K in keyof E]-?: Field<object extends Pick<E, K> ? 'optional' : 'required'> };

/** One event type: its own fields, and rules that look at several of them. */
export interface EventTable {
  readonly says: string;
  readonly fields: FieldTable;
  /** A field that others make necessary. */
  readonly alsoNeeds?: AlsoNeeds;
}

export interface AlsoNeeds {
  readonly field: string;
  /** Continues the name of the field: `is required when …`. */
  readonly rule: string;
  readonly isMissing: (event: Readonly<Record<string, unknown>>) => boolean;
}

export const required = (shape: Shape): Field<'required'> => ({ ...shape, need: 'required' });
export const optional = (shape: Shape): Field<'optional'> => ({ ...shape, need: 'optional' });
/** Required in the type, yet a sender may leave it out. */
export const defaulted = (shape: Shape, fallback: string | number): Field<'required'> => ({ ...shape, need: 'required', fallback });

const unitOf = (unit: string | undefined) => (unit === undefined ? {} : { unit });

/** A plain decimal of either sign. */
export const decimal = (says: string, unit?: string): Shape => ({ kind: 'decimal', sign: 'any', says, ...unitOf(unit) });
/** A plain decimal ≥ 0. */
export const amount = (says: string, unit?: string): Shape => ({ kind: 'decimal', sign: 'notNegative', says, ...unitOf(unit) });
export const time = (says: string): Shape => ({ kind: 'time', says });
/** A name: 1 to 256 characters. */
export const name = (says: string): Shape => ({ kind: 'text', minLength: 1, maxLength: 256, says });
/** Text of any length that the line allows, also empty. */
export const text = (says: string): Shape => ({ kind: 'text', minLength: 0, maxLength: Number.MAX_SAFE_INTEGER, says });
export const choice = (of: readonly string[], says: string): Shape => ({ kind: 'choice', of, says });
export const level = (says: string): Shape => ({ kind: 'level', says });
export const integer = (says: string, unit: string, least = 0): Shape => ({ kind: 'integer', least, says, unit });
export const number = (says: string, unit: string, least = 0): Shape => ({ kind: 'number', least, says, unit });
export const flag = (says: string): Shape => ({ kind: 'flag', says });
export const list = (of: Shape, says: string): Shape => ({ kind: 'list', of, says });
/** `textAs` names the field that a bare text is taken for. */
export const object = (fields: FieldTable, says: string, textAs?: string): Shape => ({
  kind: 'object',
  fields,
  says,
  ...(textAs === undefined ? {} : { textAs }),
});
