import 'reflect-metadata';
import { writeSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/app.module.js';
import { DatabaseLifecycle, SERVICE_ROLE } from '../../src/postgres/index.js';
import {
  type DeletePatientCommand,
  PatientOrchestrator,
  type StepName,
} from '../../src/orchestrator/index.js';
import { StepObserver } from '../../src/protocol/index.js';

// The service as a process of its own: deletes as the command in argv says, and sends itself a signal at the step
// in argv. Before that it says which step it is at and which backend works for it; where it goes on, what it heard.
const [, , url = '', fatal = '', signal = '', command = ''] = process.argv;

class SignalAtStep extends StepObserver {
  private entered = '';
  private backendPid = 0;
  private struck = false;

  override separates(step: StepName): boolean {
    return step === fatal;
  }

  override before(step: StepName, _deletionId: string, backendPid = 0): void {
    this.entered = step;
    this.backendPid = backendPid;
    if (step === fatal) this.strike();
  }

  override after(step: StepName, _milliseconds: number, error?: unknown): void {
    if (fatal !== 'answer' || step !== 'commit' || error !== undefined) return;
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

const app = await Test.createTestingModule({ imports: [AppModule.forDatabase(url, SERVICE_ROLE)] })
  .overrideProvider(StepObserver)
  .useValue(new SignalAtStep())
  .compile();
Logger.overrideLogger(false);
await app.init();
await app.get(DatabaseLifecycle).open(url);
const heard = await app
  .get(PatientOrchestrator)
  .deletePatient(JSON.parse(command) as DeletePatientCommand)
  .catch((error: unknown) => ({
    error: Object.fromEntries(Object.entries(error as object)),
  }));
say({ heard });
await app.close();
