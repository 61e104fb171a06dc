import { describe, expect, test } from 'vitest';
import { compileFilterPattern, logMessage } from '../../core/cloudwatch/filter-pattern.ts';

function matcher(pattern: string) {
  const compiled = compileFilterPattern(pattern);
  if (!compiled.ok) throw new Error(compiled.error.message);
  return compiled.value;
}

const matching = (pattern: string, lines: readonly string[]) => lines.filter(line => matcher(pattern).matches(line));

describe('terms', () => {
  const lines = ['[INFO] request failed', '[WARN] unauthorized request', '[ERROR] 400 bad request', 'ERROR WARN'];

  test.each([
    ['request', [0, 1, 2]],
    ['ERROR WARN', [3]],
    ['?ERROR ?WARN', [1, 2, 3]],
    ['ERROR -WARN', [2]],
    ['?ERROR ?WARN request', [0, 1, 2]],
    ['"[ERROR]"', [2]],
    ['-request', [3]],
    ['%[0-9]{3}%', [2]],
    ['', [0, 1, 2, 3]],
    ['" "', [0, 1, 2, 3]],
    ['error', []],
  ])('%s', (pattern, expected) => {
    expect(matching(pattern, lines)).toEqual(expected.map(at => lines[at]));
  });
});

describe('JSON', () => {
  const event = JSON.stringify({
    level: 'WARNING',
    code: 404,
    text: '404',
    pnl: '-12.50',
    nested: { 'dotted.name': 'x', list: [{ id: 1 }, { id: 2 }], deep: [[0, 1]] },
    flag: true,
    nothing: null,
    object: {},
  });

  test.each([
    ['{ $.level = "WARN*" }', true],
    ['{ $.level = "*ING" }', true],
    ['{ $.level = "*RNI*" }', true],
    ['{ $.level = "WAR*NG" }', false],
    ['{ $.level = WARNING }', true],
    ['{ $.level != "WARN*" }', false],
    ['{ $.level = %^WARN(ING)?% }', undefined],
    ['{ $.level = %^WARN% }', true],
    ['{ $.level != %^ERR% }', true],
    ['{ $.code = 404 }', true],
    ['{ $.code = 4* }', true],
    ['{ $.code = 4.04e2 }', true],
    ['{ $.code >= 404 && $.code < 405 }', true],
    ['{ $.code > 404 }', false],
    ['{ $.text = 404 }', true],
    ['{ $.pnl < -10 }', true],
    ['{ $.nested.[\'dotted.name\'] = "x" }', true],
    ['{ $.nested["dotted.name"] = "x" }', true],
    ['{ $.nested.list[1].id = 2 }', true],
    ['{ $.nested.list[*].id = 2 }', true],
    ['{ $.nested.list[*].id = 3 }', false],
    ['{ $.nested.deep[0][1] = 1 }', true],
    ['{ $.* = "WARNING" }', true],
    ['{ $.flag IS TRUE }', true],
    ['{ $.flag IS FALSE }', false],
    ['{ $.nothing IS NULL }', true],
    ['{ $.nothing NOT EXISTS }', false],
    ['{ $.absent NOT EXISTS }', true],
    ['{ $.absent IS NULL }', false],
    ['{ $.absent != "x" }', false],
    ['{ $.object = "x" }', false],
    ['{ $.object != "x" }', false],
    ['{ $.code = * }', true],
    ['{ $.nothing = * }', false],
    ['{ ($.code = 1 || $.flag IS TRUE) && ($.level = "X" || ($.code = 404 && $.text = "404")) }', true],
    ['{ $.code = 1 || $.flag IS TRUE && $.level = "X" }', false],
  ])('%s', (pattern, expected) => {
    const compiled = compileFilterPattern(pattern);
    expect(compiled.ok ? compiled.value.matches(event) : undefined).toBe(expected);
  });

  test('lines that are no JSON do not match, not even a negation', () => {
    expect(matching('{ $.a != 1 }', ['plain text', '{"a":', '{"a":2}', '[{"a":2}]'])).toEqual(['{"a":2}']);
  });

  test('an escaped value is found although its text stands otherwise in the line', () => {
    expect(matcher('{ $.eventType = "heartbeat" }').matches('{"eventType":"heart\\u0062eat"}')).toBe(true);
  });

  test('values of metrics and dimensions are extracted', () => {
    const heartbeat = matcher('{ $.eventType = "heartbeat" }');
    const line = logMessage('{"eventType":"heartbeat","strategyId":"s1","latency":12.5,"list":[1]}');
    expect(['$.strategyId', '$.latency', '$.absent', '$.list', '$.list[0]'].map(selector => heartbeat.extract(line, selector))).toEqual([
      's1',
      12.5,
      undefined,
      undefined,
      1,
    ]);
  });
});

