import { describe, expect, it } from 'vitest';
import { type Mrkdwn, parseMrkdwn } from '../../local/web/inbox/mrkdwn.ts';

const text = (value: string): Mrkdwn => ({ kind: 'text', text: value });

describe("Slack's mrkdwn", () => {
  it.each<[string, readonly Mrkdwn[]]>([
    [
      '*bold* _soft_ ~gone~',
      [
        { kind: 'bold', children: [text('bold')] },
        text(' '),
        { kind: 'italic', children: [text('soft')] },
        text(' '),
        { kind: 'strike', children: [text('gone')] },
      ],
    ],
    ['a*b*c', [text('a*b*c')]],
    ['`x *y*`', [{ kind: 'code', text: 'x *y*' }]],
    ['<https://a.example/?x=1&amp;y=2|Runbook>', [{ kind: 'link', href: 'https://a.example/?x=1&y=2', text: 'Runbook' }]],
    ['<https://a.example>', [{ kind: 'link', href: 'https://a.example', text: 'https://a.example' }]],
    ['<!here> <#C1|ops>', [{ kind: 'mention', text: '@here' }, text(' '), { kind: 'mention', text: '#ops' }]],
    ['<!date^1768397400^{date_num} {time_secs}|later>', [text('2026-01-14 13:30:00 UTC')]],
    ['<!date^soon^{time}|later>', [text('later')]],
    [':rotating_light: :unknown_one:', [text('🚨 :unknown_one:')]],
    ['&gt; said\nnot', [{ kind: 'quote', children: [text('said')] }, text('not')]],
    ['a\nb', [text('a'), { kind: 'break' }, text('b')]],
  ])('reads %s', (source, expected) => {
    expect(parseMrkdwn(source)).toEqual(expected);
  });

  it('never makes a mention or a link of escaped text', () => {
    expect(parseMrkdwn('&lt;!channel&gt; &lt;https://x|y&gt; &amp;lt;')).toEqual([text('<!channel> <https://x|y> &lt;')]);
  });
});
