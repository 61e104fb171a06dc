import { fingerprint } from '../../../core/incidents/key.ts';

/** What a button of a Telegram message asks for; `-yes` is the second step of a signal. */
export const telegramActions = ['acknowledge', 'silence-1h', 'silence-4h', 'halt', 'reduceOnly', 'halt-yes', 'reduceOnly-yes'] as const;
export type TelegramAction = (typeof telegramActions)[number];

/** Telegram gives 64 bytes: the action, a fingerprint of the incident's key, and in a second step the one that names the bot; 16 hex digits each. */
export const callbackData = (action: TelegramAction, key: string, about?: string): string =>
  [action, fingerprint(key), ...(about === undefined ? [] : [about])].join(' ');

export interface CallbackData {
  readonly action: TelegramAction;
  readonly fingerprint: string;
  readonly about?: string;
}

export function readCallbackData(data: string): CallbackData | undefined {
  const [action, ...prints] = data.split(' ');
  const [print, about] = prints;
  const known = telegramActions.find(each => each === action);
  if (known === undefined || print === undefined || prints.length > 2 || !prints.every(each => /^[0-9a-f]{16}$/.test(each)))
    return undefined;
  return { action: known, fingerprint: print, ...(about === undefined ? {} : { about }) };
}
