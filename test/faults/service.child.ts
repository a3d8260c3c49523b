import 'reflect-metadata';
import { writeSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { DatabaseLifecycle, SERVICE_ROLE } from '../../src/postgres/index.js';
import {
  FaultInjection,
  type Run,
  type RunObserver,
  RunObservers,
  type Step,
} from '../../src/protocol/index.js';
import { faultsBy } from '../support/silgi.js';
import { type ActionName, perform } from './perform.js';

// The service as a process of its own: does what the action and its command in argv say, and sends itself a signal at
// the step in argv. Before that it says which step it is at and which backend works for it; where it goes on, what it heard.
const [, , url = '', fatal = '', signal = '', name = '', command = ''] = process.argv;

class SignalAtStep extends FaultInjection implements RunObserver {
  private entered = '';
  private backendPid = 0;
  private struck = false;

  separates({ name }: Step): boolean {
    return name === fatal;
  }

  before({ name }: Step, _run: Run, backendPid = 0): void {
    this.entered = name;
    this.backendPid = backendPid;
    if (name === fatal) this.strike();
  }

  stepEnded(_run: Run, { name }: Step, error?: unknown): void {
    if (fatal !== 'answer' || name !== 'commit' || error !== undefined) return;
    this.entered = 'answer';
    this.strike();
  }

  private strike(): void {
    if (this.struck) return;
    this.struck = true;
    say({ struck: this.entered, backendPid: this.backendPid });
    process.kill(process.pid, signal);
  }
}

/** At once: what is still in a buffer would die with the process. */
function say(what: object): void {
  writeSync(1, `${JSON.stringify(what)}\n`);
}

const fatality = new SignalAtStep();
const app = await Test.createTestingModule({
  imports: [AppModule.forDatabase(url, SERVICE_ROLE), faultsBy(fatality)],
})
  .overrideProvider(RunObservers)
  .useValue(new RunObservers([fatality]))
  .compile();
Logger.overrideLogger(false);
await app.init();
await app.get(DatabaseLifecycle).open(url);
const asked = JSON.parse(command) as { patientId: string };
const heard = await perform(app, name as ActionName, asked).catch((error: unknown) => ({
  error: Object.fromEntries(Object.entries(error as object)),
}));
say({ heard });
await app.close();
