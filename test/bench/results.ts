import type { Cell, Contender } from './contender.js';
import type { Adopted } from './adopted.figures.js';
import type { CatchUp, Growth } from './growth.figures.js';
import type { Machine } from './machine.js';
import type { Spread } from './statistics.js';

/** Figures of one contender in one cell: throughput by round, latencies (ms) of all rounds together. */
export interface CellFigures extends Cell {
  readonly contender: Contender;
  readonly rounds: number;
  readonly deletions: number;
  /** Deletions per second. */
  readonly throughput: Spread;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** CPU time of the contender's own process (over HTTP: of the client) per deletion, in ms; null where unknown. */
  readonly cpuMs: number | null;
  /** Bytes of write-ahead log for each deletion, all that comes with it counted (over HTTP: its sealing). */
  readonly walBytes?: number;
  /** CPU time of the database server for each deletion, in milliseconds; null where unknown. */
  readonly serverCpuMs?: number | null;
}

/** How one contender stands to another in one cell: the spread of the ratios of each round. */
export interface CellRatio extends Cell {
  readonly contender: Contender;
  readonly against: Contender;
  readonly throughput: Spread;
  readonly p50: Spread;
  readonly p99: Spread;
  /** Of the bytes of write-ahead log for each deletion. */
  readonly walBytes?: Spread;
}

export interface Comparison {
  readonly pgbench: string;
  readonly cells: readonly CellFigures[];
  readonly ratios: readonly CellRatio[];
  /** Share of the updates that stayed on the page of their row, by the tables in which patients were deleted. */
  readonly hotShare?: Readonly<Record<'plain' | 'silgi', number>>;
}

/** One patient with very many rows. Memory in bytes, of the service process. */
export interface MillionRows {
  readonly rows: number;
  readonly milliseconds: number;
  readonly rssBefore: number;
  readonly rssPeak: number;
  readonly rssAfter: number;
  /** Small deletions before, so that what a warm service holds is not counted. */
  readonly deletionsBefore: number;
}

/** Deletions of the same patients on two sides, in turns: milliseconds of each. */
export interface Pairs {
  readonly rowsPerPatientTable: number;
  readonly pairs: number;
  readonly one: Spread;
  readonly other: Spread;
  /** Of the medians, the other's to the one's. */
  readonly ratio: number;
  /** Of the ratios within each round. */
  readonly ratioByRound: Spread;
}

/** The same patient in small and in large tables, over HTTP. */
export interface LargerTables extends Omit<Pairs, 'one' | 'other'> {
  readonly smallTableRows: number;
  readonly largeTableRows: number;
  readonly small: Spread;
  readonly large: Spread;
}

/** The same patient on PostgreSQL as Debian ships it, by the protocol without HTTP. */
export interface StockServerFigures extends Omit<Pairs, 'one' | 'other'> {
  /** The server's version, and whose it is. */
  readonly postgres: string;
  readonly withoutCompiler: Spread;
  readonly asItComes: Spread;
}

export interface ImportSpeed {
  readonly rows: number;
  readonly patients: number;
  readonly seconds: Spread;
  readonly rowsPerSecond: Spread;
  /** Of the last import; figures that were taken before there were these have none. */
  readonly costs?: {
    readonly commandCpuSeconds: number;
    readonly serverCpuSeconds: number;
    readonly walBytes: number;
    /** The most memory that the command took. */
    readonly peakMegabytes: number;
  };
}

/** From the start of the process to the first answer that it is ready, in milliseconds. */
export interface StartTime {
  readonly starts: number;
  readonly milliseconds: Spread;
}

/** Mean time of one step of a deletion, from the service's own histogram. */
export interface StepTime {
  readonly phase: string;
  readonly shard: string;
  readonly step: string;
  readonly milliseconds: number;
}

