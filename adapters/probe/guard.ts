/** Which addresses a probe may reach. Link-local ones hold the metadata services of clouds, whose answers are credentials. */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const forbidden = new BlockList();
// Source: AWS (169.254.169.254, 169.254.170.2 and .23, fd00:ec2::254), Alibaba (100.100.100.200), and link-local in general (RFC 3927, RFC 4291).
forbidden.addSubnet('169.254.0.0', 16, 'ipv4');
forbidden.addAddress('100.100.100.200', 'ipv4');
forbidden.addSubnet('fe80::', 10, 'ipv6');
forbidden.addSubnet('fd00:ec2::', 32, 'ipv6');
forbidden.addSubnet('0.0.0.0', 8, 'ipv4');

export function isForbidden(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').split('%')[0]!;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
  const family = isIP(mapped);
  return family !== 0 && forbidden.check(mapped, family === 4 ? 'ipv4' : 'ipv6');
}

export class ForbiddenAddress extends Error {
  readonly code = 'FORBIDDEN_ADDRESS';
}

/** Node's own lookup, that refuses a name as soon as one of its addresses is forbidden. Called only for names. */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, options as LookupOptions, (error, address, family) => {
    const all = (typeof address === 'string' ? [{ address, family }] : address) as readonly LookupAddress[];
    if (error === null && all.some(each => isForbidden(each.address)))
      return (callback as (error: Error, address: string, family: number) => void)(new ForbiddenAddress(hostname), '', 0);
    return (callback as (error: Error | null, address: unknown, family: number) => void)(error, address, family);
  });
};
