import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { declarationJsonSchema } from '../../src/declaration/index.js';
import { committedText, currentText } from './declaration.schema.file.js';
import { WHOLE } from './examples.js';

describe('docs/silgi.schema.json', () => {
  it('is that of the code: run `npm run declaration-schema` where this fails', async () => {
    expect(await committedText()).toBe(await currentText());
  });

  it('says yes to a whole declaration, and no to a key that is not known and to two ways at once', () => {
    const validate = new Ajv2020({ allErrors: true, strict: true, strictRequired: false }).compile(
      declarationJsonSchema(),
    );
    const content = parse(WHOLE) as { tables: Record<string, object> };
    validate(content);
    expect(validate.errors).toBeNull();
    expect(validate({ ...content, surprise: 1 })).toBe(false);
    const both = { ...content.tables['cdm.death'], via: { a: 'cdm.visit.id' } };
    expect(validate({ ...content, tables: { ...content.tables, 'cdm.death': both } })).toBe(false);
  });

  it('describes every field', () => {
    const silent: string[] = [];
    const walk = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [key, value] of Object.entries(node as Record<string, unknown>)) {
        if (key === 'properties')
          for (const [name, field] of Object.entries(value as Record<string, { description?: string }>))
            if (field.description === undefined) silent.push(`${path}.${name}`);
        walk(value, key === 'properties' ? path : `${path}.${key}`);
      }
    };
    walk(declarationJsonSchema(), '');
    expect(silent).toEqual([]);
  });
});
