import { describe, expect, test } from 'vitest';
import { levelOfText, normalizeLevel, readLogFields } from '../../core/events/level.ts';

describe('a level', () => {
  test.each([
    ['Python', 'WARNING', 'warning'],
    ['Python', 'CRITICAL', 'critical'],
    ['Java', 'SEVERE', 'error'],
    ['Java', 'FINEST', 'debug'],
    ['log4j', 'FATAL', 'critical'],
    ['winston', 'silly', 'debug'],
    ['syslog', 'notice', 'info'],
    ['syslog', 'emerg', 'critical'],
    ['pino', 10, 'debug'],
    ['pino', 30, 'info'],
    ['pino', 40, 'warning'],
    ['pino', 60, 'critical'],
    ['pino as text', '50', 'error'],
    ['syslog number', 3, 'error'],
    ['syslog number', 6, 'info'],
    ['.NET', 'Information', 'info'],
    ['zap', 'dpanic', 'critical'],
    ['loguru', 'SUCCESS', 'info'],
  ])('of %s, %s, is %s', (_logger, value, level) => {
    expect(normalizeLevel(value)).toBe(level);
  });

  test.each([undefined, null, 'purple', '', -1, Number.NaN, {}, 'constructor'])('that nobody uses, %s, is none', value => {
    expect(normalizeLevel(value)).toBeUndefined();
  });

  test.each([
    [10, 'debug'],
    [20, 'info'],
    [30, 'warning'],
    [40, 'error'],
    [50, 'critical'],
  ])('of Python’s levelno %d is %s', (levelno, level) => {
    expect(readLogFields({ levelno, msg: 'x' })).toEqual({ level, message: 'x' });
  });
});

describe('the level of a plain line', () => {
  test.each([
    ['2026-03-09 13:30:00,123 - bot - ERROR - order failed', 'error'],
    ['[warn] slow answer', 'warning'],
    ['ts=1 level=info msg="hello"', 'info'],
    ['error: no route to venue', 'error'],
    ['Traceback (most recent call last):', 'error'],
    ['[main] INFO started', 'info'],
  ])('%s is %s', (line, level) => {
    expect(levelOfText(line)).toBe(level);
  });

  test.each(['hello world', 'no errors today', ''])('%j is none', line => {
    expect(levelOfText(line)).toBeUndefined();
  });
});
