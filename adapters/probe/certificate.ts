import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { EpochMs } from '../../core/time/instant.ts';

/** When the certificate ends that the target showed; undefined without TLS. */
export function certificateEnd(socket: Socket): EpochMs | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const ends = Date.parse(socket.getPeerCertificate().valid_to);
  return Number.isNaN(ends) ? undefined : ends;
}
