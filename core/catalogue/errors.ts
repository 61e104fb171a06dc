/** What bots say went wrong, counted by CloudWatch in their log groups. */
import { metric } from './metric.ts';
import { count, share } from './unit.ts';

/** One term for each key and spelling: filter patterns compare case and type. At most 1,024 characters. */
function levelPattern(words: readonly string[], pinoNumbers: readonly number[]): string {
  const keys = ['level', 'severity', 'levelname'];
  const byWord = keys.flatMap(key => words.map(word => `($.${key} = "${word}")`));
  const byNumber = pinoNumbers.map(number => `($.level = ${number})`);
  return `{ ${[...byWord, ...byNumber].join(' || ')} }`;
}

const warnings = ['WARNING', 'WARN', 'warning', 'warn'];
const errors = ['ERROR', 'error', 'Error'];
const criticals = ['CRITICAL', 'critical', 'FATAL', 'fatal'];

export const errorLines = {
  errorCount: metric({
    title: 'Errors per minute',
    means: 'number of errors that name the strategy',
    definition: 'Log lines and error events of level error or critical that carry a strategyId, per minute.',
    formula: 'count of matching log lines in the minute',
    interpretation: 'Compare with the usual noise of the bot; a step up after a release is a regression.',
    unit: 'count',
    source: { from: 'metricFilter', pattern: levelPattern([...errors, ...criticals], [50, 60]), dimension: { Strategy: '$.strategyId' } },
    storage: 'cloudwatch',
    statistic: 'Sum',
    per: { Strategy: 1 },
    audience: ['developer', 'operations'],
    widget: { kind: 'line' },
    watch: {
      alarms: [
        {
          id: 'error-burst',
          kind: 'errorCount',
          severity: 'warning',
          is: 'above',
          limit: count(10),
          everySeconds: 60,
          held: [1, 1],
          silence: 'notBreaching',
          first: 'Read the newest error; if orders are involved, stop the strategy before you debug.',
          runbook: [
            'Open the log table of the developer’s dashboard: is it one error many times, or many errors?',
            'Look for a release or a config change just before the first one.',
          ],
          fires: ['0*3 15', '11'],
          quiet: ['9*10', '_*10', '0*5'],
        },
      ],
    },
  }),
  errorShare: metric({
    title: 'Error share',
    means: 'share of errors among events',
    definition: 'Errors divided by accepted events, over five minutes, when there were at least 100 events.',
    formula: 'errors ÷ events if events ≥ 100, else 0',
    interpretation:
      'The count grows with activity, the share does not. Below 100 events it is 0 by definition; a stopped bot is the heartbeat’s matter.',
    unit: 'share',
    source: {
      from: 'math',
      expression: 'IF(FILL(events, 0) >= 100, FILL(errors, 0) / events, 0)',
      inputs: { errors: { metric: 'errorCount', statistic: 'Sum' }, events: { metric: 'throughput', statistic: 'Sum' } },
    },
    storage: 'computed',
    statistic: 'Maximum',
    per: { Strategy: 1 },
    audience: ['developer', 'operations'],
    widget: { kind: 'line' },
    watch: {
      alarms: [
        {
          id: 'error-share',
          kind: 'errorShare',
          severity: 'warning',
          is: 'above',
          limit: share(0.01),
          everySeconds: 300,
          held: [2, 3],
          silence: 'notBreaching',
          first: 'Read the newest error and compare with the last release.',
          runbook: ['Group the errors by message.', 'Go back one release if they began with it.'],
          fires: [
            { errors: '0*2 3*2', events: '200*4' },
            { errors: '_*2 11 0 11', events: '1000*5' },
          ],
          quiet: [
            { errors: '8*6', events: '1000*6' },
            { errors: '50*6', events: '99*6' },
            { errors: '0*2 50 0*3', events: '1000*6' },
            { errors: '50*6', events: '_*6' },
          ],
        },
      ],
    },
  }),
  criticalCount: metric({
    title: 'Critical errors',
    means: 'number of critical lines of all bots',
    definition: 'Log lines and error events of level critical or fatal, of all bots together, whether or not they name a strategy.',
    formula: 'count of matching log lines in the minute',
    interpretation: 'Each one is worth reading: a crash, an unhandled exception, a breach.',
    unit: 'count',
    source: { from: 'metricFilter', pattern: levelPattern(criticals, [60]) },
    storage: 'cloudwatch',
    statistic: 'Sum',
    per: {},
    audience: ['developer', 'operations'],
    widget: { kind: 'line' },
    watch: {
      alarms: [
        {
          id: 'critical-error',
          kind: 'errorCount',
          severity: 'critical',
          is: 'above',
          limit: count(0),
          everySeconds: 60,
          held: [1, 1],
          silence: 'notBreaching',
          first: 'Read the line: it names the bot. Check that bot’s open positions first.',
          runbook: [
            'Find the line in the log table, filtered by level critical.',
            'Treat it as a crash until you know better: process, positions, orders.',
          ],
          fires: ['0*3 1'],
          quiet: ['0*10', '_*10'],
        },
      ],
    },
  }),
  fleetErrorCount: metric({
    title: 'Errors of all bots',
    means: 'number of errors of all bots',
    definition: 'Log lines and error events of level error or critical of all bots together, also those that name no strategy.',
    formula: 'count of matching log lines in the minute',
    interpretation: 'More than the sum of the strategies’ errors means that some log lines carry no strategyId.',
    unit: 'count',
    source: { from: 'metricFilter', pattern: levelPattern([...errors, ...criticals], [50, 60]) },
    storage: 'cloudwatch',
    statistic: 'Sum',
    per: {},
    audience: ['developer', 'operations'],
    widget: { kind: 'line' },
    watch: {
      alarms: [
        {
          id: 'fleet-error-burst',
          kind: 'errorCount',
          severity: 'warning',
          is: 'above',
          limit: count(50),
          everySeconds: 60,
          held: [2, 3],
          silence: 'notBreaching',
          first: 'Look whether one venue or one host is common to all of them.',
          runbook: ['Group the errors by bot, then by message.', 'Common to all: venue, network, a shared library’s release.'],
          fires: ['5*3 60*2', '51 0 51'],
          quiet: ['45*10', '0 500 0*5', '_*10'],
        },
      ],
    },
  }),
  warningCount: metric({
    title: 'Warnings',
    means: 'number of warnings of all bots',
    definition: 'Log lines and error events of level warning, of all bots together.',
    formula: 'count of matching log lines in the minute',
    interpretation: 'A rising floor over weeks is debt; a step is a hint about what broke a little later.',
    unit: 'count',
    source: { from: 'metricFilter', pattern: levelPattern(warnings, [40]) },
    storage: 'cloudwatch',
    statistic: 'Sum',
    per: {},
    audience: ['developer'],
    widget: { kind: 'line' },
    watch: { alarms: 'none', because: 'a warning needs no hand; what follows from it has an alarm' },
  }),
};
