import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { unhurried } from '../postgres/index.js';
import type { SealableEvent } from './leaf.js';
import { type Checked, checkLog, type Finding, type LogRow } from './log.check.js';
import { rowsOf } from './log.rows.js';
import { linesOf } from './text.lines.js';
import { TrustedCheckpoints } from './trusted.checkpoints.js';

const text = z.string();
const uuid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

/** A line of an export: everything that the seal of an event covers, and nothing else. */
const line = z.strictObject({
  leafIndex: z.int().min(0),
  leafHash: z.base64().length(44),
  patientId: uuid,
  auditEventId: uuid,
  action: text,
  actor: text,
  actorRole: text.nullable(),
  reason: text.nullable(),
  legalBasis: text.nullable(),
  deletionId: uuid,
  purged: z.array(z.json()).nullable(),
  failure: z.record(text, z.json()).nullable(),
  requestId: text,
  /** Both are left out of events from before they were kept. */
  actorSource: z.record(text, z.json()).nullable().optional(),
  requestedAt: text.optional(),
  occurredAt: text,
  salt: uuid,
});

/** An export of the log cannot be made from what is stored; the message names the event. */
export class ExportRefused extends Error {
  override readonly name = 'ExportRefused';
}

/**
 * The log as JSON lines, in the order of its leaves, ended by newlines; salts included: whoever has it can compute
 * every seal, and sees which patient each event is about. Keep it as safe as the log itself.
 *
 * @param size only the first so many events: the size of the checkpoint that goes with it
 * @throws ExportRefused where a sealed event is gone
 */
export function exportLog(
  manager: EntityManager,
  size: number,
  write: (lines: string, events: number) => Promise<void>,
): Promise<void> {
  return unhurried(manager, async (session) => {
    let lines: string[] = [];
    for await (const row of rowsOf(session, size)) {
      lines.push(lineOf(row));
      if (lines.length < 500) continue;
      await write(lines.join(''), lines.length);
      lines = [];
    }
    if (lines.length > 0) await write(lines.join(''), lines.length);
  });
}

function lineOf({ leafIndex, leafHash, auditEventId, event }: LogRow): string {
  if (event === undefined)
    throw new ExportRefused(
      `Event ${leafIndex} (${auditEventId ?? 'unknown'}) was sealed and is gone from the database. No export was made; run ` +
        '`npx silgi verify-audit`.',
    );
  const { patientId, action, actor, actorRole, reason, legalBasis, deletionId, purged, failure } = event;
  const { requestId, actorSource, requestedAt, occurredAt, salt } = event;
  const hash = Buffer.from(leafHash).toString('base64');
  return `${serialised({
    leafIndex,
    leafHash: hash,
    patientId,
    auditEventId: event.auditEventId,
    action,
    actor,
    actorRole,
    reason,
    legalBasis,
    deletionId,
    purged,
    failure,
    requestId,
    ...(requestedAt !== null && { actorSource, requestedAt }),
    occurredAt,
    salt,
  })}\n`;
}

/**
 * The log in an export, which may have been copied through a system that ends lines with CR and LF. A line that is no
 * line of one counts as an edited event in the place where it stands.
 */
export async function* rowsInExport(path: string): AsyncGenerator<LogRow> {
  let place = 0;
  for await (const one of linesOf(path)) yield rowOf(one.replace(/\r?\n?$/, ''), place++);
}

/**
 * Holds an export against checkpoints, without database and service.
 *
 * @param notes signed checkpoints
 * @param verifierKey the key that is trusted
 * @returns with the number of the checkpoints; where there was none, nothing has been proven
 * @throws SignedNoteRefused where the key itself is malformed; the file system's error where the export cannot be read
 */
export async function checkExport(
  path: string,
  notes: AsyncIterable<string> | Iterable<string>,
  verifierKey: string,
  progress?: (checked: number) => void,
): Promise<Checked & { readonly forged: readonly Finding[]; readonly checkpoints: number }> {
  const trusted = new TrustedCheckpoints(verifierKey);
  let checkpoints = 0;
  for await (const note of notes) {
    checkpoints++;
    await trusted.open(note, 'the file');
  }
  const checked = await checkLog(() => rowsInExport(path), trusted.roots, progress);
  return { ...checked, forged: trusted.forged, checkpoints };
}

/** One line of JSON: the separators that JSON allows and readers of lines do not are escaped. */
function serialised(value: object): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

function rowOf(text: string, place: number): LogRow {
  try {
    const {
      leafIndex,
      leafHash,
      actorSource = null,
      requestedAt = null,
      ...rest
    } = line.parse(JSON.parse(text));
    const event = { ...rest, actorSource, requestedAt };
    // Doubled keys and numbers beyond their precision would be read as something else than they say.
    if (serialised(JSON.parse(text) as object) !== text) return unreadable(place);
    return {
      leafIndex,
      leafHash: Buffer.from(leafHash, 'base64'),
      auditEventId: event.auditEventId,
      event: event as unknown as SealableEvent,
    };
  } catch {
    return unreadable(place);
  }
}

function unreadable(leafIndex: number): LogRow {
  return { leafIndex, auditEventId: null, leafHash: new Uint8Array(), event: undefined };
}
