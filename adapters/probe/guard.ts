/**
 * Which addresses a probe may reach. Names are judged by the address that the connection then goes to, so a name that changes between two
 * lookups gains nothing. What the config writes as an address is meant; what a name leads to may be somebody else's wish.
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { bareHost } from './phase-clock.ts';

/** Where probes come from: private addresses are reached by name from a VPC only. */
export type Vantage = 'vpc' | 'internet';

/** Never asked: metadata services, whose answers are credentials, and what is nobody's address. */
const never = new BlockList();
// Source: AWS (169.254.169.254, 169.254.170.2 and .23, fd00:ec2::254), Alibaba (100.100.100.200), Azure (168.63.129.16), Oracle
// (192.0.0.192), and link-local in general (RFC 3927, RFC 4291); multicast and reserved (RFC 6890).
never.addSubnet('169.254.0.0', 16, 'ipv4');
never.addAddress('100.100.100.200', 'ipv4');
never.addAddress('168.63.129.16', 'ipv4');
never.addAddress('192.0.0.192', 'ipv4');
never.addSubnet('0.0.0.0', 8, 'ipv4');
never.addSubnet('224.0.0.0', 3, 'ipv4');
never.addSubnet('fe80::', 10, 'ipv6');
never.addSubnet('fd00:ec2::', 32, 'ipv6');
never.addSubnet('ff00::', 8, 'ipv6');
never.addAddress('::', 'ipv6');

/** This machine, where Lambda's own runtime interface listens. */
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

// Source: RFC 1918, RFC 6598, RFC 4193.
const privateNetworks = new BlockList();
privateNetworks.addSubnet('10.0.0.0', 8, 'ipv4');
privateNetworks.addSubnet('172.16.0.0', 12, 'ipv4');
privateNetworks.addSubnet('192.168.0.0', 16, 'ipv4');
privateNetworks.addSubnet('100.64.0.0', 10, 'ipv4');
privateNetworks.addSubnet('fc00::', 7, 'ipv6');

/** As IPv4 where NAT64 (RFC 6052) or 6to4 (RFC 3056) leads there; mapped addresses (RFC 4291) are matched as IPv4 by BlockList itself. */
function plainAddress(address: string): string {
  const bare = bareHost(address).split('%')[0]!;
  if (isIP(bare) !== 6) return bare;
  const words = wordsOf(bare);
  const from = (at: number) => [words[at]! >> 8, words[at]! & 255, words[at + 1]! >> 8, words[at + 1]! & 255].join('.');
  if (words.slice(0, 6).join(' ') === '100 65435 0 0 0 0') return from(6);
  return words[0] === 0x2002 ? from(1) : bare;
}

/** The eight words of an IPv6 address; URL writes it without dots. */
function wordsOf(address: string): readonly number[] {
  const canonical = bareHost(new URL(`http://[${address}]/`).hostname);
  const [left = '', right] = canonical.split('::');
  const words = (text: string) => (text === '' ? [] : text.split(':').map(word => Number.parseInt(word, 16)));
  const [head, tail] = [words(left), words(right ?? '')];
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
}

function isIn(list: BlockList, address: string): boolean {
  const plain = plainAddress(address);
  const family = isIP(plain);
  return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}

/** Forbidden however it is written. */
export const isForbidden = (address: string): boolean => isIn(never, address);

/** Why a name that leads to this address is not followed; undefined when it is. */
export function refusedByName(address: string, vantage: Vantage): GuardCode | undefined {
  if (isIn(never, address)) return 'FORBIDDEN_ADDRESS';
  if (isIn(loopback, address)) return 'LOOPBACK_BY_NAME';
  return vantage === 'internet' && isIn(privateNetworks, address) ? 'PRIVATE_BY_NAME' : undefined;
}

export type GuardCode = 'FORBIDDEN_ADDRESS' | 'LOOPBACK_BY_NAME' | 'PRIVATE_BY_NAME';

export class ForbiddenAddress extends Error {
  readonly code: GuardCode;

  constructor(hostname: string, code: GuardCode = 'FORBIDDEN_ADDRESS') {
    super(hostname);
    this.code = code;
  }
}

type Resolve = typeof lookup;

/** Node's own lookup, that refuses a name as soon as one of its addresses is refused. Sockets call it only for names. */
export function guardedLookup(vantage: Vantage, resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, options as LookupOptions, (error, address, family) => {
      const all = (typeof address === 'string' ? [{ address, family }] : (address ?? [])) as readonly LookupAddress[];
      const refused = error === null ? all.map(each => refusedByName(each.address, vantage)).find(Boolean) : undefined;
      const code = refused === 'LOOPBACK_BY_NAME' && isLocalhost(hostname) ? undefined : refused;
      if (code !== undefined)
        return (callback as (error: Error, address: string, family: number) => void)(new ForbiddenAddress(hostname, code), '', 0);
      return (callback as (error: Error | null, address: unknown, family: number) => void)(error, address, family);
    });
  };
}

/** A name that means this machine as plainly as its address does. */
const isLocalhost = (hostname: string): boolean => /^localhost\.?$/i.test(hostname);
