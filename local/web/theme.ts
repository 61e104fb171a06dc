/** Dark, light, or as the system says; kept between visits. */
import type { Zone } from './format.ts';
import type { Theme } from './palette.ts';
import { signal } from './signal.ts';

export type ThemeChoice = 'auto' | 'dark' | 'light';

const system = matchMedia('(prefers-color-scheme: dark)');

/** Storage may be switched off; then nothing is kept. */
export const memory = {
  get(key: string): string | undefined {
    try {
      return localStorage.getItem(`nightdesk.${key}`) ?? undefined;
    } catch {
      return undefined;
    }
  },
  set(key: string, value: string): void {
    try {
      localStorage.setItem(`nightdesk.${key}`, value);
    } catch {
      // nothing is kept
    }
  },
};

const saved = memory.get('theme');
export const themeChoice = signal<ThemeChoice>(saved === 'dark' || saved === 'light' ? saved : 'auto');

const resolve = (choice: ThemeChoice): Theme => (choice === 'auto' ? (system.matches ? 'dark' : 'light') : choice);

export const theme = signal<Theme>(resolve(themeChoice.get()));

function apply(): void {
  const next = resolve(themeChoice.get());
  document.documentElement.dataset['theme'] = next;
  if (next !== theme.get()) theme.set(next);
}

export function startTheme(): void {
  apply();
  system.addEventListener('change', apply);
  themeChoice.onChange(choice => {
    memory.set('theme', choice);
    apply();
  });
}

export const zone = signal<Zone>(memory.get('zone') === 'local' ? 'local' : 'utc');
zone.onChange(value => memory.set('zone', value));
