import { Module } from '@nestjs/common';
import { OrchestratorModule } from '../orchestrator/index.js';
import { IntegrityScan } from './integrity.scan.js';

@Module({ imports: [OrchestratorModule], providers: [IntegrityScan], exports: [IntegrityScan] })
export class IntegrityModule {}
