/**
 * The name under which everything about one trouble meets: both alert paths, all channels, the timeline.
 * `v1:<alarm>:<Dimension=value,…>` with dimensions sorted, e.g. `v1:session-loss:Strategy=s1`.
 * PagerDuty allows 255 characters in a `dedup_key`; longer keys keep their head and end in a hash of the whole.
 */
export const KEY_LIMIT = 255;

export function incidentKey(alarm: string, dimensions: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(dimensions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  return shortened(`v1:${alarm}:${pairs.join(',')}`);
}

/** Key of something that is no alarm of this stack: an alarm's ARN with its contributor, or an unreadable message's text. */
export function foreignKey(kind: 'alarm' | 'raw', identity: string): string {
  return shortened(kind === 'raw' ? `v1:raw:${fingerprint(identity)}` : `v1:${identity}`);
}

/** Counted in UTF-8 bytes, the strictest reading of the limit; text of an ASCII key is never changed. */
function shortened(key: string): string {
  const bytes = new TextEncoder().encode(key);
  if (bytes.length <= KEY_LIMIT) return key;
  const tail = `#${fingerprint(key)}`;
  const head = new TextDecoder().decode(bytes.slice(0, KEY_LIMIT - tail.length - 3)).replace(/\uFFFD+$/, '');
  return `${head}${tail}`;
}

/** FNV-1a, 64 bits, 16 hex digits: tells texts apart, protects nothing. Source: RFC draft-eastlake-fnv. */
export function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, '0');
}
