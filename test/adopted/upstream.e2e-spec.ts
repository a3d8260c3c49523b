import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { gone, type Rows, UpstreamStage } from './upstream.stage.js';

let stage: UpstreamStage;
beforeAll(async () => {
  stage = await UpstreamStage.open();
});
afterAll(() => stage.close());

let before: Rows;
beforeEach(async () => {
  before = await stage.rows();
});

describe('what lies upstream of a patient', () => {
  it('leaves with him where nobody else uses it, and comes back', async () => {
    const { counts, restore } = await stage.remove(3);
    expect(gone(before, await stage.rows())).toEqual({
      name: ['(3,Can)'],
      person: ['(3,3)'],
      household: ['(2,2)'],
      membership: ['(3,2)'],
      kinship: ['(3,3,,alone)', '(4,3,99,"with nobody")'],
      remark: ['(3,"since long")'],
    });
    expect(counts).toEqual({
      'his.name': 1,
      'his.person': 1,
      'his.household': 1,
      'his.membership': 1,
      'his.address': 0,
      'his.kinship': 2,
      'his.remark': 1,
    });
    await stage.expectHealthy();
    await restore();
    expect(await stage.rows()).toEqual(before);
    await stage.expectHealthy();
  });

  it('stays where the row of a table that is kept uses it', async () => {
    const { restore } = await stage.remove(4);
    expect(gone(before, await stage.rows())).toEqual({ person: ['(4,4)'] });
    await stage.expectHealthy();
    await restore();
    expect(await stage.rows()).toEqual(before);
  });

  it.each([
    ['in the order in which they were deleted', false],
    ['in the opposite order', true],
  ])('leaves with the last of several, and comes back with them %s', async (_, isOpposite) => {
    const first = await stage.remove(1);
    expect(gone(before, await stage.rows())).toEqual({
      name: ['(1,Ak)'],
      person: ['(1,1)'],
      membership: ['(1,1)'],
    });
    await stage.expectHealthy();
    const second = await stage.remove(2);
    expect(gone(before, await stage.rows())).toEqual({
      name: ['(1,Ak)', '(2,Boz)'],
      person: ['(1,1)', '(2,2)'],
      address: ['(1,"Gül Sokak")'],
      household: ['(1,1)'],
      membership: ['(1,1)', '(2,1)'],
      kinship: ['(1,1,2,married)', '(2,2,1,married)'],
      remark: ['(1,"in church")'],
    });
    await stage.expectHealthy();
    if (isOpposite) {
      await second.restore();
      await stage.expectHealthy();
      await first.restore();
    } else {
      // What he needs has left with the other one.
      await expect(first.restore()).rejects.toMatchObject({ refusal: 'REFERENCE_GONE' });
      await second.restore();
      await first.restore();
    }
    expect(await stage.rows()).toEqual(before);
    await stage.expectHealthy();
  });

  it('leaves once, with one of two who are deleted at the same time', async () => {
    const removed = await stage.behind('SELECT FROM his.household WHERE "Hane" = 1 FOR UPDATE', 2, () =>
      Promise.all([stage.remove(1), stage.remove(2)]),
    );
    for (const [table, rows] of [
      ['his.household', 1],
      ['his.address', 1],
      ['his.kinship', 2],
      ['his.membership', 2],
      ['his.remark', 1],
    ] as const)
      expect([table, removed.reduce((sum, { counts }) => sum + (counts[table] ?? 0), 0)]).toEqual([
        table,
        rows,
      ]);
    await stage.expectHealthy();
    const [last, first] = [...removed].sort(
      (a, b) => (b.counts['his.household'] ?? 0) - (a.counts['his.household'] ?? 0),
    );
    await last?.restore();
    await first?.restore();
    expect(await stage.rows()).toEqual(before);
  });

  it('leaves once where no other rows hang on it, too', async () => {
    await stage.query('UPDATE his.person SET name_id = 3 WHERE person_no = 2');
    const removed = await stage.behind('SELECT FROM his.name WHERE name_id = 3 FOR UPDATE', 2, () =>
      Promise.all([stage.remove(2), stage.remove(3)]),
    );
    expect(removed.map(({ counts }) => counts['his.name']).sort()).toEqual([0, 1]);
    await stage.expectHealthy();
    const [last, first] = [...removed].sort(
      (a, b) => (b.counts['his.name'] ?? 0) - (a.counts['his.name'] ?? 0),
    );
    await last?.restore();
    await first?.restore();
    await stage.query('UPDATE his.person SET name_id = 2 WHERE person_no = 2');
    expect(await stage.rows()).toEqual(before);
  });

  it('stays with who comes to use it while it is about to leave', async () => {
    const { counts, restore } = await stage.behind('INSERT INTO his.membership VALUES (4, 2)', 1, () =>
      stage.remove(3),
    );
    expect(counts).toMatchObject({ 'his.household': 0, 'his.membership': 1, 'his.name': 1 });
    await stage.expectHealthy();
    await restore();
    await stage.query('DELETE FROM his.membership WHERE person_no = 4');
    expect(await stage.rows()).toEqual(before);
  });

  it('cannot be used any more once it has left', async () => {
    const { restore } = await stage.remove(3);
    for (const statement of [
      'INSERT INTO his.membership VALUES (4, 2)',
      'UPDATE his.staff SET name_id = 3 WHERE staff_no = 2',
    ])
      await expect(stage.query(statement)).rejects.toMatchObject({ code: '23503' });
    await restore();
    expect(await stage.rows()).toEqual(before);
  });

  it('is an orphan where it stands again and only those use it who are deleted', async () => {
    const { restore } = await stage.remove(3);
    await stage.query("INSERT INTO his.household VALUES (2, 2); INSERT INTO his.name VALUES (3, 'Can')");
    expect(await stage.orphans()).toEqual([
      ['his.household', 1],
      ['his.name', 1],
    ]);
    await stage.query('DELETE FROM his.household WHERE "Hane" = 2; DELETE FROM his.name WHERE name_id = 3');
    await stage.expectHealthy();
    await restore();
    expect(await stage.rows()).toEqual(before);
  });

  it.each([
    ['a declared table', 'his.membership', 'person_no'],
    ['a table that is kept', 'his.staff', 'staff_no'],
  ])(
    'stands in the way of every deletion where another key from %s refers to it',
    async (_, table, column) => {
      await stage.query(
        `ALTER TABLE ${table} ADD CONSTRAINT other FOREIGN KEY (${column}) REFERENCES his.household NOT VALID`,
      );
      await expect(stage.remove(3)).rejects.toMatchObject({
        blockers: [
          expect.objectContaining({ detail: expect.stringMatching(/his\.household: .*refers to it/) }),
        ],
      });
      await stage.query(`ALTER TABLE ${table} DROP CONSTRAINT other`);
      expect(await stage.rows()).toEqual(before);
    },
  );

  it('stands in the way where the key by which its rows are used is gone', async () => {
    await stage.query('ALTER TABLE his.staff DROP CONSTRAINT staff_name_id_fkey');
    await expect(stage.remove(3)).rejects.toMatchObject({
      blockers: [
        expect.objectContaining({
          detail: expect.stringContaining(
            'no foreign key that is on leads from name_id to his.name: nothing keeps a row there that is used from leaving',
          ),
        }),
      ],
    });
    await stage.query('ALTER TABLE his.staff ADD FOREIGN KEY (name_id) REFERENCES his.name');
    await stage.expectHealthy();
  });
});

