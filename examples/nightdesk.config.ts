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
      venue: 'paper',
      currency: 'USDT',
      initialCapital: '100000',
      limits: { dailyLoss: '2500', drawdown: 0.1, positionQty: '5', rejectShare: 0.2, orderLatencyMs: 500, marketDataAgeSeconds: 60 },
    },
    {
      id: 'meanrev-eth',
      venue: 'paper',
      currency: 'USDT',
      initialCapital: '50000',
      limits: { dailyLoss: '1500', drawdown: 0.12, positionQty: '60', rejectShare: 0.2 },
    },
    {
      id: 'trend-sol',
      venue: 'paper',
      currency: 'USDT',
      initialCapital: '25000',
      limits: { dailyLoss: '1000', drawdown: 0.15, positionQty: '1500', rejectShare: 0.2 },
    },
  ],
  channels: {
    desk: { kind: 'slack', webhook: { secretName: 'nightdesk/demo/slack' } },
    oncall: { kind: 'pagerduty', routingKey: { secretName: 'nightdesk/demo/pagerduty' } },
  },
  routes: { critical: ['desk', 'oncall'], warning: ['desk'], info: ['desk'] },
  retentionDays: 30,
  // Six rows more than the fifteen per bot: about $1.80 a month for each bot.
  publish: ['netPnl', 'maxDrawdown', 'diskIo', 'networkLatency', 'networkBandwidth', 'queueLength'],
});
