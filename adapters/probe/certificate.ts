import type { Socket } from 'node:net';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import type { EpochMs } from '../../core/time/instant.ts';

/** When the certificate ends that the target showed; undefined without TLS, or when the target has hung up already. */
export function certificateEnd(socket: Socket): EpochMs | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const shown = socket.getPeerCertificate() as PeerCertificate | null;
  const ends = Date.parse(shown?.valid_to ?? '');
  return Number.isNaN(ends) ? undefined : ends;
}
