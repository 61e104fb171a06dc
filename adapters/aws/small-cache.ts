/**
 * Stands in for `mnemonist/lru-cache`, which the SDK's DynamoDB client brings for endpoint discovery: a function that talks to one endpoint
 * fills one entry, and the package is 6 KB of every bundle (docs/decisions/lambda-bundles.md).
 */
// biome-ignore lint/style/noDefaultExport: it takes the place of a package that exports its class so
export default class SmallCache<V> {
  readonly #entries = new Map<string, V>();
  readonly get = (key: string): V | undefined => this.#entries.get(key);
  readonly peek = (key: string): V | undefined => this.#entries.get(key);
  readonly has = (key: string): boolean => this.#entries.has(key);
  readonly clear = (): void => this.#entries.clear();
  readonly set = (key: string, value: V): void => {
    this.#entries.set(key, value);
  };
}
