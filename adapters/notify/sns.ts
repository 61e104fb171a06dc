import type { HttpRequest } from './channel.ts';

/** A publication as the request that the SDK makes of it. The region is the topic's, `REGION` where the stack has not made the topic yet. */
export function snsRequest(topicArn: string | undefined, message: string, subject?: string): HttpRequest {
  const arn = topicArn ?? 'arn:aws:sns:REGION:ACCOUNT:made-by-the-stack';
  return {
    url: `https://sns.${arn.split(':')[3]}.amazonaws.com/`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: { Action: 'Publish', TopicArn: arn, ...(subject === undefined ? {} : { Subject: subject }), Message: message },
  };
}
