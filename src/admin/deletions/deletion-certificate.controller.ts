import { createHash } from 'node:crypto';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { certificateJsonSchema, DeletionCertificates } from '../../certificate/index.js';
import { BASE_PATH } from '../http/api.path.js';
import { CERTIFICATE } from './certificate.example.js';
import { DeletionPath } from './deletion-record.dto.js';
import { Operation } from '../http/operation.decorator.js';
import { formOf, languageOf, VARIES } from '../http/negotiation.js';
import { Nothing } from '../http/request.validation.js';

const FORMS = ['application/json', 'application/pdf'] as const;

/** Hands out deletion certificates. */
@ApiTags('deletions')
@Controller(`${BASE_PATH}/patients/:patientId/deletions/:deletionId/certificate`)
export class DeletionCertificateController {
  constructor(private readonly certificates: DeletionCertificates) {}

  @Get()
  @Operation({
    id: 'getDeletionCertificate',
    summary: 'Get the certificate of a deletion',
    description:
      'A document without personal data, to be handed to an auditor: signed JSON, or a PDF with that JSON ' +
      'attached, by `Accept`. `npx silgi verify-certificate` checks either with the log’s public key alone. It is ' +
      'made anew for every call. That of a deletion that was undone says so; of one that stands it is refused where the ' +
      'patient has live rows now.',
    roles: ['system-admin', 'privacy-officer', 'auditor'],
    answers: [
      {
        description: 'The certificate, byte for byte as it was signed.',
        type: certificateJsonSchema(),
        alsoAs: ['application/pdf'],
        example: CERTIFICATE,
        headers: {
          'Content-Disposition': { description: 'A name for the file.', schema: { type: 'string' } },
          'Content-Language': { description: 'The language of the PDF.', schema: { type: 'string' } },
          'Repr-Digest': { description: 'SHA-256 of the file (RFC 9530).', schema: { type: 'string' } },
          Vary: { description: '`Accept, Accept-Language`.', schema: { type: 'string' } },
        },
      },
    ],
    problems: [
      'DELETION_NOT_FOUND',
      'NOT_ACCEPTABLE',
      'LIVE_ROWS_FOUND',
      'CERTIFICATE_REFUSED',
      'AUDIT_EVENT_NOT_SEALED',
      'AUDIT_LOG_REFUSED',
      'AUDIT_LOG_DAMAGED',
    ],
  })
  @ApiHeader({
    name: 'Accept-Language',
    required: false,
    description: 'The language of the PDF: `en`, which it is unless told, or `tr`.',
    schema: { type: 'string' },
  })
  async get(
    @Param() { patientId, deletionId }: DeletionPath,
    @Query() _: Nothing,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    VARIES.forEach((header) => response.vary(header));
    const form = formOf(request, FORMS);
    const language = languageOf(request);
    const isPdf = form === 'application/pdf';
    const { bytes } = isPdf
      ? await this.certificates.issuePdf(patientId, deletionId, language)
      : await this.certificates.issue(patientId, deletionId);
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    response.attachment(`silgi-deletion-${deletionId}.${isPdf ? 'pdf' : 'json'}`);
    if (isPdf) response.set('Content-Language', language);
    response.set('Repr-Digest', `sha-256=:${sha256}:`).type(form).send(bytes);
  }
}
