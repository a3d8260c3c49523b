import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import {
  AuditLogKey,
  AuditLogProofs,
  AuditLogVerification,
  type ConsistencyProof,
  type InclusionProof,
  type VerificationReport,
} from '../../transparency-log/index.js';
import { BASE_PATH } from '../http/api.path.js';
import { AuditEventPath } from './audit-event.dto.js';
import {
  CheckpointDto,
  ConsistencyProofDto,
  ConsistencyQuery,
  InclusionProofDto,
  VerificationDto,
} from './audit-log.dto.js';
import { CHECKPOINT, CONSISTENCY, INCLUSION, VERIFICATION } from '../http/examples.js';
import { LongScan, TAKES_MINUTES } from '../http/long.scan.js';
import { Operation } from '../http/operation.decorator.js';
import { ValidationFailed } from '../http/request.errors.js';
import { Nothing } from '../http/request.validation.js';

const ROLES = ['auditor', 'privacy-officer'] as const;

/** What lets an auditor check the audit log without trusting the service or its database. */
@ApiTags('audit')
@Controller(`${BASE_PATH}/audit-log`)
export class AuditLogController {
  private readonly verification: LongScan<VerificationReport>;

  constructor(
    private readonly proofs: AuditLogProofs,
    verification: AuditLogVerification,
    private readonly key: AuditLogKey,
  ) {
    this.verification = new LongScan('A verification of the audit log', (signal) =>
      verification.run(undefined, signal),
    );
  }

  @Get('checkpoint')
  @Operation({
    id: 'getCheckpoint',
    summary: 'Get the newest checkpoint of the audit log',
    description:
      'How many events are sealed, and the root of the Merkle tree over them, signed. Keep it outside: whoever ' +
      'holds it can tell later that nothing before it was changed. Asked for `text/plain`, the bare signed note.',
    roles: ROLES,
    answers: [
      { description: 'The checkpoint.', type: CheckpointDto, example: CHECKPOINT, alsoAs: ['text/plain'] },
    ],
    problems: ['AUDIT_EVENT_NOT_SEALED', 'AUDIT_LOG_REFUSED'],
  })
  async checkpoint(@Query() _: Nothing, @Req() request: Request, @Res() response: Response): Promise<void> {
    const checkpoint = await this.proofs.checkpoint();
    if (request.accepts(['application/json', 'text/plain']) === 'text/plain')
      response.type('text/plain').send(checkpoint);
    else response.json({ checkpoint, verifierKey: this.key.verifierKey });
  }

  @Get('inclusion-proof/:auditEventId')
  @Operation({
    id: 'getInclusionProof',
    summary: 'Prove that an event is in the log',
    description:
      'What was sealed of the event, and the hashes that lead from it to the root of the newest checkpoint. An ' +
      'event that is not sealed yet is sealed first.',
    roles: ROLES,
    answers: [{ description: 'The proof.', type: InclusionProofDto, example: INCLUSION }],
    problems: ['AUDIT_EVENT_NOT_FOUND', 'AUDIT_EVENT_NOT_SEALED', 'AUDIT_LOG_REFUSED', 'AUDIT_LOG_DAMAGED'],
  })
  inclusion(@Param() { auditEventId }: AuditEventPath, @Query() _: Nothing): Promise<InclusionProof> {
    return this.proofs.inclusionOf(auditEventId);
  }

  @Get('consistency-proof')
  @Operation({
    id: 'getConsistencyProof',
    summary: 'Prove that the log has only grown',
    description: 'The hashes that lead from the root of an older checkpoint to that of a newer one.',
    roles: ROLES,
    answers: [{ description: 'The proof.', type: ConsistencyProofDto, example: CONSISTENCY }],
  })
  async consistency(@Query() { from, to }: ConsistencyQuery): Promise<ConsistencyProof> {
    const proof = await this.proofs.consistencyOf(from, to);
    if (proof !== undefined) return proof;
    const turned = to !== undefined && from > to;
    throw new ValidationFailed([
      {
        path: turned || to === undefined ? 'from' : 'to',
        message: turned ? 'must not exceed "to"' : 'must not exceed the size of the log',
      },
    ]);
  }

  @Get('verification')
  @Operation({
    id: 'verifyAuditLog',
    summary: 'Check the whole audit log',
    description:
      'Computes the log anew from its events and holds it against leaves, tree, every checkpoint and its signature, ' +
      'and the file of checkpoints outside the database. Changes nothing, takes as long as reading the log does, ' +
      'and ends when the caller closes the connection. One runs at a time, and a second call is refused. ' +
      `\`npx silgi verify-audit\` shows its progress, and checks an export without this service. ${TAKES_MINUTES}`,
    roles: ROLES,
    answers: [{ description: 'What was found.', type: VerificationDto, example: VERIFICATION }],
    problems: ['SCAN_IN_PROGRESS'],
  })
  verify(@Query() _: Nothing, @Res({ passthrough: true }) response: Response): Promise<VerificationReport> {
    return this.verification.run(response);
  }
}
