import { Module } from '@nestjs/common';
import { Admission } from './admission.js';
import { Transactions } from './transactions.js';

/** Wants {@link RunObservers} from outside: a global module brings everybody who watches. */
@Module({ providers: [Admission, Transactions], exports: [Admission, Transactions] })
export class ProtocolModule {}
