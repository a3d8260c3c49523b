import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Contract } from './contract.js';
import { type ApiDocument, committedText, currentDocument, textOf } from './document.js';

/**
 * From the OpenAPI Initiative's own repository (Apache-2.0): what a document of version 3.1 is. Its dynamic references
 * are plain ones here, for the schemas within are held to their own dialect when they are compiled.
 */
const SPECIFICATION = new URL('../fixtures/openapi/openapi-3.1.schema.json', import.meta.url);
const RENEW = 'Run `npm run openapi`, read the difference, and commit docs/openapi.json.';

let document: ApiDocument;
let contract: Contract;

beforeAll(async () => {
  document = await currentDocument();
  contract = new Contract(document);
});

/** What is asked of every call: who is not signed in, or not allowed, or cannot be understood is told so. */
const EVERY_CALL = ['400', '413', '500'];
const SIGNED_IN = [...EVERY_CALL, '401', '403', '503'];

describe('docs/openapi.json', () => {
  it('is the document of the code', async () => {
    const committed = await committedText();
    if (committed === (await textOf(document))) return;
    expect({ hint: RENEW, document: JSON.parse(committed || '{}') as unknown }).toEqual({
      hint: RENEW,
      document,
    });
    throw new Error(`The same document, formatted in another way. ${RENEW}`);
  });
});

describe('the document', () => {
  it('is one of OpenAPI 3.1 by the specification’s own schema', async () => {
    const specification = JSON.parse(await readFile(SPECIFICATION, 'utf8')) as object;
    const ajv = new Ajv2020({ allErrors: true, strict: false, formats: { 'media-range': true } });
    (addFormats as unknown as typeof addFormats.default)(ajv);
    const validate = ajv.compile(specification);
    validate(document);
    expect(validate.errors).toBeNull();
    // It can tell: a document without responses, and one with a misspelt member, are refused.
    expect(validate({ ...document, paths: { '/a': { get: { responses: 1 } } } })).toBe(false);
    expect(validate({ ...document, pathz: {} })).toBe(false);
  });

  it('has schemas that compile in JSON Schema 2020-12 and say no to what they do not name', () => {
    const names = Object.keys(document.components.schemas);
    expect(names.length).toBeGreaterThan(20);
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      expect(() => contract.faultIn({}, { $ref: `#/components/schemas/${name}` })).not.toThrow();
      if (schema.properties !== undefined)
        expect({ name, schema }).toHaveProperty('schema.additionalProperties');
    }
    const surprise = { status: 'live', surprise: 1 };
    expect(contract.faultIn(surprise, { $ref: '#/components/schemas/Liveness' })).toContain('surprise');
  });

  it('has examples that match their own schemas', () => {
    let examples = 0;
    const expectMatch = (where: string, value: unknown, schema: Parameters<Contract['faultIn']>[1]) => {
      expect({ where, fault: contract.faultIn(value, schema) }).toEqual({ where, fault: undefined });
      examples += 1;
    };
    for (const { operation } of contract.routes) {
      const { operationId, requestBody, responses } = operation;
      const answers = Object.entries(responses).map(([status, { content }]) => ({ where: status, content }));
      for (const { where, content = {} } of [...answers, { where: 'body', content: requestBody?.content }])
        for (const [type, { schema, example, examples: named = {} }] of Object.entries(content)) {
          if (!type.endsWith('json') || schema === undefined) continue;
          const name = `${operationId} ${where} ${type}`;
          if (example !== undefined) expectMatch(name, example, schema);
          for (const [key, { value }] of Object.entries(named)) expectMatch(`${name} ${key}`, value, schema);
        }
    }
    for (const [name, { properties = {} }] of Object.entries(document.components.schemas))
      for (const [field, schema] of Object.entries(properties))
        if (schema.example !== undefined) expectMatch(`${name}.${field}`, schema.example, schema);
    expect(examples).toBeGreaterThan(150);
  });

  it('gives every call a name of its own, all of its path’s parameters and its problems', () => {
    const ids = contract.routes.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of contract.routes) {
      const { operationId, parameters = [], responses, security } = operation;
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      expect({ operationId, inPath: inPath.sort() }).toEqual({
        operationId,
        inPath: (path.match(/\{\w+\}/g) ?? []).sort(),
      });
      const isOpen = security?.length === 0;
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(isOpen ? EVERY_CALL : SIGNED_IN));
      const success = Object.keys(responses).filter((status) => status.startsWith('2'));
      expect({ operationId, success }).not.toEqual({ operationId, success: [] });
      for (const [status, { content = {} }] of Object.entries(responses)) {
        const isProblem = Number(status) >= 400 && !(operationId === 'getReadiness' && status === '503');
        expect({ operationId, status, isProblem: 'application/problem+json' in content }).toEqual({
          operationId,
          status,
          isProblem,
        });
      }
    }
  });
});
