/** Builders of pages for the channels' tests. All names and numbers are invented. */
import type { Duty } from '../../core/incidents/incident.ts';
import { linksFor } from '../../core/incidents/links.ts';
import { composePage, type Page, type PageContext } from '../../core/incidents/page.ts';
import type { Signal } from '../../core/incidents/signal.ts';

export const atMs = Date.parse('2026-11-22T03:03:41.512Z');

export const signal = (changes: Partial<Signal> = {}): Signal => ({
  key: 'v1:order-rejects:Strategy=momentum',
  source: 'fast',
  state: 'ALARM',
  atMs,
  sinceMs: atMs - 180_000,
  severity: 'critical',
  alarm: 'prod-order-rejects-momentum',
  row: 'orderRejectCount',
  alarmId: 'order-rejects',
  symptom: 'order rejects',
  dimensions: { Strategy: 'momentum', Venue: 'kraken' },
  value: 12,
  limit: 5,
  sentence: 'More orders are refused than the limit allows.',
  reason: 'Threshold Crossed: 2 out of the last 3 datapoints were greater than the threshold (5.0).',
  firstAction: 'Check the venue’s status page, then the last rejected orders.',
  runbook: 'https://runbooks.example.com/rejects',
  children: [],
  logLines: [],
  released: false,
  ...changes,
});

const links = linksFor({ baseUrl: 'https://desk.example.com', logGroupOf: id => `/nightdesk/prod/${id}` });

export const page = (duty: Duty = 'trigger', changes: Partial<Signal> = {}, context: Partial<PageContext> = {}): Page =>
  composePage(signal({ ...(duty === 'resolve' ? { state: 'OK' as const } : {}), ...changes }), duty, changes.severity ?? 'critical', {
    nowMs: atMs,
    links,
    openedAtMs: atMs - 180_000,
    incidentId: `2026-11-22T03:00:41.512Z#${changes.key ?? 'v1:order-rejects:Strategy=momentum'}`,
    environment: 'prod',
    money: {
      strategyId: 'momentum',
      positions: [{ instrumentId: 'BTC-USD', qty: '1.5', avgPx: '61000', unrealizedPnl: '-420.5', currency: 'USD', markAgeSeconds: 4 }],
      currency: 'USD',
      sessionPnl: -1_234.5,
      openOrders: 3,
      tradingState: 'active',
      ageSeconds: 5,
    },
    ...(duty === 'acknowledge' ? { acknowledged: { by: 'ana', atMs } } : {}),
    ...context,
  });
