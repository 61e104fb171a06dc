import { describe, expect, it } from 'vitest';
import { createResourceMeter, type ResourcePort } from '../../bot/index.ts';

const io = (read: number, written: number) =>
  `rchar: 9\nwchar: 9\nread_bytes: ${read}\nwrite_bytes: ${written}\ncancelled_write_bytes: 0\n`;
const dev = (received: number, sent: number) =>
  `Inter-|   Receive  |  Transmit\n face |bytes packets|bytes packets\n    lo: 777 1 0 0 0 0 0 0 777 1 0 0 0 0 0 0\n  eth0: ${received} 1 0 0 0 0 0 0 ${sent} 1 0 0 0 0 0 0\n`;

/** A machine whose counters are set by hand. */
function machine(files: Readonly<Record<string, string>> = {}) {
  const now = { ms: 0, cpu: 0, files };
  const port: ResourcePort = {
    monotonicMs: () => now.ms,
    cpuMicroseconds: () => now.cpu,
    residentBytes: () => 250_000_000,
    limitBytes: () => 1_000_000_000,
    readProc: path => now.files[path],
  };
  return { now, port };
}

describe('the meter of resources', () => {
  it('gives rates between two readings', () => {
    const { now, port } = machine({ '/proc/self/io': io(1000, 0), '/proc/self/net/dev': dev(0, 100) });
    const read = createResourceMeter(port);
    Object.assign(now, { ms: 2000, cpu: 500_000, files: { '/proc/self/io': io(5000, 800), '/proc/self/net/dev': dev(2048, 300) } });
    expect(read()).toEqual({
      cpuPercent: 25,
      memoryBytes: 250_000_000,
      memoryPercent: 25,
      diskReadBytesPerSecond: 2000,
      diskWriteBytesPerSecond: 400,
      networkReceiveBytesPerSecond: 1024,
      networkTransmitBytesPerSecond: 100,
    });
  });

  it('leaves out what the operating system does not tell', () => {
    const { now, port } = machine();
    const read = createResourceMeter(port);
    Object.assign(now, { ms: 1000, cpu: 10_000 });
    expect(Object.keys(read()).sort()).toEqual(['cpuPercent', 'memoryBytes', 'memoryPercent']);
  });

  it('gives no rate when no time has passed', () => {
    const { port } = machine();
    expect(createResourceMeter(port)()).toEqual({ memoryBytes: 250_000_000, memoryPercent: 25 });
  });

  it('reads this process', () => {
    expect(createResourceMeter()().memoryBytes).toBeGreaterThan(1_000_000);
  });
});
