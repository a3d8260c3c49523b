import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PatientDirectory } from '../../patient/index.js';
import { BASE_PATH } from '../http/api.path.js';
import { pageExample, PATIENT } from '../http/examples.js';
import { Operation } from '../http/operation.decorator.js';
import { type Page, pageOf } from '../http/page.dto.js';
import { PatientDto, PatientPageDto, PatientPath, PatientsQuery, toPatientDto } from './patient.dto.js';
import type { Plain } from '../http/plain.js';
import { Nothing } from '../http/request.validation.js';

/** Finds patients. */
@ApiTags('patients')
@Controller(`${BASE_PATH}/patients`)
export class PatientsController {
  constructor(private readonly directory: PatientDirectory) {}

  @Get()
  @Operation({
    id: 'listPatients',
    summary: 'Find patients',
    description: 'Patients by family and given name, live and deleted ones.',
    roles: ['system-admin', 'privacy-officer'],
    answers: [{ description: 'A page of patients.', type: PatientPageDto, example: pageExample(PATIENT) }],
  })
  async list(@Query() { search, state, cursor, limit }: PatientsQuery): Promise<Page<Plain<PatientDto>>> {
    const found = await this.directory.page({
      ...(search !== undefined && { search }),
      ...(state !== undefined && { state }),
      ...(cursor !== undefined && { after: cursor }),
      limit: limit + 1,
    });
    return pageOf(found.map(toPatientDto), limit, ({ patientId }) => patientId);
  }

  @Get(':patientId')
  @Operation({
    id: 'getPatient',
    summary: 'Show a patient',
    description: 'A live patient. A deleted one is out of reach: the answer links to the deletion.',
    roles: ['system-admin', 'privacy-officer'],
    answers: [{ description: 'The patient.', type: PatientDto, example: PATIENT }],
    problems: ['PATIENT_NOT_FOUND', 'PATIENT_DELETED'],
  })
  async get(@Param() { patientId }: PatientPath, @Query() _: Nothing): Promise<Plain<PatientDto>> {
    return toPatientDto(await this.directory.get(patientId));
  }
}
