import { execFileSync } from 'node:child_process';
import { appendFile, chown, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedServer } from '../../src/embedded-postgres/index.js';
import { migrate } from '../../src/postgres/index.js';
import { temporaryFolder } from '../support/run.folder.js';
import { Stage } from './stage.js';
import { SteadyDatabase } from './steady.database.js';

const DISK_BYTES = 12 * 1024 * 1024;
const CHUNK = Buffer.alloc(1024 * 1024);
/** Every row of these fills more than half a page, so that its next version needs a page of its own. */
const WIDE_BYTES = 5_000;
/** One table of every shard that a deletion writes; the others stay where they are. */
const TABLES = [
  'patient.sharded_patient_deletion',
  'patient.sharded_patient_demographics',
  'clinical.sharded_muayene',
  'finance.sharded_fatura',
  'audit.sharded_audit_event',
];

/** Why no small disk can be had on this machine, if so: mounting one is for root alone. */
export function noTinyDisk(): string | undefined {
  return process.platform === 'linux' && process.geteuid?.() === 0
    ? undefined
    : 'the disk to fill is a tmpfs, which only root on Linux may mount';
}

/** A stage on a server of its own, with a table of every shard on a disk of a few megabytes. */
export class DiskStage extends Stage {
  private server: EmbeddedServer;
  private dataDir: string;
  private disk: string;
  private unmount: () => void;

  static override async open(): Promise<DiskStage> {
    const dataDir = await temporaryFolder();
    const server = await EmbeddedServer.start({ dataDir, settings: { fsync: 'off' } });
    const disk = join(dataDir, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk]);
    const unmount = () => execFileSync('umount', ['-l', disk]);
    // Also where the run is cut short.
    process.once('exit', unmount);
    const { uid, gid } = await stat(join(dataDir, 'postgres-18'));
    await chown(disk, uid, gid);
    await migrate(server.url);
    const database = SteadyDatabase.at(server.url);
    await database.query(`CREATE TABLESPACE tiny LOCATION '${disk}'`);
    for (const table of TABLES) {
      await database.query(`ALTER TABLE ${table} SET TABLESPACE tiny;
        ALTER TABLE ${table} ADD COLUMN padding text DEFAULT repeat('x', ${WIDE_BYTES});
        ALTER TABLE ${table} ALTER COLUMN padding SET STORAGE PLAIN`);
    }
    const stage = new DiskStage(...(await Stage.parts(database)));
    return Object.assign(stage, { server, dataDir, disk, unmount });
  }

  /** Leaves not a byte on the disk. */
  async fill(): Promise<void> {
    for (;;) {
      try {
        await appendFile(join(this.disk, 'filler'), CHUNK);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
        throw error;
      }
    }
  }

  async free(): Promise<void> {
    await rm(join(this.disk, 'filler'), { force: true });
  }

  override async close(): Promise<void> {
    await super.close();
    await this.server.stop();
    process.off('exit', this.unmount);
    this.unmount();
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}
