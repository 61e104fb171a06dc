import { describe, expect, test } from 'vitest';
import { type LogRecord, parseLogsQuery, runLogsQuery } from '../../core/cloudwatch/logs-query.ts';

const START = Date.UTC(2026, 2, 9, 13, 30);
const messages = [
  JSON.stringify({ level: 'ERROR', error: { name: 'Timeout' }, latencyMs: 120 }),
  'plain text with a Timeout',
  JSON.stringify({ level: 'INFO', latencyMs: 40, service: 'orders' }),
  JSON.stringify({ level: 'ERROR', error: { name: 'Rejected' }, latencyMs: '80', service: 'orders' }),
];
const records: readonly LogRecord[] = messages.map((message, at) => ({ atMs: START + at * 60_000, message, group: '/g', stream: 's1' }));

function run(text: string) {
  const query = parseLogsQuery(text);
  if (!query.ok) throw new Error(query.error.message);
  return runLogsQuery(query.value, records);
}

describe('queries', () => {
  test.each<[string, readonly (readonly (string | number | null)[])[]]>([
    ['fields latencyMs | filter level = "ERROR" | sort latencyMs asc', [['80'], [120]]],
    ['fields error.name as name | filter ispresent(error.name)', [['Rejected'], ['Timeout']]],
    ['filter latencyMs >= 80 and level in ["ERROR", "WARN"] | stats count(*) as n', [[2]]],
    ['filter @message like /(?i)timeout/ | fields @timestamp', [['2026-03-09 13:31:00.000'], ['2026-03-09 13:30:00.000']]],
    ['filter @message like "Timeout" and not ispresent(level) | fields @message', [['plain text with a Timeout']]],
    ['filter level != "ERROR" or latencyMs > 100 | stats count(*)', [[3]]],
    [
      'stats count(*) as n, avg(latencyMs) as mean by level | sort n desc, level asc',
      [
        ['ERROR', 2, 100],
        [null, 1, null],
        ['INFO', 1, 40],
      ],
    ],
    [
      'stats max(latencyMs) as worst, latest(level) as last by bin(2m) as slot | sort slot asc',
      [
        ['2026-03-09 13:30:00.000', 120, 'ERROR'],
        ['2026-03-09 13:32:00.000', 80, 'ERROR'],
      ],
    ],
    ['fields latencyMs * 2 as twice | filter twice > 100 | sort twice desc | limit 1', [[240]]],
    ['parse @message "plain * with a *" as what, name | filter ispresent(what) | display what, name', [['text', 'Timeout']]],
    [
      'parse @message /"level":"(?<lvl>\\w+)"/ | stats count(*) as n by lvl | sort lvl asc',
      [
        [null, 1],
        ['ERROR', 2],
        ['INFO', 1],
      ],
    ],
    ['filter ispresent(level) | dedup level | fields level', [['ERROR'], ['INFO']]],
    ['stats pct(latencyMs, 50) as median, count_distinct(service) as services', [[80, 1]]],
  ])('%s', (text, expected) => {
    expect(run(text).rows).toEqual(expected);
  });

  test('without fields: time and message, newest first', () => {
    const result = run('# everything\nlimit 2');
    expect(result.fields).toEqual(['@timestamp', '@message']);
    expect(result.rows.map(row => row[0])).toEqual(['2026-03-09 13:33:00.000', '2026-03-09 13:32:00.000']);
    expect(result.scanned).toBe(4);
  });
});

test.each([
  ['select *', 'a command is fields, display, filter, parse, stats, sort, limit or dedup'],
  ['filter level =', 'a field is a name, such as @timestamp or error.name'],
  ['fields a filter b', 'commands are separated by |'],
  ['stats level', 'stats takes aggregations such as count(*), sum(x), avg(x), min(x), max(x), pct(x, 99)'],
  ['filter a like b', 'like is followed by a text in quotes or a /regular expression/'],
])('%s is refused', (text, rule) => {
  const query = parseLogsQuery(text);
  expect(query.ok ? '' : query.error.rule).toBe(rule);
});
