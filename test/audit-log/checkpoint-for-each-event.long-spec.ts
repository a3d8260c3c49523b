import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dirname } from 'node:path';
import { ProductProcess } from '../admin/service.process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { sealEachEvent } from './checkpoint.for.each.js';
import { addEvents, type Instance, makeHome, openInstance } from './log.stage.js';

/** One call could not be given so many arguments. */
const EVENTS = 150_000;
/** What a log of any length is verified in; with more held than that, the command dies of it. */
const HEAP_MB = 160;
const LIMIT_MS = 10 * 60_000;

let database: TestDatabase;
let home: Awaited<ReturnType<typeof makeHome>>;
let instance: Instance;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await makeHome();
  instance = await openInstance(database, home);
  await addEvents(database, EVENTS);
  await sealEachEvent((sql, params) => database.query(sql, params), home.key, home.checkpointsFile);
}, LIMIT_MS);

afterAll(async () => {
  await instance.close();
  await database.drop();
  await home.remove();
});

/** @returns the most CPU time that this process has used between two turns of its event loop, as a share of all since */
function watchTurns(): () => number {
  const start = process.cpuUsage();
  let longest = 0;
  let isOver = false;
  let since = start;
  const turn = () => {
    longest = Math.max(longest, cpuTime(since));
    since = process.cpuUsage();
    if (!isOver) setTimeout(turn, 5);
  };
  turn();
  return () => {
    isOver = true;
    return Math.max(longest, cpuTime(since)) / cpuTime(start);
  };
}

function cpuTime(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

describe('a log with a checkpoint for each of 150,000 events', () => {
  it(
    'is verified in pieces of less than a tenth of the computing',
    async () => {
      const longestPiece = watchTurns();
      const report = await instance.verification.run();
      const longest = longestPiece();
      expect(report).toMatchObject({
        valid: true,
        proven: EVENTS,
        checkpoints: EVENTS,
        checkpointsInFile: EVENTS,
      });
      expect(longest).toBeLessThan(0.1);
    },
    LIMIT_MS,
  );

  it(
    `is valid for the command as well, in a heap of ${HEAP_MB} MB`,
    async () => {
      const { url: DATABASE_URL } = database;
      const command = new ProductProcess(['cli/main.ts', 'verify-audit'], {
        DATABASE_URL,
        DATA_DIR: dirname(home.checkpointsFile),
        AUDIT_LOG_CHECKPOINTS: home.checkpointsFile,
        NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
      });
      expect(await command.ends(LIMIT_MS)).toBe(0);
      expect(command.stdout).toContain(`proven to be as they were signed: ${EVENTS}`);
    },
    LIMIT_MS,
  );
});
