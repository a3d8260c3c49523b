import { ALL_HOLD_STEPS, ALL_REQUEST_STEPS } from '../../src/orchestrator/index.js';
import { matrixOf } from './matrix.js';

/** As of a deletion: every fault at every step by which a legal hold is placed or released. */
export const HOLD_MATRIX = matrixOf(
  ALL_HOLD_STEPS,
  `
                    EXC SWL CHK SER DLK CAN TMO TRS TRM LCK DDK IDL DSK
  connect           N   a   b   b   b   b   b   b   R   c   c   f   N
  begin             N   a   b   b   b   b   b   b   N   c   c   f   N
  lock              N   N   N   C   C   N   N   N   N   N   e   N   N
  read holds        N   N   N   C   C   N   N   N   N   d   d   N   N
  audit             N   N   N   C   C   N   N   N   N   N   C   N   N
  hold              N   N   N   C   C   N   N   N   N   N   C   N   N
  commit            N   N   N   C   C   N   R   R   R   c   c   R   C
  answer            C   a   b   b   b   b   b   b   C   c   c   f   C`,
  `
                    WRC WRR WRS DUP CON POL DDL CUB CUA STL SRV SRA SIG
  connect           i   i   i   k   C   N   j   N   N   N   N   N   N
  begin             i   i   i   k   C   C   j   N   N   N   N   N   N
  lock              i   i   i   k   C   C   j   N   N   N   N   N   N
  read holds        i   i   i   k   C   C   j   N   N   N   N   N   N
  audit             i   i   i   k   C   C   j   N   N   N   N   N   N
  hold              i   i   i   k   C   C   j   N   N   N   N   N   N
  commit            i   i   i   k   C   C   j   R   R   R   R   R   N
  answer            i   i   i   k   C   C   j   C   h   h   C   h   C`,
);

/** Every fault at every step by which a data subject's request is recorded or answered. */
export const REQUEST_MATRIX = matrixOf(
  ALL_REQUEST_STEPS,
  `
                    EXC SWL CHK SER DLK CAN TMO TRS TRM LCK DDK IDL DSK
  connect           N   a   b   b   b   b   b   b   R   c   c   f   N
  begin             N   a   b   b   b   b   b   b   N   c   c   f   N
  lock              N   N   N   C   C   N   N   N   N   N   e   N   N
  read requests     N   N   N   C   C   N   N   N   N   N   C   N   N
  audit             N   N   N   C   C   N   N   N   N   N   C   N   N
  request           N   N   N   C   C   N   N   N   N   N   C   N   N
  read back         N   N   N   C   C   N   N   N   N   d   d   N   C
  commit            N   N   N   C   C   N   R   R   R   c   c   R   C
  answer            C   a   b   b   b   b   b   b   C   c   c   f   C`,
  `
                    WRC WRR WRS DUP CON POL DDL CUB CUA STL SRV SRA SIG
  connect           i   i   i   k   C   N   j   N   N   N   N   N   N
  begin             i   i   i   k   C   C   j   N   N   N   N   N   N
  lock              i   i   i   k   C   C   j   N   N   N   N   N   N
  read requests     i   i   i   k   C   C   j   N   N   N   N   N   N
  audit             i   i   i   k   C   C   j   N   N   N   N   N   N
  request           i   i   i   k   C   C   j   N   N   N   N   N   N
  read back         i   i   i   k   C   C   j   N   N   N   N   N   N
  commit            i   i   i   k   C   C   j   R   R   R   R   R   N
  answer            i   i   i   k   C   C   j   C   h   h   C   h   C`,
);