describe('space-delimited fields', () => {
  const access = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';

  test.each([
    ['[ip=%127\\.0\\.0\\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]', true],
    ['[..., request =*.html*, status_code = 4*, bytes]', true],
    ['[ip, user, ..., status_code, bytes > 1000]', true],
    ['[ip, user, ..., bytes > 2000]', false],
    ['[..., status_code = 404 || status_code = 410, bytes]', true],
    ['[..., status_code = 4* && status_code != 404, bytes]', false],
    ['[..., (status_code = 500 || status_code = 404) && status_code < 500, bytes]', true],
    ['[..., status_code=4*,]', true],
    ['[ip, user, username, timestamp, request, status_code, bytes, more]', false],
  ])('%s', (pattern, expected) => {
    expect(matcher(pattern).matches(access)).toBe(expected);
  });

  test('the last field takes the rest of the line', () => {
    const lines = ['INFO 12:00 GET /service 1200', 'WARNING 12:01 Invalid user request', 'ERROR 12:02 Failed'];
    expect(matching('[w1=ERROR || w1=WARNING, w2]', lines)).toEqual(lines.slice(1));
    expect(matching('[w1!=ERROR && w1!=WARNING, w2]', lines)).toEqual(lines.slice(0, 1));
    expect(matcher('[w1=WARNING, w2]').extract(lines[1] ?? '', '$w2')).toBe('12:01 Invalid user request');
  });

  test('fields are extracted by name, and by number where they have none', () => {
    const fields = matcher('[..., request=*.html*, status_code=4*,]');
    expect(['$status_code', '$request', '$7', '$4', '$3', '$1'].map(selector => fields.extract(access, selector))).toEqual([
      '404',
      'GET /index.html HTTP/1.0',
      '1534',
      '10/Oct/2000:13:25:15 -0700',
      'frank',
      '127.0.0.1',
    ]);
  });
});

test.each([
  ['{ $.a = }', 'a comparison has a value on its right', 8],
  ['{not json', 'a selector starts with $', 1],
  ['{ $.a IS NOT NULL }', 'IS is followed by NULL, TRUE or FALSE', 9],
  ['{ $.a = 1 ', 'a JSON pattern ends with }, and its conditions are joined by && or ||', 10],
  ['{ ($.a = 1 }', 'an opened parenthesis is closed', 11],
  ['ERROR:', 'a term with characters other than letters, digits and _ stands in double quotes', 5],
  ['"open', 'a quoted text ends with "', 0],
  ['%a(b)%', 'a regular expression holds only letters, digits, : _ # = @ / ; , - and the operators ^ $ ? [ ] { } | \\ * + .', 2],
  ['%a% %b% %c%', 'a pattern has at most 2 regular expressions', 8],
  ['{ $.a[*].b[*] = 1 }', 'a selector has at most one wildcard', 13],
  ['[a, b', 'fields are separated by commas, and the pattern ends with ]', 5],
])('%s is refused with its place', (pattern, rule, position) => {
  const compiled = compileFilterPattern(pattern);
  expect(compiled.ok ? undefined : compiled.error).toMatchObject({ rule, position });
});
