import type pg from 'pg';
import { waitsForLock } from './columns/session.faults.js';
import type { Fault, Trap } from './fault.js';
import type { CellStep, Expected } from './matrix.js';
import { NetworkStage } from './network.stage.js';
import { Stage } from './stage.js';
import { failureAt } from './verdict.js';

/** A hostile state of the database: what makes it so, and what a deletion comes to in it. */
export interface HostileState {
  readonly state: string;
  readonly step: CellStep;
  readonly expected: Expected;
  /** In words, for the table. */
  readonly outcome: string;
  readonly fault: Fault;
  /** Left out of the short form: there its like stand for it. */
  readonly fullOnly?: boolean;
}

const open = () => NetworkStage.open();

/** The server takes no writes, as a standby does. */
const readOnly: Fault<NetworkStage> = {
  code: '',
  title: '',
  open,
  unrecorded: true,
  shows: () => 'claim',
  set(scene): Trap {
    const { stage } = scene;
    // A session of the product states at connect that it writes: what takes no writes is a standby, as these are then.
    const readOnly = (client: pg.Client) => {
      client.query('SET default_transaction_read_only = on').catch(() => undefined);
    };
    scene.strike(async () => {
      stage.pool.on('connect', readOnly);
      await stage.endIdleSessions();
    });
    return {
      error: failureAt('claim', 'SHARD_UNAVAILABLE'),
      sqlstate: '25006',
      async lift() {
        stage.pool.off('connect', readOnly);
        await stage.endIdleSessions();
      },
    };
  },
};

const LATE_MS = 50;
/** So often a deletion waits for the server at the least. */
const TRIPS = 3;

/** Every answer of the server is late. */
const slow: Fault<NetworkStage> = {
  code: '',
  title: '',
  open,
  set(scene): Trap {
    const { proxy } = scene.stage;
    let started = 0;
    let took = 0;
    scene.strike(() => {
      proxy.delay = LATE_MS;
      started = performance.now();
    });
    return {
      lift() {
        proxy.delay = 0;
        took = performance.now() - started;
        return Promise.resolve();
      },
      strikes: () => (took > TRIPS * LATE_MS ? 1 : 0),
    };
  },
};

/** A server that is stopping ends a session in the very message that opens it. */
const endsAtOnce: Fault<NetworkStage> = {
  code: '',
  title: '',
  open,
  async set(scene): Promise<Trap> {
    const { stage } = scene;
    const { proxy } = stage;
    await stage.endIdleSessions();
    const before = proxy.fired;
    scene.strike(() => {
      proxy.endAtOnce = true;
      stage.silgi.faults.onEnd = () => {
        proxy.endAtOnce = false;
      };
    });
    return {
      error: { code: 'SHARD_UNAVAILABLE', point: { phase: 'PREPARE' } },
      strikes: () => proxy.fired - before,
    };
  },
};

/** The deletion fails, and its ROLLBACK fails too, on a connection that lives on in its transaction. */
const rollbackRefused: Fault<NetworkStage> = {
  code: '',
  title: '',
  open,
  set(scene): Trap {
    const { proxy } = scene.stage;
    const before = proxy.fired;
    scene.strike(() => {
      proxy.cutAt('ROLLBACK', 'refuse');
      throw new Error('injected');
    });
    return { strikes: () => proxy.fired - before };
  },
};

/** A table is renamed when the deletion has read it already: whoever does it has to wait for the commit. */
const renamedLate: Fault = {
  code: '',
  title: '',
  open: () => Stage.open(),
  async set(scene): Promise<Trap> {
    const session = await scene.stage.session();
    let renamed: Promise<unknown> = Promise.resolve();
    scene.strike(async () => {
      renamed = session.query('ALTER TABLE clinical.sharded_tani RENAME TO renamed');
      await waitsForLock(scene.stage, session);
    });
    return {
      async lift() {
        await renamed;
        await session.query('ALTER TABLE clinical.renamed RENAME TO sharded_tani');
        await session.end();
      },
    };
  },
};

/** What is hostile in the server, or in time, rather than in a table. */
export const serverStates: readonly HostileState[] = [
  {
    state: 'the server is read-only',
    step: 'connect',
    expected: 'N',
    fault: readOnly,
    outcome: 'N, SHARD_UNAVAILABLE at claim',
  },
  {
    state: `every answer of the server is ${LATE_MS} ms late`,
    step: 'connect',
    expected: 'C',
    fault: slow,
    outcome: 'C',
  },
  {
    state: 'the server ends a session as it opens it',
    step: 'connect',
    expected: 'N',
    fault: endsAtOnce,
    outcome: 'N, SHARD_UNAVAILABLE in PREPARE',
  },
  {
    state: 'the server refuses the ROLLBACK',
    step: 'mark finance',
    expected: 'N',
    fault: rollbackRefused,
    outcome: 'N, SHARD_FAILED at mark finance; the connection is destroyed',
  },
  {
    state: 'a table is renamed after its vote',
    step: 'mark clinical',
    expected: 'C',
    fault: renamedLate,
    outcome: 'C; the renaming waits for it',
  },
];
