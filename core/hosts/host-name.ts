/** `Momentum_BTC` → `momentum-btc`. Letters that a name may not hold become dashes. */
export function hostName(id: string): string {
  const plain = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '');
  return plain === '' ? 'bot' : plain;
}
