import 'reflect-metadata';
import { Controller, Delete, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { type DeletionAnswer, Silgi, SilgiModule } from 'silgi';
import { DataSource } from 'typeorm';

// Whoever the hospital's own sign-in has let in.
const requestedBy = { subject: 'clerk', issuer: 'https://id.hospital.example', role: 'records-office' };
const why = { reason: 'DATA_SUBJECT_REQUEST', legalBasis: 'KVKK_ART_7' } as const;

@Controller('patients')
class PatientsController {
  constructor(private readonly silgi: Silgi) {}

  @Delete(':id')
  async delete(@Param('id') patientId: string): Promise<DeletionAnswer> {
    return (await this.silgi.deletePatient({ patientId, requestedBy, ...why })).answer;
  }
}

const database = TypeOrmModule.forRoot({ type: 'postgres', url: process.env['DATABASE_URL'] ?? '' });
const useFactory = (dataSource: DataSource) => ({ database: { dataSource }, migrations: {} });
const silgi = SilgiModule.forRootAsync({ inject: [DataSource], useFactory });

@Module({ imports: [database, silgi], controllers: [PatientsController] })
class HospitalModule {}

await (await NestFactory.create(HospitalModule)).listen(process.env['PORT'] ?? 3000);
