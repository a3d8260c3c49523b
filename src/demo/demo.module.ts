import { Module } from '@nestjs/common';
import { OrchestratorModule } from '../orchestrator/index.js';
import { PatientModule } from '../patient/index.js';
import { DemoLoader } from './demo.loader.js';

/** Demo patients for a database that has no others. */
@Module({
  imports: [PatientModule, OrchestratorModule],
  providers: [DemoLoader],
  exports: [DemoLoader],
})
export class DemoModule {}