/** Where the time of a deletion over HTTP goes. */
export interface StepProfile extends Cell {
  readonly deletions: number;
  /** Mean, as the client saw it. */
  readonly clientMs: number;
  /** Mean of the whole deletion, as the service's histogram has it. */
  readonly deletionMs: number;
  /** Means of deletions whose steps were taken one by one: of a release that still did so. */
  readonly steps?: readonly StepTime[];
  /** Shards on one server share their messages: their times overlap. */
  readonly phases: readonly Omit<StepTime, 'step'>[];
  /** CPU time of the service per deletion, in milliseconds. */
  readonly serviceCpuMs: number;
  /** Of as many deletions once more, while V8 looked every half millisecond where the process is. */
  readonly hot?: { readonly functions: readonly CpuShare[]; readonly packages: readonly CpuShare[] };
}

/** A batch beside the floor, in turns: patients per second. */
export interface BulkThroughput {
  /** Which floor: that on the product’s own tables where it is not said. */
  readonly against?: 'plain';
  readonly rows: number;
  /** In each turn of each of the two, of which a round has two. */
  readonly patients: number;
  /** Of the floor. */
  readonly clients: number;
  readonly rounds: number;
  readonly batch: Spread;
  /** CPU time of the service for each patient of a batch, in milliseconds; all its threads together. */
  readonly serviceCpuMs: Spread;
  readonly floor: Spread;
  /** Of the ratios within each round. */
  readonly ratio: Spread;
}

/** Of one process, in bytes. */
export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

/** One look at a batch. */
export interface BatchSample {
  /** Since it was asked for. */
  readonly seconds: number;
  /** Patients that are done. */
  readonly finished: number;
  /** Resident memory of the service, in bytes. */
  readonly rss: number;
}

/** In milliseconds. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

/** One batch of very many patients. The first sample is from before it, the last from its end. */
export interface LargeBatch {
  readonly rows: number;
  readonly patients: number;
  readonly milliseconds: number;
  readonly samples: readonly BatchSample[];
  /** What the service holds when all garbage has been collected, before the batch and after it. */
  readonly collected: Readonly<Record<'before' | 'after', Memory>>;
  /** Deletions of others, one after another, by one client; as many of both, evenly spread, are compared. */
  readonly single: {
    readonly compared: number;
    readonly doneIdle: number;
    readonly idle: Latencies;
    readonly doneBeside: number;
    readonly beside: Latencies;
  };
}

export interface Bulk {
  readonly throughput: BulkThroughput;
  readonly large: LargeBatch;
}

/** Which part of the time at work was in a function, or in a package. */
export interface CpuShare {
  readonly name: string;
  readonly share: number;
}

/** How long it took to take a list, to bring its lines to their ends, and to show all of them. */
export interface ListFigures {
  readonly lines: number;
  readonly uploadMs: number;
  readonly workMs: number;
  readonly pagesMs: number;
  /** The longest answer to the question whether the service lives, meanwhile. */
  readonly liveMs: number;
}

export interface Lists {
  readonly sizes: readonly ListFigures[];
  /** A list of more lines than one may have. */
  readonly tooLong: {
    readonly lines: number;
    readonly status: number;
    readonly code: string;
    readonly milliseconds: number;
    readonly liveMs: number;
  };
}

/** One of the promises about speed, and what came of it. */
export interface Target {
  readonly name: string;
  readonly wanted: string;
  readonly figure: string;
  readonly reached: boolean;
}

/** All that one run has found: `docs/benchmarks/results.json`. */
export interface Results {
  readonly takenOn: string;
  readonly seconds: number;
  readonly short: boolean;
  readonly rounds: number;
  readonly seed: number;
  readonly machine: Machine;
  readonly comparison: Comparison | null;
  readonly bulk: Bulk | null;
  /** Results from before lists were measured have none. */
  readonly lists?: Lists | null;
  /** The same of the next three. */
  readonly growth?: Growth | null;
  readonly catchUp?: CatchUp | null;
  readonly adopted?: Adopted | null;
  readonly millionRows: MillionRows | null;
  readonly largerTables: LargerTables | null;
  readonly stockServer: StockServerFigures | { readonly skipped: string } | null;
  readonly importSpeed: ImportSpeed | { readonly skipped: string } | null;
  readonly startTime: StartTime | null;
  readonly profile: readonly StepProfile[] | null;
  readonly targets: readonly Target[];
}
