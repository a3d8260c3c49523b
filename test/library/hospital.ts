import {
  type ArgumentsHost,
  Body,
  type CanActivate,
  Catch,
  Controller,
  Delete,
  type DynamicModule,
  type ExceptionFilter,
  Get,
  type INestApplicationContext,
  Injectable,
  type LoggerService,
  Module,
  Param,
  type PipeTransform,
  Post,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Response } from 'express';
import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm';
import { Silgi } from '../../src/library/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

export const REQUESTED_BY = {
  subject: 'clerk',
  issuer: 'https://id.hospital.example',
  role: 'records-office',
};
export const DELETION = {
  reason: 'DATA_SUBJECT_REQUEST',
  legalBasis: 'KVKK_ART_7',
  requestedBy: REQUESTED_BY,
} as const;

/** A table of the hospital's own, which its data source knows by `autoLoadEntities`. */
@Entity({ schema: 'public', name: 'ward' })
export class Ward {
  @PrimaryColumn('text')
  name: string;

  @Column('int')
  beds: number;
}

/** What the hospital's guard, pipe and filter have met. */
export const met = { guard: [] as string[], pipe: 0, filter: 0 };

@Injectable()
class HospitalGuard implements CanActivate {
  canActivate(context: { getClass(): { name: string } }): boolean {
    met.guard.push(context.getClass().name);
    return true;
  }
}

@Injectable()
class HospitalPipe implements PipeTransform {
  transform(value: unknown): unknown {
    met.pipe += 1;
    return value;
  }
}

@Catch()
class HospitalFilter implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): void {
    met.filter += 1;
    host.switchToHttp().getResponse<Response>().status(418).json({ hospital: error.name });
  }
}

@Controller('wards')
class WardsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly silgi: Silgi,
  ) {}

  @Get()
  list(): Promise<Ward[]> {
    return this.dataSource.getRepository(Ward).find();
  }

  /** Answers what came: the hospital reads bodies in its own way. */
  @Post()
  echo(@Body() body: unknown): unknown {
    return body;
  }

  @Delete('patients/:id')
  async delete(@Param('id') patientId: string): Promise<unknown> {
    return (await this.silgi.deletePatient({ patientId, ...DELETION })).answer;
  }
}

@Module({})
class HospitalModule {}

/** Keeps what is logged, as a hospital's own logger would. */
export class KeptLog implements LoggerService {
  readonly lines: unknown[][] = [];
  log = (...line: unknown[]): void => void this.lines.push(line);
  warn = this.log;
  error = this.log;
}

/** An application of a hospital's, with everything global that Nest has, and Silgi in it. */
export async function hospital(
  url: string,
  silgi: readonly DynamicModule[],
): Promise<{ app: NestExpressApplication; log: KeptLog }> {
  const module = {
    module: HospitalModule,
    imports: [
      TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true, applicationName: 'hospital' }),
      TypeOrmModule.forFeature([Ward]),
      ...silgi,
    ],
    controllers: [WardsController],
    providers: [
      { provide: APP_GUARD, useClass: HospitalGuard },
      { provide: APP_PIPE, useClass: HospitalPipe },
      { provide: APP_FILTER, useClass: HospitalFilter },
    ],
  };
  const log = new KeptLog();
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.create<NestExpressApplication>(module, { logger: log, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  return { app, log };
}

/** An application without HTTP, whose log nobody reads. */
export async function withoutHttp(...silgi: readonly DynamicModule[]): Promise<INestApplicationContext> {
  const module = { module: HospitalModule, imports: [...silgi] };
  const options = { logger: false, abortOnError: false } as const;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  return NestFactory.createApplicationContext(module, options);
}

/** Sessions of Silgi in a database, those of its batches and its sealing included. */
export async function sessionsOfSilgi(database: TestDatabase): Promise<number> {
  const [row] = await database.query<{ sessions: number }>(
    `SELECT count(*)::int AS sessions FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'silgi'`,
  );
  return row?.sessions ?? NaN;
}

/** A database of Silgi's with the hospital's own table in it. */
export async function hospitalDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await database.query('CREATE TABLE public.ward (name text PRIMARY KEY, beds integer NOT NULL)');
  await database.query("INSERT INTO public.ward VALUES ('A', 12)");
  return database;
}
