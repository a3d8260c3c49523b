import { Document, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { textOfName } from '../declaration/index.js';
import type { Draft } from './draft.js';
import type { DraftEntry } from './draft.entry.js';

/**
 * A proposed declaration as a file: every guess has a mark, `decide`, with a question; what was seen stands in comments.
 * Names and numbers alone, nothing that stands in a row.
 *
 * @param draft what was found
 * @param about how it was found, for the first lines
 */
export function textOfDraft(
  draft: Draft,
  about: { readonly sample: number; readonly version: string },
): string {
  const of = (section: DraftEntry['section']) => draft.entries.filter((entry) => entry.section === section);
  const byName = (section: DraftEntry['section']) =>
    Object.fromEntries(of(section).map(({ name, fields, decide }) => [name, { ...fields, decide }]));
  const document = new Document({
    silgi: 1,
    database: {
      schemas: draft.schemas.map((schema) => textOfName(schema)),
      fingerprint: draft.fingerprint,
      ...(draft.database.decide.length > 0 && { decide: draft.database.decide }),
    },
    patient: { ...draft.patient.fields, decide: draft.patient.decide },
    defaults: { strategy: 'move' },
    tables: byName('tables'),
    kept: byName('kept'),
    reference: of('reference').map(({ name, decide }) => ({ table: name, decide })),
  });
  document.commentBefore = headOf(draft, about);
  const root = document.contents as unknown as YAMLMap;
  comment(keyOf(root, 'patient'), draft.patient.comments);
  comment(keyOf(root, 'tables'), draft.database.comments);
  for (const section of ['tables', 'kept'] as const) {
    const map = root.get(section);
    if (isMap(map)) for (const entry of of(section)) comment(keyOf(map, entry.name), entry.comments);
  }
  const reference = root.get('reference');
  if (isSeq(reference)) for (const item of reference.items) if (isMap(item)) item.flow = false;
  flowShortMaps(root);
  return document.toString({ lineWidth: 0, singleQuote: false });
}

function headOf(draft: Draft, { sample, version }: { sample: number; version: string }): string {
  const refused = draft.refused.map((line) => ` refused: ${line}`);
  return [
    ` Proposed by silgi ${version}, adopt discover. Nothing in it is certain: answer each question, put right what is wrong,`,
    ` and take its mark (decide) away. As long as one is left, it is not decided.`,
    ` No more than ${sample} rows of a table were read; what was read of a larger one is a sample, and says so.`,
    ...(refused.length === 0 ? [] : [` What cannot be done right as it is:`, ...refused]),
  ].join('\n');
}

function keyOf(map: YAMLMap, name: string): Node | undefined {
  const key = map.items.find((pair) => isScalar(pair.key) && pair.key.value === name)?.key;
  return isScalar(key) ? key : undefined;
}

function comment(node: Node | undefined, lines: readonly string[]): void {
  if (node !== undefined && lines.length > 0) node.commentBefore = lines.map((line) => ` ${line}`).join('\n');
}

/** What fits in a line stands in one. */
function flowShortMaps(map: YAMLMap): void {
  for (const { key, value } of map.items) {
    if (isMap(value)) {
      if (['key', 'via', 'shared', 'directory'].includes(String(key))) value.flow = true;
      else flowShortMaps(value);
    } else if (isSeq(value) && String(key) === 'anyOf') {
      for (const item of value.items) if (isMap(item)) item.flow = true;
    } else if (isSeq(value) && ['schemas', 'freeText'].includes(String(key))) value.flow = true;
  }
}
