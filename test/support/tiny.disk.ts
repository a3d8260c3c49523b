import { execFileSync } from 'node:child_process';
import { appendFile, chown, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const DISK_BYTES = 12 * 1024 * 1024;
const CHUNK = Buffer.alloc(1024 * 1024);
/** Every row of these fills more than half a page, so that its next version needs a page of its own. */
const WIDE_BYTES = 5_000;

/** Why no small disk can be had on this machine, if so: mounting one is for root alone. */
export function noTinyDisk(): string | undefined {
  return process.platform === 'linux' && process.geteuid?.() === 0
    ? undefined
    : 'the disk to fill is a tmpfs, which only root on Linux may mount';
}

/** A disk of a few megabytes that can be filled to its last byte. */
export class TinyDisk {
  private constructor(
    private readonly path: string,
    private readonly unmount: () => void,
  ) {}

  /** @param dataDir folder of an embedded server, whose user owns the disk */
  static async mount(dataDir: string): Promise<TinyDisk> {
    const path = join(dataDir, 'disk');
    await mkdir(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', path]);
    const unmount = () => execFileSync('umount', ['-l', path]);
    // Also where the run is cut short.
    process.once('exit', unmount);
    const { uid, gid } = await stat(join(dataDir, 'postgres-18'));
    await chown(path, uid, gid);
    return new TinyDisk(path, unmount);
  }

  /** Statements that put tables on it, each of whose rows needs a page of its own there. */
  statementsFor(tables: readonly string[]): string[] {
    return [
      `CREATE TABLESPACE tiny LOCATION '${this.path}'`,
      ...tables.map(
        (table) => `ALTER TABLE ${table} SET TABLESPACE tiny;
          ALTER TABLE ${table} ADD COLUMN padding text DEFAULT repeat('x', ${WIDE_BYTES});
          ALTER TABLE ${table} ALTER COLUMN padding SET STORAGE PLAIN`,
      ),
    ];
  }

  /** Leaves not a byte on the disk. */
  async fill(): Promise<void> {
    for (;;) {
      try {
        await appendFile(join(this.path, 'filler'), CHUNK);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
        throw error;
      }
    }
  }

  async free(): Promise<void> {
    await rm(join(this.path, 'filler'), { force: true });
  }

  /** Once nobody uses it any more. */
  remove(): void {
    process.off('exit', this.unmount);
    this.unmount();
  }
}
