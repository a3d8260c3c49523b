import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { developmentToken } from '../../src/auth/index.js';
import { readEnvironment } from '../../src/config/index.js';
import { RunFolder } from '../support/run.folder.js';
import { WireProxy } from '../support/wire.proxy.js';
import type { Arena } from './arena.js';
import { check, type Judgement } from './checker.js';
import { DeletionClient } from './deletion.client.js';
import { FaultSchedule } from './fault.schedule.js';
import { Faults } from './faults.js';
import { History, type HistoryLine, readHistory } from './history.js';
import { Hospital } from './hospital.js';
import { HospitalWriter } from './hospital.writer.js';
import { Onlooker } from './onlooker.js';
import { PatientWaves } from './patient.waves.js';
import { buildProduct } from '../support/product.build.js';
import { Progress } from './progress.js';
import { QuietCheck } from './quiet.check.js';
import type { Report, Setup } from './report.js';
import { freePort, ServiceProcess } from './service.process.js';
import { takeSnapshot } from './snapshot.js';

const SERVICES = 2;
const WRITERS = 4;
const ONLOOKERS = ['relevant_user', 'owner', 'relevant_user'] as const;
/** From the last fault on: longer than the service looks for an outcome, and than a request waits for it. */
const DRAIN_LIMIT_MS = 180_000;
const HISTORY = 'history.jsonl';

/** What a run is asked to be, and where it says how it goes. */
export interface RunOptions extends Setup {
  /** Where a copy of the history goes, if anywhere. */
  readonly historyFile: string | undefined;
  readonly say: (line: string) => void;
}

/** A run that has come to its end. */
export interface Finished {
  readonly report: Report;
  readonly judgement: Judgement;
  readonly history: readonly HistoryLine[];
  /** Folder with the history and the services' logs; kept where a promise was broken. */
  readonly evidence: string | undefined;
}

/** One run: everything is set up, put under load and faults, made quiet, stopped and judged. */
export class ChaosRun {
  private readonly folder = new RunFolder();
  private readonly stopping = new AbortController();
  private readonly givenUp = new AbortController();
  private readonly progress: Progress;
  private services: ServiceProcess[] = [];
  private proxies: WireProxy[] = [];
  private hospital: Hospital | undefined;

  constructor(private readonly options: RunOptions) {
    this.progress = new Progress(options.say);
  }

  /** Ends what this run has started, at once; for a process that is about to end. */
  killServices(): void {
    for (const service of this.services) {
      service.signal('SIGCONT');
      service.signal('SIGKILL');
    }
  }

  /** @throws Error where the run itself could not be brought to its end; everything is stopped also then */
  async toTheEnd(): Promise<Finished> {
    try {
      const arena = await this.setUp();
      const seconds = await this.underFaults(arena);
      this.options.say('quiet: looking for what was left, and stopping the services');
      const quiet = new QuietCheck(arena);
      await quiet.whileServing();
      await quiet.afterStop();
      await arena.history.close();
      return await this.judge(arena, seconds);
    } catch (error) {
      const evidence = await this.keepEvidence();
      this.options.say(`what there is of the history and of the services' logs is kept in ${evidence}`);
      throw error;
    } finally {
      this.progress.end();
      this.killServices();
      await Promise.allSettled(this.proxies.map((proxy) => proxy.close()));
      await this.hospital?.close().catch(() => undefined);
      await this.folder.remove();
    }
  }

  private async setUp(): Promise<Arena> {
    const { seed, clients, say } = this.options;
    const { path } = this.folder;
    say('compiling the product, starting the server and the services');
    const [entry, hospital, history] = await Promise.all([
      buildProduct(join(path, 'product')),
      Hospital.open(path),
      History.create(join(path, HISTORY)),
    ]);
    this.hospital = hospital;
    history.watch(this.progress.count);
    for (let number = 0; number < SERVICES; number++) {
      const proxy = await WireProxy.before(hospital.serviceUrl);
      this.proxies.push(proxy);
      this.services.push(await this.service(number, entry, hospital, proxy, history));
    }
    await Promise.all(this.services.map((service) => service.start()));
    const environment = readEnvironment({ DATA_DIR: join(path, 'key') });
    const token = {
      subject: 'admin@hospital.example',
      roles: ['system-admin', 'privacy-officer'],
      expiresIn: '12h',
    } as const;
    return {
      seed,
      clients,
      history,
      hospital,
      services: this.services,
      proxies: this.proxies,
      waves: new PatientWaves(seed, hospital, history),
      token: await developmentToken(environment, token),
      stopping: this.stopping.signal,
      givenUp: this.givenUp.signal,
    };
  }

