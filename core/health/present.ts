type MaybeUndefined<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Without what is undefined. */
export const present = <T extends object>(value: MaybeUndefined<T>): T =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;

/** The newest entries by `at`; the same object while there is room. */
export function newest<T extends { readonly at: number }>(
  entries: Readonly<Record<string, T>>,
  limit: number,
): Readonly<Record<string, T>> {
  const all = Object.entries(entries);
  return all.length <= limit ? entries : Object.fromEntries(all.sort(([, a], [, b]) => b.at - a.at).slice(0, limit));
}
