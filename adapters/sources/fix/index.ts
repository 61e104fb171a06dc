/** FIX 4.0 to 5.0 SP2: message logs of sessions and drop copies. */
import { joined, type Mapped, nothing, type RawRecord, type SourceFormat } from '../source.ts';
import { readExecutionReport } from './execution-report.ts';
import { type FixMessage, messagesIn } from './message.ts';
import { noteRequest, readCancelReject, readLogout, readNewOrder, readPositionReport, readReject } from './other-messages.ts';
import { count, memoryOf, openSession, type Session } from './session.ts';

type Reader = (session: Session, message: FixMessage, place: string) => Mapped;

const readers: Readonly<Record<string, Reader>> = {
  '8': readExecutionReport,
  '9': readCancelReject,
  '3': readReject,
  j: readReject,
  AP: readPositionReport,
  '5': readLogout,
  D: readNewOrder,
  F: (session, message) => noteRequest(session, message, 'F', message.get(41)),
  G: (session, message) => noteRequest(session, message, 'G', message.get(41)),
};

function notesOf({ counts }: Session): string[] {
  return [...counts].map(([what, times]) => `${times} ${what}.`);
}

export const fix: SourceFormat = {
  name: 'fix',
  reads: 'FIX 4.0 to 5.0 SP2 message logs, SOH or | between fields, with or without a time before each message (QuickFIX layout)',
  framing: 'lines',
  mapping: [
    [
      'execution',
      'ExecutionReport (35=8) with ExecType F, 1, 2; H and G, or ExecTransType 1 and 2, are busts and corrections by ExecRefID (19)',
    ],
    [
      'order',
      'ExecutionReport of every other ExecType; our NewOrderSingle (35=D) as pendingNew; OrderCancelReject (35=9); Reject (35=3) and BusinessMessageReject (35=j) of a known request',
    ],
    ['position', 'PositionReport (35=AP): long less short of PosType FIN, else TOT, else TQ'],
    ['error', 'Reject and BusinessMessageReject of anything else; Logout (35=5)'],
  ],
  lost: [
    'Venue: the sender of the report (49), or --venue; LastMkt (30) is kept beside it. Strategy: our CompID (56), or --strategy.',
    'Instrument: Symbol with suffix, maturity, right and strike; SecurityID only where there is no Symbol. Contract multipliers are not told: send a `reference` event.',
    'Commission is taken as that of the one fill it stands on; a fee without any currency is left out and named.',
    'A currency pair settles in its second currency unless SettlCurrency (120) says otherwise, whatever Currency (15) was dealt.',
    'Status reports (ExecType I), heartbeats, test and resend requests, sequence numbers and gaps of the session, quotes and market data.',
    'Multileg reports are taken leg by leg as they come; allocations and parties are not read.',
    'A cancel reject names no instrument and no side: they come from earlier messages of the log, and when there are none the reject is an `error` event.',
  ],
  open: (context, memory) => {
    const session = openSession(context, memory);
    const read = (message: FixMessage, place: string): Mapped => {
      const type = message.get(35) ?? '';
      const reader = readers[type];
      if (!message.checksumHolds) count(session, 'messages whose CheckSum (10) does not fit: the log was edited');
      if (reader !== undefined) return reader(session, message, place);
      count(session, `messages of type ${type}, which have no event`);
      return nothing;
    };
    const map = ({ place, value }: RawRecord): Mapped =>
      joined(
        messagesIn(String(value)).map(found =>
          found.kind === 'message'
            ? read(found.message, place)
            : { events: [], problems: [{ place, message: `FIX message ${found.message}` }] },
        ),
      );
    return { map, notes: () => notesOf(session), memory: () => memoryOf(session) };
  },
};
