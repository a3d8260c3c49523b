import { noTinyDisk } from '../../support/tiny.disk.js';
import { DiskStage } from '../disk.stage.js';
import type { Fault, Scene } from '../fault.js';
import type { CellStep } from '../matrix.js';
import { failureAt } from '../verdict.js';

/** The steps that write a row; a full disk shows at the next of them. */
const WRITES: readonly CellStep[] = [
  'claim',
  'mark clinical',
  'mark finance',
  'mark patient',
  'audit',
  'record',
  'hold',
  'request',
];

function nextWrite(scene: Scene): CellStep | undefined {
  return WRITES.find((write) => scene.isBefore(write));
}

/** The disk of the tables is full from the step on; commit records lie on another. */
const diskFull: Fault<DiskStage> = {
  code: 'DSK',
  title: 'the disk of the tables is full from the step on (53100); it shows at the next write',
  short: [...WRITES, 'lock', 'commit', 'answer'],
  unrecorded: true,
  unavailable: noTinyDisk,
  open: () => DiskStage.open(),
  shows: nextWrite,
  set(scene) {
    scene.strike(() => scene.stage.fill());
    return {
      error: failureAt(nextWrite(scene) ?? 'answer'),
      sqlstate: '53100',
      lift: () => scene.stage.free(),
    };
  },
};

/** Faults of the disk. */
export const diskFaults: readonly Fault<DiskStage>[] = [diskFull];