  private async service(
    number: number,
    entry: string,
    hospital: Hospital,
    proxy: WireProxy,
    history: History,
  ): Promise<ServiceProcess> {
    const { path } = this.folder;
    const env = {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      LOG_LEVEL: 'warn',
      DATABASE_URL: proxy.url,
      MIGRATION_DATABASE_URL: hospital.server.url,
      DATA_DIR: join(path, 'key'),
      // All clients come from one address and with one token.
      RATE_LIMIT_PER_MINUTE: '1000000',
    };
    const log = join(path, `service-${number}.log`);
    const onDeath = (what: string) => {
      history.append({ kind: 'died', what });
    };
    return new ServiceProcess({ number, entry, port: await freePort(), env, log, onDeath });
  }

  /** @returns the seconds under load */
  private async underFaults(arena: Arena): Promise<number> {
    const { seed, minutes, clients, rarer, say } = this.options;
    const { history } = arena;
    await arena.waves.patient(0);
    const started = performance.now();
    const faults = new Faults(arena);
    const schedule = new FaultSchedule(seed, faults.sources, history, rarer);
    history.append({ kind: 'note', text: 'load and faults begin' });
    this.progress.begin();
    const clock = setTimeout(() => {
      this.stopping.abort();
    }, minutes * 60_000);
    const workers = [
      ...Array.from({ length: clients }, (_, number) => new DeletionClient(arena, number).work()),
      ...Array.from({ length: WRITERS }, (_, number) => new HospitalWriter(arena, number).work()),
      ...ONLOOKERS.map((role, number) => new Onlooker(arena, role, number).work()),
    ];
    let drain: NodeJS.Timeout | undefined;
    const calm = schedule.run(arena.stopping).then(() => {
      faults.calm();
      history.append({ kind: 'note', text: 'the faults are over' });
      say('the faults are over: every client gets its answer');
      drain = setTimeout(() => {
        this.givenUp.abort();
      }, DRAIN_LIMIT_MS);
    });
    try {
      await Promise.all([calm, ...workers]);
    } finally {
      this.stopping.abort();
      // Whoever is still at work where one of them has failed would go on with a service that is gone.
      this.givenUp.abort();
      clearTimeout(clock);
      clearTimeout(drain);
    }
    return (performance.now() - started) / 1_000;
  }

  private async judge({ hospital, history: { path } }: Arena, seconds: number): Promise<Finished> {
    const { seed, minutes, clients, rarer, historyFile, say } = this.options;
    if (historyFile !== undefined) await cp(path, historyFile);
    say('judging the history and the database');
    const history = await readHistory(path);
    const judgement = check(history, await takeSnapshot(hospital.urlOf('owner'), history));
    const { deletions, verdicts, violations } = judgement;
    const report: Report = {
      seed,
      minutes,
      clients,
      rarer,
      seconds: Math.round(seconds),
      deletions,
      deletionsPerSecond: Math.round((deletions / seconds) * 10) / 10,
      faultsFired: this.progress.firedFaults,
      faults: Object.fromEntries(this.progress.faults),
      answers: Object.fromEntries(this.progress.answers),
      writes: Object.fromEntries(this.progress.writes),
      verdicts,
      violations,
    };
    const evidence = violations.length === 0 ? undefined : await this.keepEvidence();
    return { report, judgement, history, evidence };
  }

  private async keepEvidence(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'silgi-chaos-evidence-'));
    const names = [HISTORY, ...this.services.map(({ number }) => `service-${number}.log`)];
    for (const name of names) {
      await cp(join(this.folder.path, name), join(folder, name)).catch(() => undefined);
    }
    return folder;
  }
}
