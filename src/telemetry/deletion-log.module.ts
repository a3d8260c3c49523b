import { Global, Module } from '@nestjs/common';
import { DeletionLog } from './deletion.log.js';

/** For the service, whose log is kept; commands say in their own words how a deletion has ended. */
@Global()
@Module({ providers: [DeletionLog], exports: [DeletionLog] })
export class DeletionLogModule {}
