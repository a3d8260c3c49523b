import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of what places and releases legal holds, of what looks at them, and of the shards' own vetoes. */

const REPOSITORY = 'src/patient/legal-hold.repository.ts';
const lock = mutantsOf(REPOSITORY, 'orchestrator/hold-races');
const repository = mutantsOf(REPOSITORY, 'orchestrator/legal-holds');
const kept = mutantsOf('src/patient/kept.record.ts', 'orchestrator/hold-faults');
const committed = mutantsOf(REPOSITORY, 'orchestrator/hold-faults');
const action = mutantsOf('src/orchestrator/hold-patient/hold-patient.action.ts', 'orchestrator/legal-holds');
const commit = mutantsOf('src/orchestrator/hold-patient/hold-patient.action.ts', 'orchestrator/hold-faults');
const hold = mutantsOf('src/orchestrator/hold-patient/legal-hold.ts', 'orchestrator/legal-holds');
const policies = mutantsOf('src/postgres/row.policies.ts', 'database/restorer');
const scan = mutantsOf('src/catalogue/record.mismatches.ts', 'integrity/legal-holds');
const veto = mutantsOf('src/shards/vetoing.repository.ts', 'orchestrator/shard-vetoes');
const finance = mutantsOf('src/finance/finance.repository.ts', 'orchestrator/shard-vetoes');
const dto = mutantsOf('src/admin/holds/legal-hold.dto.ts', 'admin/legal-holds');

/** @type {import('./mutations.mjs').Mutation[]} */
export const HOLD_MUTATIONS = [
  lock('a hold: a live patient is looked at without a lock', [
    "const state = await lockedStateOf(manager, patientId, 'FOR NO KEY UPDATE');",
    'const state = (await runInPipeline(manager, [{ text: rootTable().strategy.stateOf(rootTable()), values: [patientId] }]))[0]?.[0];',
  ]),
  repository('a hold: who was hidden by the hospital is held, where nothing meets it', [
    "if (typeof deletionId !== 'string') return 'HIDDEN';",
    "if (typeof deletionId !== 'string') return 'LIVE';",
  ]),
  kept('a hold that was not kept is taken for one', [
    "if (changed === '') return;",
    "if (changed === '' || changed === undefined) return;",
  ]),
  kept('a hold that was kept otherwise is taken', [
    "if (changed === '') return;",
    'if (changed !== undefined) return;',
  ]),
  committed('a hold: after a lost commit it is taken for written', [
    'placedEventId === eventId || releasedEventId === eventId',
    'placedEventId === eventId || releasedEventId === eventId || eventId !== null',
  ]),
  committed('a hold: after a lost commit its release is taken for undone', [
    'placedEventId === eventId || releasedEventId === eventId',
    'placedEventId === eventId',
  ]),
  action('a hold: a release on another ground is answered as the first', [
    'if (hold.releaseGround !== release.ground)',
    'if (hold.releaseGround === undefined)',
  ]),
  action('a hold: a repeat writes a second one', [
    'if (standing !== undefined) return',
    'if (standing === null) return',
  ]),
  commit('a hold: a repeat whose commit was lost is asked for', ['!wrote || ', '']),
  hold('a hold: another case on the same ground is taken for it', [' && hold.reference === reference', '']),
  hold('a hold: another ground of the same case is taken for it', ['hold.ground === ground && ', '']),
  hold('a hold: one that was released is taken for standing', ['hold.releasedAt === null && ', '']),
  policies('a hold: it is placed without its case or its event', [
    'check: [isTold(PLACED), ...',
    'check: [...',
  ]),
  policies('a hold: it is released twice', ["using: 'released_at IS NULL'", "using: 'true'"]),
  policies('a hold: nobody has released it', ['check: isTold(RELEASED)', "check: 'true'"]),
  scan('the scan: a hold that was removed is not missed', [
    "e.action IN ('SYSTEM_PLACE_LEGAL_HOLD', 'SYSTEM_RELEASE_LEGAL_HOLD')",
    "e.action IN ('SYSTEM_RELEASE_LEGAL_HOLD')",
  ]),
  scan('the scan: a hold that was released by hand is right', [
    '\n      OR (h.released_at IS NULL) <> (h.released_event_id IS NULL))',
    ')',
  ]),
  dto('a hold: the number of its case is free text', ['@Matches(CASE_NUMBER, {', '@Matches(/./, {']),
  veto('a veto: an examination is opened after it was looked at', [
    "isPreview ? '' : 'FOR NO KEY UPDATE'",
    "''",
  ]),
  veto('a veto: examinations that are hidden count', ['AND NOT ${IS_DELETED} ${lock}', '${lock}']),
  veto('a veto of a shard is on unless it is off', ['if (!this.vetoes.has(code)) return [];', '']),
  finance('a veto: only what everybody owes is unpaid', [".join(' OR ')", ".join(' AND ')"]),
  finance('a veto: what is paid in full is unpaid', ['${column} > 0', '${column} >= 0']),
  mutantsOf('src/cli/database.session.ts', 'cli/delete-batch')('a command knows no veto of a shard', [
    'AppModule.forDatabase(url, undefined, deletionVetoes, policy)',
    'AppModule.forDatabase(url, undefined, deletionVetoes.slice(9), policy)',
  ]),
  mutantsOf('src/app.module.ts', 'adopted/legal-holds')(
    'vetoes of Silgi’s own tables are taken with a declaration',
    [
      'if (vetoes.length > 0 && adoptedTables() !== undefined)',
      'if (vetoes.length > 9 && adoptedTables() !== undefined)',
    ],
  ),
];
