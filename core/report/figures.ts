/** Numbers of a report as people read them. Undefined is a dash, never a zero. */

export const dash = '–';

export const percentText = (share: number | undefined, digits = 2): string =>
  share === undefined ? dash : `${signed((share * 100).toFixed(digits))} %`;

export const ratioText = (value: number | undefined, digits = 2): string => (value === undefined ? dash : signed(value.toFixed(digits)));

export const countText = (value: number | undefined): string => (value === undefined ? dash : grouped(String(Math.round(value))));

export const millisecondsText = (value: number | undefined): string =>
  value === undefined ? dash : `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ms`;

/** An exact decimal, cut to what a reader needs: two digits, or more where the amount is small. */
export function moneyText(amount: string | undefined, currency?: string): string {
  if (amount === undefined) return dash;
  const size = Math.abs(Number(amount));
  const digits = size === 0 || size >= 1 ? 2 : 6;
  const [whole = '0', rest = ''] = Number(amount).toFixed(digits).split('.');
  const text = `${grouped(whole)}.${rest}`;
  return currency === undefined ? signed(text) : `${signed(text)} ${currency}`;
}

/** A proper minus sign, and none before a zero. */
const signed = (text: string): string => (/^-[0.,]*$/.test(text) ? text.slice(1) : text.replace('-', '−'));

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');

export function durationText(ms: number | undefined): string {
  if (ms === undefined) return dash;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${Math.round(ms / 1000)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} d`;
}
