import type { TestResult } from './run.ts';

export interface FileResults {
  readonly file: string;
  readonly tests: readonly TestResult[];
}

/** JUnit's XML, as CI servers read it: a suite per file, a failure with the difference. */
export function junitXml(files: readonly FileResults[]): string {
  const all = files.flatMap(({ tests }) => tests);
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="nightdesk test" tests="${all.length}" failures="${failures(all)}">`,
    ...files.flatMap(({ file, tests }) => [
      `  <testsuite name="${escaped(file)}" tests="${tests.length}" failures="${failures(tests)}" errors="0" skipped="0">`,
      ...tests.flatMap(test => testCase(file, test)),
      '  </testsuite>',
    ]),
    '</testsuites>',
  ].join('\n')}\n`;
}

const failures = (tests: readonly TestResult[]): number => tests.filter(({ ok }) => !ok).length;

function testCase(file: string, { name, ok, diff = '' }: TestResult): readonly string[] {
  const head = `    <testcase name="${escaped(name)}" classname="${escaped(file)}"`;
  if (ok) return [`${head}/>`];
  return [`${head}>`, `      <failure message="${escaped(diff.split('\n')[0] ?? '')}">${escaped(diff)}</failure>`, '    </testcase>'];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Escaped text without the control characters that XML cannot hold. */
const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, sign => ENTITIES[sign] ?? '').replace(/[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
