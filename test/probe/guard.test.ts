import type { lookup } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { guardedLookup, isForbidden, refusedByName, type Vantage } from '../../adapters/probe/guard.ts';

describe('addresses that nobody may be sent to, however they are written', () => {
  it.each([
    '169.254.169.254',
    '169.254.170.2',
    '[::ffff:169.254.169.254]',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    'fd00:ec2::254',
    'fe80::1%eth0',
    '100.100.100.200',
    '168.63.129.16',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    '255.255.255.255',
    'ff02::1',
  ])('%s', address => {
    expect(isForbidden(address)).toBe(true);
    expect([refusedByName(address, 'vpc'), refusedByName(address, 'internet')]).toEqual(['FORBIDDEN_ADDRESS', 'FORBIDDEN_ADDRESS']);
  });

  it.each(['10.0.0.1', '127.0.0.1', '172.31.255.255', '93.184.216.34', '2600:1f18::1', 'fd12::1', '::ffff:10.0.0.1', 'bot.internal'])(
    'not %s',
    address => expect(isForbidden(address)).toBe(false),
  );
});

describe('a name that leads to', () => {
  it.each([
    ['10.0.3.7', undefined, 'PRIVATE_BY_NAME'],
    ['172.16.0.1', undefined, 'PRIVATE_BY_NAME'],
    ['172.32.0.1', undefined, undefined],
    ['192.168.1.1', undefined, 'PRIVATE_BY_NAME'],
    ['100.64.0.1', undefined, 'PRIVATE_BY_NAME'],
    ['fd12::1', undefined, 'PRIVATE_BY_NAME'],
    ['::ffff:10.0.3.7', undefined, 'PRIVATE_BY_NAME'],
    ['127.0.0.1', 'LOOPBACK_BY_NAME', 'LOOPBACK_BY_NAME'],
    ['::1', 'LOOPBACK_BY_NAME', 'LOOPBACK_BY_NAME'],
    ['::ffff:127.0.0.1', 'LOOPBACK_BY_NAME', 'LOOPBACK_BY_NAME'],
    ['93.184.216.34', undefined, undefined],
  ])('%s is refused from a VPC: %s, from the internet: %s', (address, vpc, internet) => {
    expect([refusedByName(address, 'vpc'), refusedByName(address, 'internet')]).toEqual([vpc, internet]);
  });
});

describe('a lookup', () => {
  /** A resolver that gives these addresses; what the guard makes of them. */
  const resolved = (vantage: Vantage, hostname: string, ...addresses: readonly string[]) =>
    new Promise<unknown>(done => {
      const fake = ((_: string, __: unknown, callback: (error: null, all: unknown) => void) =>
        callback(
          null,
          addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
        )) as unknown as typeof lookup;
      guardedLookup(vantage, fake)(hostname, { all: true }, (error: NodeJS.ErrnoException | null, all: unknown) =>
        done(error?.code ?? all),
      );
    });

  it('refuses a name as soon as one of its addresses is refused: the socket might take any', async () => {
    expect(await resolved('vpc', 'bot.internal', '10.0.0.1', '169.254.169.254')).toBe('FORBIDDEN_ADDRESS');
    expect(await resolved('internet', 'bot.example.com', '93.184.216.34', '10.0.0.1')).toBe('PRIVATE_BY_NAME');
  });

  it('is the one that the connection uses, so an answer that changes gains nothing', async () => {
    const answers = ['10.0.0.1', '169.254.169.254'];
    const fake = ((_: string, __: unknown, callback: (error: null, address: string, family: number) => void) =>
      callback(null, answers.shift()!, 4)) as unknown as typeof lookup;
    const guarded = guardedLookup('vpc', fake);
    const once = () =>
      new Promise<unknown>(done =>
        guarded('bot.internal', {}, (error, address) => done((error as NodeJS.ErrnoException | null)?.code ?? address)),
      );
    expect([await once(), await once()]).toEqual(['10.0.0.1', 'FORBIDDEN_ADDRESS']);
  });

  it('lets localhost be this machine, and nothing else', async () => {
    expect(await resolved('internet', 'localhost', '127.0.0.1')).toEqual([{ address: '127.0.0.1', family: 4 }]);
    expect(await resolved('internet', 'localhost', '169.254.169.254')).toBe('FORBIDDEN_ADDRESS');
    expect(await resolved('internet', 'localhost.example.com', '127.0.0.1')).toBe('LOOPBACK_BY_NAME');
  });
});
