/** What a kind of conformance file is: how its shape is recognised, and how its cases are run. */

export type CaseResult =
  | { readonly id: string; readonly outcome: 'pass' }
  | { readonly id: string; readonly outcome: 'fail'; readonly expected: string; readonly got: string }
  | { readonly id: string; readonly outcome: 'skip'; readonly reason: string };

export interface CaseContext {
  /** The file that the cases come from. */
  readonly file: string;
  /** Bytes of a data set, by its path relative to the case file. Throws when it is missing. */
  readonly dataset: (path: string) => Uint8Array;
}

export interface ConformanceKind {
  readonly name: string;
  /** Whether the parsed file holds cases of this kind, told by its shape. */
  readonly recognises: (fileJson: unknown) => boolean;
  readonly run: (fileJson: unknown, context: CaseContext) => readonly CaseResult[];
}

/** The cases of a file: a bare array, or an object that holds exactly one non-empty array of objects under one key. */
export function casesOf(fileJson: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (Array.isArray(fileJson)) return fileJson.filter(isRecord);
  if (!isRecord(fileJson)) return [];
  const arrays = Object.values(fileJson).filter((value): value is unknown[] => Array.isArray(value) && value.some(isRecord));
  return arrays.length === 1 ? (arrays[0] ?? []).filter(isRecord) : [];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
