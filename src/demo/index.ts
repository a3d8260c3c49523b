export { DEMO_PATIENTS, DEMO_SEED, DemoLoader } from './demo.loader.js';
export { DemoModule } from './demo.module.js';
export { demoPatients } from './demo.patients.js';
