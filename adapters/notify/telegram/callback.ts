import { fingerprint } from '../../../core/incidents/key.ts';

/** What a button of a Telegram message asks for; `-yes` is the second step of a signal. */
export const telegramActions = ['acknowledge', 'silence-1h', 'silence-4h', 'halt', 'reduceOnly', 'halt-yes', 'reduceOnly-yes'] as const;
export type TelegramAction = (typeof telegramActions)[number];

/** Telegram gives 64 bytes: the action and a fingerprint of the incident's key, 16 hex digits. */
export const callbackData = (action: TelegramAction, key: string): string => `${action} ${fingerprint(key)}`;

export function readCallbackData(data: string): { readonly action: TelegramAction; readonly fingerprint: string } | undefined {
  const [action, print, ...rest] = data.split(' ');
  const known = telegramActions.find(each => each === action);
  return known === undefined || print === undefined || rest.length > 0 || !/^[0-9a-f]{16}$/.test(print)
    ? undefined
    : { action: known, fingerprint: print };
}
