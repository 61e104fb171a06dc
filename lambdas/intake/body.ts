import { gunzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { maxBodyBytes, maxPlainBytes, type Refusal } from '../../core/intake/refusal.ts';
import { err, ok, type Result } from '../../core/result.ts';

/** The bytes as they were sent, which are what was signed. */
export const sentBody = ({ body, isBase64Encoded }: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>): Buffer =>
  Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');

/** The bytes without compression. Stops as soon as they become more than is taken. */
export function plainBody(sent: Buffer, encoding: string | undefined): Result<Buffer, Refusal> {
  if (sent.length > maxBodyBytes)
    return err({ code: 'BODY_TOO_LARGE', message: `a body must have at most ${maxBodyBytes} bytes as sent; had ${sent.length}` });
  if (encoding?.trim().toLowerCase() !== 'gzip') return ok(sent);
  try {
    return ok(gunzipSync(sent, { maxOutputLength: maxPlainBytes }));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      return err({ code: 'BODY_TOO_LARGE', message: `a body must have at most ${maxPlainBytes} bytes when decompressed` });
    return err({ code: 'NOT_GZIP', message: 'content-encoding says gzip, and the body is none' });
  }
}