describe('rows that leave with the last of several', () => {
  it('leave once, with one of two who are deleted at the same time', async () => {
    await stage.query(
      "INSERT INTO his.kinship VALUES (5, 3, 4, 'twins'); INSERT INTO his.remark VALUES (5, 'alike')",
    );
    const twins = await stage.rows();
    const removed = await stage.behind("SELECT FROM his.kinship WHERE kind = 'twins' FOR UPDATE", 2, () =>
      Promise.all([stage.remove(3), stage.remove(4)]),
    );
    expect((await stage.rows())['kinship']).not.toContain('(5,3,4,twins)');
    await stage.expectHealthy();
    for (const { restore } of removed) await restore();
    expect(await stage.rows()).toEqual(twins);
    await stage.query(
      'DELETE FROM his.remark WHERE kinship_no = 5; DELETE FROM his.kinship WHERE kinship_no = 5',
    );
  });

  it('may be written of somebody who is deleted as long as somebody is there, and are found when nobody is', async () => {
    const { restore } = await stage.remove(1);
    await stage.query("INSERT INTO his.kinship VALUES (6, 4, 1, 'friend')");
    await stage.expectHealthy();
    await stage.query("INSERT INTO his.kinship VALUES (7, NULL, 1, 'was alone')");
    expect(await stage.orphans()).toEqual([['his.kinship', 1]]);
    await stage.query('DELETE FROM his.kinship WHERE kinship_no > 5');
    await restore();
    expect(await stage.rows()).toEqual(before);
  });
});

describe('rows of somebody whom the hospital has removed itself', () => {
  it('leave with the other one: nobody else is there', async () => {
    await stage.query(
      "INSERT INTO his.person VALUES (9, NULL); INSERT INTO his.kinship VALUES (9, 9, 4, 'late')",
    );
    await stage.query('DELETE FROM his.person WHERE person_no = 9');
    const { counts, restore } = await stage.remove(4);
    expect(counts).toMatchObject({ 'his.kinship': 1 });
    await stage.expectHealthy();
    await restore();
    await stage.query('DELETE FROM his.kinship WHERE kinship_no = 9');
    expect(await stage.rows()).toEqual(before);
  });
});

describe('rows that name nobody', () => {
  it('stand in the way of every deletion where the declaration says so, and are counted by the scan', async () => {
    await stage.query("INSERT INTO his.kinship VALUES (8, NULL, NULL, 'whose')");
    await expect(stage.remove(4)).rejects.toMatchObject({
      blockers: [
        {
          shard: 'clinical',
          code: 'ROWS_WITHOUT_KEY',
          detail: expect.stringMatching(/^his\.kinship has rows that name no patient/),
        },
      ],
    });
    expect(await stage.rows()).toEqual({ ...before, kinship: [...(before['kinship'] ?? []), '(8,,,whose)'] });
    expect(await stage.rowsOfNobody()).toEqual([
      { shard: 'clinical', table: 'his.kinship', rows: 1, withoutKey: 1 },
    ]);
    await stage.query('UPDATE his.kinship SET patient_id = 77 WHERE kinship_no = 8');
    // It names somebody who was never there: that is counted alone.
    const { restore } = await stage.remove(4);
    expect(await stage.rowsOfNobody()).toEqual([
      { shard: 'clinical', table: 'his.kinship', rows: 1, withoutKey: 0 },
    ]);
    await restore();
    await stage.query('DELETE FROM his.kinship WHERE kinship_no = 8');
    expect(await stage.rowsOfNobody()).toEqual([]);
    expect(await stage.rows()).toEqual(before);
  });
});
