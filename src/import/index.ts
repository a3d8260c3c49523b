export { openFolder, type SyntheaFolder } from './folder.js';
export { Loader } from './loader.js';
export { MAPPINGS } from './mappings.js';
export { patientsOf } from './patient.rows.js';
export { Scan, type SpilledRow } from './scan.js';
export { Spill } from './spill.js';
export { type PatientTally, Tally } from './tally.js';
export { ProblemLog } from './problem.log.js';
