/**
 * The demo fleet: three paper bots. Copy it, put your own bots in, and put the secrets' values into Secrets Manager.
 * In a project of your own: import { defineConfig } from 'nightdesk';
 */
import { defineConfig } from '../core/config/define.ts';

export default defineConfig({
  stage: 'demo',
  bots: [
    {
      id: 'momentum-btc',
      venue: 'kraken-sim',
      currency: 'USDT',
      initialCapital: '100000',
      limits: { dailyLoss: '1500', drawdown: 0.1, positionQty: '1', rejectShare: 0.1, orderLatencyMs: 500, marketDataAgeSeconds: 60 },
      // Heartbeats and critical events may also come directly, signed with the key in this secret (docs/intake.md).
      intake: { key: { secretName: 'nightdesk/demo/intake/momentum-btc' } },
    },
    {
      id: 'meanrev-eth',
      venue: 'okx-sim',
      currency: 'USDT',
      initialCapital: '100000',
      limits: { dailyLoss: '1500', drawdown: 0.1, positionQty: '12', rejectShare: 0.1 },
    },
    {
      id: 'trend-sol',
      venue: 'bybit-sim',
      currency: 'USDT',
      initialCapital: '50000',
      limits: { dailyLoss: '1000', drawdown: 0.12, positionQty: '160', rejectShare: 0.1 },
    },
  ],
  channels: {
    slack: { kind: 'slack', webhook: { secretName: 'nightdesk/demo/slack' } },
    pagerduty: { kind: 'pagerduty', routingKey: { secretName: 'nightdesk/demo/pagerduty' } },
  },
  routes: { critical: ['slack', 'pagerduty'], warning: ['slack'], info: ['slack'] },
  retentionDays: 30,
  // Six rows more than the fifteen per bot: about $1.80 a month for each bot.
  publish: ['netPnl', 'maxDrawdown', 'diskIo', 'networkLatency', 'networkBandwidth', 'queueLength'],
});
