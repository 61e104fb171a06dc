/**
 * The part of CBOR (RFC 8949) that Smithy RPC v2 sends and expects: what Grafana and AWS's newer SDKs speak to CloudWatch.
 * Times are tag 1 (epoch seconds): they become plain numbers on the way in, and on the way out every number under a name that
 * ends in `Timestamp` or `Timestamps`, and `StartDate` and `ExpireDate` of a mute rule, are ones.
 */

/** @throws RangeError on bytes that are no CBOR. */
export function decodeCbor(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;

  function length(info: number): number {
    if (info < 24) return info;
    const size = 1 << (info - 24);
    const from = at;
    at += size;
    if (info === 24) return view.getUint8(from);
    if (info === 25) return view.getUint16(from);
    if (info === 26) return view.getUint32(from);
    if (info === 27) return Number(view.getBigUint64(from));
    throw new RangeError(`CBOR: length ${info} is reserved`);
  }

  /** Calls `read` as often as the length says, or until the break byte of an indefinite one. */
  function repeat(info: number, read: () => void): void {
    if (info !== 31) {
      for (let left = length(info); left > 0; left -= 1) read();
      return;
    }
    while (view.getUint8(at) !== 0xff) read();
    at += 1;
  }

  function chunk(info: number): Uint8Array {
    if (info !== 31) {
      const size = length(info);
      at += size;
      return bytes.subarray(at - size, at);
    }
    const parts: Uint8Array[] = [];
    repeat(info, () => parts.push(chunk(view.getUint8(at++) & 31)));
    return Buffer.concat(parts);
  }

  function simple(info: number): unknown {
    if (info === 20 || info === 21) return info === 21;
    if (info === 22 || info === 23) return undefined;
    const from = at;
    at += info === 25 ? 2 : info === 26 ? 4 : 8;
    if (info === 25) return half(view.getUint16(from));
    if (info === 26) return view.getFloat32(from);
    if (info === 27) return view.getFloat64(from);
    throw new RangeError(`CBOR: simple value ${info} is not known`);
  }

  function value(): unknown {
    const head = view.getUint8(at);
    at += 1;
    const info = head & 31;
    switch (head >> 5) {
      case 0:
        return length(info);
      case 1:
        return -1 - length(info);
      case 2:
        return Buffer.from(chunk(info)).toString('base64');
      case 3:
        return Buffer.from(chunk(info)).toString('utf8');
      case 4: {
        const items: unknown[] = [];
        repeat(info, () => items.push(value()));
        return items;
      }
      case 5: {
        const entries: [string, unknown][] = [];
        repeat(info, () => entries.push([String(value()), value()]));
        return Object.fromEntries(entries);
      }
      case 6:
        length(info);
        return value();
      default:
        return simple(info);
    }
  }

  const result = value();
  if (at !== bytes.length) throw new RangeError(`CBOR: ${bytes.length - at} bytes too many`);
  return result;
}

/** A 16-bit float. */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 === 1 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Whether numbers under this name are times, in every protocol whose times are not plain numbers. */
export const isTimeName = (name: string): boolean => /Timestamps?$|^(Start|Expire)Date$/.test(name);

export function encodeCbor(root: unknown): Buffer {
  const parts: Buffer[] = [];

  function head(major: number, count: number): void {
    const first = major << 5;
    if (count < 24) parts.push(Buffer.from([first | count]));
    else if (count < 0x100) parts.push(Buffer.from([first | 24, count]));
    else {
      const buffer = Buffer.alloc(5);
      buffer[0] = first | 26;
      buffer.writeUInt32BE(count, 1);
      parts.push(buffer);
    }
  }

  function float(number: number): void {
    const buffer = Buffer.alloc(9);
    buffer[0] = 0xfb;
    buffer.writeDoubleBE(number, 1);
    parts.push(buffer);
  }

  function write(value: unknown, isTime: boolean): void {
    if (typeof value === 'number') {
      if (isTime) head(6, 1);
      if (!isTime && Number.isInteger(value) && Math.abs(value) < 2 ** 31) head(value < 0 ? 1 : 0, value < 0 ? -1 - value : value);
      else float(value);
    } else if (typeof value === 'string') {
      const text = Buffer.from(value, 'utf8');
      head(3, text.length);
      parts.push(text);
    } else if (typeof value === 'boolean') parts.push(Buffer.from([value ? 0xf5 : 0xf4]));
    else if (Array.isArray(value)) {
      head(4, value.length);
      for (const item of value) write(item, isTime);
    } else if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).filter(([, child]) => child !== undefined);
      head(5, entries.length);
      for (const [name, child] of entries) {
        write(name, false);
        write(child, isTimeName(name));
      }
    } else parts.push(Buffer.from([0xf6]));
  }

  write(root, false);
  return Buffer.concat(parts);
}
