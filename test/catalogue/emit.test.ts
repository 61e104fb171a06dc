import { describe, expect, it } from 'vitest';
import { functionValues, gaugesToEmf, heartbeatValues, sketchRow, strategyValues } from '../../core/catalogue/emit.ts';

const at = Date.UTC(2026, 2, 9, 13, 30);

describe('embedded metric format', () => {
  it('is one line with the dimensions, the units and the values', () => {
    const lines = gaugesToEmf('Nightdesk/demo', { sessionPnl: -12.5, orderAckLatency: 80 }, { Strategy: 's1' }, at);
    expect(lines.map(line => JSON.parse(line))).toEqual([
      {
        _aws: {
          Timestamp: at,
          CloudWatchMetrics: [
            {
              Namespace: 'Nightdesk/demo',
              Dimensions: [['Strategy']],
              Metrics: [
                { Name: 'SessionPnl', Unit: 'None' },
                { Name: 'OrderAckLatency', Unit: 'Milliseconds' },
              ],
            },
          ],
        },
        Strategy: 's1',
        SessionPnl: -12.5,
        OrderAckLatency: 80,
      },
    ]);
  });

  it('leaves out what is undefined, and is nothing at all without a value', () => {
    expect(gaugesToEmf('n', { sharpe: undefined, sessionPnl: Number.NaN }, {}, at)).toEqual([]);
  });
});

describe('values', () => {
  it('of the ledger are those of rows in CloudWatch', () => {
    expect(strategyValues({ sessionPnl: 1, netPnl: 2 }, {})).toEqual({ sessionPnl: 1 });
    expect(strategyValues({ sessionPnl: 1, netPnl: 2 }, { publish: ['netPnl'] })).toEqual({ sessionPnl: 1, netPnl: 2 });
  });

  it('of a heartbeat add up what belongs together; a missing part counts as nothing, missing parts as absence', () => {
    const resources = { cpuPercent: 3, diskReadBytesPerSecond: 10 };
    expect(heartbeatValues({ resources }, { publish: ['diskIo', 'networkBandwidth'] })).toEqual({ cpuUsage: 3, diskIo: 10 });
  });

  it('of a function are its counters and measures', () => {
    expect(functionValues({ rejectedLines: 2, ingestLagMs: 900 }, {})).toEqual({ rejectedLines: 2, ingestLag: 900 });
  });

  it('of sketches go to CloudWatch when their row does', () => {
    expect(sketchRow('orderAck', {})).toBe('orderAckLatency');
    expect(sketchRow('orderFill', {})).toBeUndefined();
    expect(sketchRow('orderFill', { publish: ['orderFillLatency'] })).toBe('orderFillLatency');
  });
});
