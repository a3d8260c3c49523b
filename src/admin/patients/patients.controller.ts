import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { DeletedPatientReads } from '../../audit/index.js';
import { type Caller, Forbidden, type Role, SignedIn } from '../../auth/index.js';
import { requesterByToken } from '../../common/index.js';
import { PatientDirectory } from '../../patient/index.js';
import { BASE_PATH } from '../http/api.path.js';
import { pageExample, PATIENT } from '../http/examples.js';
import { ListReads } from '../http/list.reads.js';
import { Operation } from '../http/operation.decorator.js';
import { type Page, pageOf } from '../http/page.dto.js';
import { PatientDto, PatientPageDto, PatientPath, PatientsQuery, toPatientDto } from './patient.dto.js';
import type { Plain } from '../http/plain.js';
import { requestIdOf } from '../http/request.log.js';
import { Nothing } from '../http/request.validation.js';

/** Who may read the names of deleted patients: what a deletion has put out of reach (docs/security.md). */
const READS_DELETED: Role = 'privacy-officer';

/** Finds patients. */
@ApiTags('patients')
@Controller(`${BASE_PATH}/patients`)
export class PatientsController {
  private readonly lists = new ListReads();

  constructor(
    private readonly directory: PatientDirectory,
    private readonly reads: DeletedPatientReads,
  ) {}

  @Get()
  @Operation({
    id: 'listPatients',
    summary: 'Find patients',
    description:
      'Patients by family and given name; where one word is searched for, those first whose family name begins with ' +
      'it. Deleted ones are shown to a privacy-officer alone, and every name that is shown is an event of the audit log (DELETED_PATIENT_READ) before it is answered; anybody else who asks for ' +
      'them is refused (403).',
    roles: ['system-admin', 'privacy-officer'],
    answers: [{ description: 'A page of patients.', type: PatientPageDto, example: pageExample(PATIENT) }],
  })
  async list(
    @Query() { search, key, state, cursor, limit }: PatientsQuery,
    @SignedIn() { subject, issuer, roles }: Caller,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<Plain<PatientDto>>> {
    const readsDeleted = roles.includes(READS_DELETED);
    if (state === 'deleted' && !readsDeleted) throw new Forbidden([READS_DELETED]);
    const shown = readsDeleted ? state : 'live';
    const filter = {
      ...(search !== undefined && { search }),
      ...(key !== undefined && { key }),
      ...(shown !== undefined && { state: shown }),
      ...(cursor !== undefined && { after: cursor }),
      limit: limit + 1,
    };
    const found = await this.lists.read(response, (signal) => this.directory.page(filter, signal));
    const deleted = found.slice(0, limit).filter((patient) => patient.state === 'deleted');
    const reader = requesterByToken({ subject, issuer, role: READS_DELETED });
    await this.reads.append(reader, requestIdOf(request), deleted);
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
