import { Module } from '@nestjs/common';
import { CatalogueGuard } from './catalogue.guard.js';
import { IntegrityScan } from './integrity.scan.js';

@Module({ providers: [CatalogueGuard, IntegrityScan], exports: [CatalogueGuard, IntegrityScan] })
export class CatalogueModule {}
