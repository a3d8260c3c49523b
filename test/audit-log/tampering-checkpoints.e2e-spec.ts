import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { notesIn } from '../../src/transparency-log/index.js';
import { TrustedCheckpoints } from '../../src/transparency-log/trusted.checkpoints.js';
import { SealedLog, SIZE } from './tampering.stage.js';

let log: SealedLog;

beforeAll(async () => {
  log = await SealedLog.open();
});

afterEach(() => log.restore());

afterAll(() => log.close());

describe('a verification', () => {
  it('opens a checkpoint once, though both the database and the file have it', async () => {
    const opened = jest.spyOn(TrustedCheckpoints.prototype, 'open');
    expect(await log.verify()).toMatchObject({ valid: true, checkpoints: 4, checkpointsInFile: 4 });
    expect(opened).toHaveBeenCalledTimes(4);
    opened.mockRestore();
  });
});

describe('a superuser in the database who', () => {
  it('cuts off the last events with tree and checkpoints is found out by the file outside', async () => {
    await log.tamper(
      `DELETE FROM audit.sharded_audit_event WHERE audit_event_id = ANY (ARRAY['${log.ids.slice(12).join("','")}']::uuid[])`,
      'DELETE FROM audit.audit_log_leaf WHERE leaf_index >= 12',
      'DELETE FROM audit.audit_log_node WHERE (index + 1) << level > 12',
      'DELETE FROM audit.audit_log_checkpoint WHERE tree_size > 12',
    );
    expect(await log.verify()).toMatchObject({
      valid: false,
      size: 12,
      proven: 12,
      firstBadEvent: { what: 'TRUNCATED', leafIndex: 12, lastIndex: 20 },
    });
  });

  it('rewrites the whole tree and signs it with a key of his own is found out', async () => {
    await log.tamper(`UPDATE audit.sharded_audit_event SET actor = 'x' WHERE ${log.event(7)}`);
    await log.rebuildTree();
    const { valid, findings } = await log.verify();
    expect(valid).toBe(false);
    expect(findings.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['CHECKPOINT_FORGED', 'REWRITTEN']),
    );
  });

  it('rewrites the whole tree under the genuine checkpoints is found out, in the round of the edited event', async () => {
    await log.tamper(`UPDATE audit.sharded_audit_event SET actor = 'x' WHERE ${log.event(7)}`);
    const order = log.ids.map((one, index) => `('${one}'::uuid, ${index})`).join(',');
    // So that the stranger's sealer takes the events in the genuine order.
    await log.tamper(
      `UPDATE audit.sharded_audit_event e SET inserted_by = (1000 + place)::text::xid8 FROM (VALUES ${order}) AS o (id, place) WHERE o.id = e.audit_event_id`,
    );
    await log.rebuildTree();
    await log.tamper(
      'DELETE FROM audit.audit_log_checkpoint',
      'INSERT INTO audit.audit_log_checkpoint SELECT * FROM public.genuine',
    );
    expect((await log.verify()).firstBadEvent).toMatchObject({
      what: 'REWRITTEN',
      leafIndex: 6,
      lastIndex: 11,
    });
  });

  it('rewrites everything in the database, checkpoints included, is found out by the file outside', async () => {
    await log.tamper(`UPDATE audit.sharded_audit_event SET actor = 'x' WHERE ${log.event(0)}`);
    await log.rebuildTree();
    await log.tamper('DELETE FROM audit.audit_log_checkpoint');
    const { valid, firstBadEvent } = await log.verify();
    expect({ valid, firstBadEvent }).toMatchObject({
      valid: false,
      firstBadEvent: { leafIndex: 0, lastIndex: 4 },
    });
  });

  it('forges a checkpoint is found out', async () => {
    await log.tamper(
      "UPDATE audit.audit_log_checkpoint SET note = convert_to(replace(convert_from(note, 'UTF8'), E'\\n12\\n', E'\\n13\\n'), 'UTF8') WHERE tree_size = 12",
    );
    const { valid, findings, proven } = await log.verify();
    expect({ valid, proven }).toEqual({ valid: false, proven: SIZE });
    expect(findings.map(({ what }) => what)).toEqual(['CHECKPOINT_FORGED', 'CHECKPOINT_FORGED']);
  });

  it('files a genuine checkpoint under another size is found out', async () => {
    await log.tamper('UPDATE audit.audit_log_checkpoint SET tree_size = 13 WHERE tree_size = 12');
    expect((await log.verify()).findings).toMatchObject([{ what: 'CHECKPOINT_FORGED' }]);
  });

  it('files a genuine checkpoint with another root is found out', async () => {
    await log.tamper("UPDATE audit.audit_log_checkpoint SET root_hash = sha256('') WHERE tree_size = 12");
    expect((await log.verify()).findings).toMatchObject([{ what: 'CHECKPOINT_FORGED' }]);
  });

  it('files a genuine checkpoint under a size that cannot be counted is found out', async () => {
    await log.tamper(
      "UPDATE audit.audit_log_checkpoint SET tree_size = '9223372036854775807' WHERE tree_size = 12",
    );
    expect((await log.verify()).findings).toMatchObject([{ what: 'CHECKPOINT_FORGED' }]);
  });

  it.each([12, SIZE])(
    'takes out the checkpoint of %d events is found out by the file outside',
    async (size) => {
      await log.tamper(`DELETE FROM audit.audit_log_checkpoint WHERE tree_size = ${size}`);
      const { valid, findings, proven } = await log.verify();
      expect({ valid, proven }).toEqual({ valid: false, proven: SIZE });
      expect(findings).toMatchObject([{ what: 'REMOVED', leafIndex: null, auditEventId: null }]);
      expect(findings[0]?.detail).toContain(`the first of them of ${size} events`);
    },
  );

  it.each([
    [1, (SIZE - 1) / 2],
    [2_147_483_647, 0],
  ])('puts a node (%d, %d) where the tree may grow is found out', async (level, index) => {
    await log.tamper(`INSERT INTO audit.audit_log_node VALUES (${level}, ${index}, sha256(''))`);
    expect((await log.verify()).findings).toMatchObject([{ what: 'INSERTED', leafIndex: null }]);
  });

  it.each([
    ['puts another key on record', "UPDATE audit.audit_log_key SET verifier_key = 'other+00000000+AAAA'"],
    ['takes the key off the record', 'DELETE FROM audit.audit_log_key'],
  ])('%s is found out', async (_, change) => {
    await log.tamper(change);
    const { valid, findings } = await log.verify();
    expect(valid).toBe(false);
    expect(findings).toMatchObject([{ what: 'REWRITTEN', leafIndex: null, auditEventId: null }]);
  });

  it('writes a checkpoint of his own into the file is found out', async () => {
    const [first = ''] = notesIn(log.checkpoints);
    await writeFile(log.home.checkpointsFile, `${first.replace('\n5\n', '\n4\n')}\n${log.checkpoints}`);
    expect((await log.verify()).findings).toMatchObject([{ what: 'CHECKPOINT_FORGED' }]);
    expect(await log.verify()).toMatchObject({ checkpoints: 4, checkpointsInFile: 5 });
  });
});
