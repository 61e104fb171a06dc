/** A value that others can watch. Listeners run only when the value is set, in the order they came. */
export interface Signal<T> {
  get(): T;
  set(value: T): void;
  /** Calls at once and then after each change. Returns the way to stop. */
  watch(listener: (value: T) => void): () => void;
  /** Calls after each change only. */
  onChange(listener: (value: T) => void): () => void;
}

export function signal<T>(initial: T): Signal<T> {
  let current = initial;
  const listeners = new Set<(value: T) => void>();
  const onChange = (listener: (value: T) => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    get: () => current,
    set: value => {
      current = value;
      for (const listener of [...listeners]) listener(value);
    },
    watch: listener => {
      listener(current);
      return onChange(listener);
    },
    onChange,
  };
}

/** Collects the ways to stop, so that a page can end all it began with one call. */
export interface Scope {
  add(stop: () => void): void;
  end(): void;
}

export function scope(): Scope {
  const stops: (() => void)[] = [];
  return {
    add: stop => stops.push(stop),
    end: () => {
      for (const stop of stops.splice(0)) stop();
    },
  };
}
