/** A piece of work for one worker process: delete these patients, so many at a time. */
export interface Block {
  readonly ids: readonly string[];
  readonly clients: number;
}

/** What became of it. */
export interface BlockTimes {
  /** From the first request to the last answer. */
  readonly milliseconds: number;
  /** Of each deletion, in milliseconds. */
  readonly latencies: readonly number[];
  /** CPU time of the worker process itself, in milliseconds. */
  readonly cpuMs: number;
}

export type WorkerAnswer = { readonly ready: true } | { readonly failure: string } | BlockTimes;

/** Deletes one patient for one of the clients (from 0), and returns once that is committed. */
export type Remove = (patientId: string, client: number) => Promise<unknown>;

/**
 * Answers the blocks that the parent process sends, until it goes. Every client takes the next patient as soon as it is
 * done with one.
 *
 * @param open makes ready for so many clients at most
 */
export async function serveBlocks(open: () => Promise<Remove>): Promise<void> {
  process.once('disconnect', () => process.exit(0));
  const answer = (message: WorkerAnswer) => process.send?.(message);
  try {
    const remove = await open();
    process.on('message', (block: Block) => {
      timed(block, remove).then(answer, (error: unknown) => answer({ failure: textOf(error) }));
    });
    answer({ ready: true });
  } catch (error) {
    answer({ failure: textOf(error) });
  }
}

async function timed({ ids, clients }: Block, remove: Remove): Promise<BlockTimes> {
  const latencies: number[] = [];
  let next = 0;
  const cpu = process.cpuUsage();
  const started = performance.now();
  const work = async (client: number) => {
    for (let id = ids[next++]; id !== undefined; id = ids[next++]) {
      const asked = performance.now();
      await remove(id, client);
      latencies.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => work(client)));
  const milliseconds = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { milliseconds, latencies, cpuMs: (user + system) / 1000 };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A variable of the environment that the parent sets. @throws Error where it is missing */
export function told(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: this file is started by the benchmark.`);
  return value;
}
