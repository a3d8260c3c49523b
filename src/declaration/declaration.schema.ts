import { z } from 'zod';
import { FENCES, KEY_TYPES, OWNING_SHARDS, SHARED_RULES, STRATEGIES } from './declaration.js';
import { NameRefused, partsOfName } from './qualified.name.js';

/** A name of so many parts, as SQL writes it. */
const name = (parts: number, description: string) =>
  z
    .string()
    .superRefine((text, context) => {
      try {
        partsOfName(text, parts);
      } catch (error) {
        if (!(error instanceof NameRefused)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
      }
    })
    .describe(description);

const column = (description: string) =>
  name(1, `${description} A name with capitals or dots is in double quotes.`);
const table = (description: string) => name(2, description);
const words = (description: string) =>
  z.string().regex(/\S/, { error: 'must not be empty' }).describe(description);

/** A column, or SQL on a row of the table of patients. */
const shown = (description: string) =>
  words(`${description} A column, or SQL on a row: its result is shown.`);
const coverage = z.enum(['refuse', 'report']);
const COMPOSITE =
  'is a composite key, which is refused: Silgi finds all rows of a patient, and locks him, by one column; name a column ' +
  'that is unique by itself, or let the hospital add one';

const shard = z.enum(OWNING_SHARDS).describe('The shard that answers for the table.');
const resource = z
  .string()
  .regex(/^[A-Z][A-Za-z0-9]{0,62}$/, {
    error: 'must be a word such as LabResult: a capital, then letters and digits',
  })
  .describe(
    'What a row is, in one word that no other table has: Examination. Records and certificates speak of it.',
  );
const strategy = z
  .enum(STRATEGIES)
  .describe(
    'How rows are hidden. mark: by columns of the table. move: they leave for a table of the same shape.',
  );
const decide = z
  .union([words('A question.'), z.array(words('A question.')).min(1)], {
    error: 'must be a question or a list of questions',
  })
  .describe(
    'What a person has still to decide. The declaration is not in force until the mark is taken away.',
  );
const marks = { decide: decide.optional(), review: decide.optional() };

const via = z
  .record(
    column('A column of this table.'),
    name(3, 'The column of a declared table that it has the value of.'),
  )
  .refine((columns) => Object.keys(columns).length > 0, { error: 'must name a column' })
  .describe('Rows are found through another declared table: {column: schema.table.column}.');
const key = column('The column that holds the key of the patient.');

const when = words('SQL on the row: where it is true, this way holds.');

const alternative = z
  .strictObject({
    when: when.optional(),
    key: key.optional(),
    via: via.optional(),
  })
  .meta({ oneOf: [{ required: ['key'] }, { required: ['via'] }] });

const owned = z
  .strictObject({
    shard,
    resource,
    key: key.optional(),
    via: via.optional(),
    when: when.optional(),
    anyOf: z
      .array(alternative)
      .min(1)
      .optional()
      .describe('Several ways to the patient: a row is his where any of them leads to him.'),
    strategy: strategy.optional(),
    fence: z
      .enum(FENCES)
      .default('existing')
      .describe(
        'What keeps a row of a deleted patient out. existing: a foreign key that is there. add: one that Silgi adds. none: nothing, and `accepted` says why.',
      ),
    accepted: words('Why it is accepted that there is no fence.').optional(),
    rowIdentity: z
      .literal('none', { error: 'can only be none: where the table has no primary key' })
      .optional()
      .describe('none: the table has no primary key, so that two equal rows cannot be told apart.'),
    lockRows: z.boolean().default(false).describe('Lock the rows first: others hang on them.'),
    agree: z
      .record(column('A column of this table.'), table('The declared table that it leads to.'))
      .default({})
      .describe(
        'Columns that lead to rows of other declared tables and should be the same patient’s: for who reads the file, nothing asks for it.',
      ),
    shared: z
      .strictObject({
        rule: z.enum(SHARED_RULES).describe('When it leaves: with the first of them, or with the last.'),
      })
      .optional()
      .describe('A row may be about several patients, and when it leaves.'),
    freeText: z
      .array(column('A column.'))
      .default([])
      .describe('Columns with words that people have written.'),
    derived: z.boolean().default(false).describe('Made from other declared tables, and made anew.'),
    upstream: z
      .boolean()
      .default(false)
      .describe(
        'Foreign keys point from the tables of `via` to this one, and every such key is named, those of kept tables too: a row leaves when only this patient’s rows use it.',
      ),
    decide: marks.decide,
    review: marks.review,
  })
  .meta({ oneOf: [{ required: ['key'] }, { required: ['via'] }, { required: ['anyOf'] }] });

const kept = z.strictObject({
  reason: words('Why no deletion touches it.'),
  decide: marks.decide,
  review: marks.review,
});

const reference = z.union(
  [
    table('A table.'),
    z.strictObject({ table: table('A table.'), decide: marks.decide, review: marks.review }),
  ],
  { error: 'must be schema.table, or {table, decide}' },
);

const tableKeys = table('schema.table, as SQL writes it; a part with capitals or dots is in double quotes.');

/** The shape of `silgi.yaml`; what parts of it say of each other is checked beside it. */
export const declarationSchema = z
  .strictObject({
    silgi: z
      .literal(1, { error: 'must be 1: the version of this format' })
      .describe('The version of this format.'),
    database: z
      .strictObject({
        schemas: z
          .array(name(1, 'A schema.'))
          .min(1)
          .describe('The schemas of which every table has to be declared, in exactly one place.'),
        fingerprint: z
          .string()
          .regex(/^sha256:[0-9a-f]{64}$/, { error: 'must be sha256: and 64 hexadecimal digits' })
          .optional()
          .describe('Of names, types and keys, as `silgi adopt check` prints it.'),
        decide: marks.decide,
        review: marks.review,
      })
      .describe('The part of the database that is meant.'),
    patient: z
      .strictObject({
        table: table('The table of patients: one row each.'),
        key: z
          .strictObject({
            column: z
              .unknown()
              .superRefine((given, context) => {
                const found = column('').safeParse(given);
                const message = Array.isArray(given) ? COMPOSITE : found.error?.issues[0]?.message;
                if (message !== undefined) context.addIssue({ code: 'custom', message });
              })
              .transform(String)
              .meta({
                type: 'string',
                description: 'The column, unique by itself, that all others name a patient by.',
              }),
            type: z.enum(KEY_TYPES).describe('Its type; smallint is an integer, character varying a text.'),
          })
          .describe('What all tables name a patient by: one column.'),
        shard,
        resource,
        directory: z
          .strictObject({
            recordNumber: shown('The number of the record.').optional(),
            familyName: shown('The family name.').optional(),
            givenName: shown('The given name.').optional(),
            birthDate: shown('The date of birth.').optional(),
          })
          .default({})
          .describe('What a search of patients may show; nothing else of a patient is read.'),
        pseudonym: table('Where Silgi keeps the uuid of each key: silgi.patient_anchor.').optional(),
        decide: marks.decide,
        review: marks.review,
      })
      .describe('The table of patients.'),
    defaults: z
      .strictObject({
        strategy: strategy.default('move'),
        onCoverage: z
          .strictObject({
            nullKey: coverage
              .default('refuse')
              .describe('Rows whose key is null: deletions are refused unless report is said.'),
            orphan: coverage.default('report').describe('Rows whose key is nobody’s; refuse is not built.'),
          })
          .optional()
          .describe('What becomes of rows that no patient has: a deletion is refused, or they are reported.'),
      })
      .default({ strategy: 'move' })
      .describe('What holds for a table that does not say otherwise.'),
    tables: z.record(tableKeys, owned).default({}).describe('Tables with rows about patients.'),
    kept: z.record(tableKeys, kept).default({}).describe('Tables that no deletion touches, and why.'),
    reference: z
      .array(reference)
      .default([])
      .describe('Tables with nothing about patients: lists, codes, prices.'),
  })
  .describe('What a hospital says of its own database, for Silgi.');

/** The declaration as the file has it, with what goes without saying. */
export type RawDeclaration = z.infer<typeof declarationSchema>;
export type RawTable = RawDeclaration['tables'][string];

/** JSON Schema 2020-12 of `silgi.yaml`, for editors. */
export function declarationJsonSchema(): object {
  const schema = z.toJSONSchema(declarationSchema, { io: 'input', target: 'draft-2020-12' });
  return { title: 'silgi.yaml', ...schema };
}
