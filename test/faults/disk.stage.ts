import { rm } from 'node:fs/promises';
import { EmbeddedServer } from '../../src/embedded-postgres/index.js';
import { migrate } from '../../src/postgres/index.js';
import { temporaryFolder } from '../support/run.folder.js';
import { TinyDisk } from '../support/tiny.disk.js';
import { Stage } from './stage.js';
import { SteadyDatabase } from './steady.database.js';

/** One table of every shard that a deletion writes, and the other records about a patient; the rest stays where it is. */
const TABLES = [
  'patient.sharded_patient_deletion',
  'patient.sharded_patient_demographics',
  'patient.sharded_legal_hold',
  'patient.sharded_erasure_request',
  'clinical.sharded_muayene',
  'finance.sharded_fatura',
  'audit.sharded_audit_event',
];

/** A stage on a server of its own, with a table of every shard on a disk of a few megabytes. */
export class DiskStage extends Stage {
  private server: EmbeddedServer;
  private dataDir: string;
  private disk: TinyDisk;

  static override async open(): Promise<DiskStage> {
    const dataDir = await temporaryFolder();
    const server = await EmbeddedServer.start({ dataDir, settings: { fsync: 'off' } });
    const disk = await TinyDisk.mount(dataDir);
    await migrate(server.url);
    const database = SteadyDatabase.at(server.url);
    for (const statement of disk.statementsFor(TABLES)) await database.query(statement);
    const stage = new DiskStage(...(await Stage.parts(database)));
    return Object.assign(stage, { server, dataDir, disk });
  }

  /** Leaves not a byte on the disk. */
  fill(): Promise<void> {
    return this.disk.fill();
  }

  free(): Promise<void> {
    return this.disk.free();
  }

  override async close(): Promise<void> {
    await super.close();
    await this.server.stop();
    this.disk.remove();
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}
