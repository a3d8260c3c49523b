import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of the audit log, its keys and its checkpoints. */

const sealer = mutantsOf('src/transparency-log/audit-log.sealer.ts', 'audit-log/checkpoint-file.e2e');
const round = mutantsOf('src/transparency-log/audit-log.sealer.ts', 'audit-log/sealing');
const file = mutantsOf('src/transparency-log/checkpoint.file.ts', 'audit-log/checkpoint-file.spec');
const checkpoint = mutantsOf('src/transparency-log/checkpoint.ts', 'audit-log/signed-note');
const note = mutantsOf('src/transparency-log/signed.note.ts', 'audit-log/signed-note');
const roots = mutantsOf('src/transparency-log/signed.roots.ts', 'audit-log/log-check');
const trusted = mutantsOf('src/transparency-log/trusted.checkpoints.ts', 'audit-log/log-check');
const check = mutantsOf('src/transparency-log/log.check.ts', 'audit-log/log-check');
const exported = mutantsOf('src/transparency-log/audit-log.export.ts', 'audit-log/tampering-exports');
const lines = mutantsOf('src/transparency-log/text.lines.ts', 'audit-log/tampering-exports');
const beside = mutantsOf('src/transparency-log/beside-the-log.ts', 'audit-log/tampering-checkpoints');
const besideEvents = mutantsOf('src/transparency-log/beside-the-log.ts', 'audit-log/tampering.e2e');
const VERIFICATION = 'src/transparency-log/audit-log.verification.ts';
const events = mutantsOf(VERIFICATION, 'audit-log/tampering.e2e');
const checkpoints = mutantsOf(VERIFICATION, 'audit-log/tampering-checkpoints');
const stored = mutantsOf('src/transparency-log/checkpoints.check.ts', 'audit-log/tampering-checkpoints');
const rows = mutantsOf('src/transparency-log/log.rows.ts', 'audit-log/tampering.e2e');
const command = mutantsOf('src/cli/verify-audit.command.ts', 'audit-log/audit-log-commands');
const proofs = mutantsOf('src/transparency-log/audit-log.proofs.ts', 'audit-log/audit-log-api');

/** A file for its owner's eyes alone. */
const SECRET = 'mode: 0o600,';
const privateMutant = (path) => mutantsOf(path, 'security/private-files');
const privateFile = (name, path) => privateMutant(path)(name, [SECRET, 'mode: 0o644,']);
const SIGNING_KEY = 'src/transparency-log/audit-log.key.ts';
const DEVELOPMENT_KEY = 'src/auth/development.key.ts';

/** @type {import('./mutations.mjs').Mutation[]} */
export const LOG_MUTATIONS = [
  sealer('a log of the same size and another root is accepted', [
    'if (last.size > next.size) return false;',
    'if (last.size >= next.size) return last.size === next.size;',
  ]),
  sealer('a greater log of another root is accepted', [
    'if (last.size > next.size) return false;',
    'if (last.size !== next.size) return last.size < next.size;',
  ]),
  sealer('a log smaller than the file is accepted', [
    'if (last.size > next.size) return false;',
    'if (last.size > next.size) return true;',
  ]),
  sealer('the last checkpoint in the file is passed over where the log is empty', [
    'if (last !== undefined) throw this.contradiction(0);',
    '',
  ]),
  round('a stored tree that does not lead to its signed root is sealed on', [
    'if (Buffer.compare(tree.root(), root) !== 0)',
    'if (root.length === 0)',
  ]),
  round('a checkpoint that was signed for another size is sealed on', [
    'if (checkpoint.size === size) return checkpoint;',
    'if (size >= 0) return checkpoint;',
  ]),
  mutantsOf('src/transparency-log/audit-log.sealer.ts', 'audit-log/sealing-backlog')(
    'each round of a backlog reads from its beginning',
    ['this.pass = isCutOff ? next : undefined;', 'this.pass = undefined;'],
  ),
  mutantsOf('src/transparency-log/audit-log.store.ts', 'audit-log/sealing-backlog')(
    'each round of a backlog sorts all of it',
    ["= { enable_sort: 'off', enable_seqscan: 'off' };", '= {};'],
  ),
  mutantsOf('src/transparency-log/audit-log.store.ts', 'audit-log/sealing-backlog')(
    'a start sorts all of a backlog in each round',
    ['await manager.query(forEach((name, value) => `SET ${name} = ${value}`));', ''],
  ),
  round('a pass leads past what was committed behind it', [
    'isCutOff ? next.horizon : next.begun',
    'isCutOff ? next.horizon : unsealed.oldestRunning',
  ]),
  round('an instance with another key seals', ['if (recorded !== verifierKey)', "if (recorded === '')"]),

  file('the checkpoint file is not synced', ['      await file.sync();\n', '']),
  file('the checkpoint file is synced and nobody waits for it', ['await file.sync();', 'void file.sync();']),
  file(
    'the checkpoint file is synced before it is written',
    ['      await file.appendFile(', '      await file.sync();\n      await file.appendFile('],
    ['      await file.sync();\n      if (size', '      if (size'],
  ),
  file('the folder of a new checkpoint file is not synced', ['if (size === 0) await', 'if (size < 0) await']),
  file('what a crash has left half-written stays in the checkpoint file', ['if (torn > 0)', 'if (torn < 0)']),
  privateFile('the signing key is readable by everybody', SIGNING_KEY),
  privateFile('the development key is readable by everybody', DEVELOPMENT_KEY),
  privateMutant('src/common/private-files.ts')('the checkpoint file is readable by everybody', [
    'flags | NO_WAIT, 0o600',
    'flags | NO_WAIT, 0o644',
  ]),
  privateMutant(SIGNING_KEY)('the signing key is as private as the umask makes it', [
    `${SECRET} flag`,
    'flag',
  ]),

  privateMutant(SIGNING_KEY)('the signing key has its name before it is on the disk', [', flush: true', '']),
  privateMutant(SIGNING_KEY)('the name of the signing key is not on the disk', [
    '    await syncFolder(dirname(file));\n',
    '',
  ]),
  privateMutant(DEVELOPMENT_KEY)('the development key has its name before it is on the disk', [
    ', flush: true',
    '',
  ]),

  checkpoint('a checkpoint of another origin is trusted', [
    'if (origin !== nameOf(verifierKey))',
    "if (origin === '')",
  ]),
  checkpoint('a checkpoint whose size is no number is taken', ['!isCheckpoint', "root === ''"]),
  note('the signature of a note is not verified', [
    ' || !verify(null, Buffer.from(text), trusted.key, signature)',
    '',
  ]),
  note('of several signatures by the key only the first is verified', ['of own) {', 'of own.slice(0, 1)) {']),
  note('the key id of a signature is not compared', [' && id.equals(trusted.id)', '']),
  note('the name of a signature is not compared', ['name === trusted.name && ', '']),
  note('the id in a verifier key is not compared with the key', [
    "if (keyId(name, typed).toString('hex') !== id)",
    "if (id === '')",
  ]),
  note('a bare signature is not verified', [
    'signature.length === SIGNATURE_BYTES && verify(null, bytes, parseVerifierKey(verifierKey).key, signature)',
    'signature.length === SIGNATURE_BYTES',
  ]),

  trusted('a checkpoint that the key has not signed goes unsaid', ['      this.refuse(', '      String(']),
  roots('of two roots of one size the last counts', ['(this.bySize.get(size) ?? signed) === signed', 'true']),
  trusted('checkpoints are opened without a turn for others', [
    'if (this.turns.isOver) await this.turns.next();',
    'await Promise.resolve();',
  ]),
  check('events are checked without a turn for others', ['    if (turns.isOver) await turns.next();\n', '']),
  check('a second event in one place passes', ['if (row.leafIndex < index)', 'if (row.leafIndex < 0)']),
  check('events that no checkpoint covers pass', ['if (index >= this.roots.largest)', 'if (index < 0)']),
  check('a gap passes', ['if (row.leafIndex > index)', 'if (row.leafIndex < 0)']),
  check('a line that cannot be read is told as removed', [
    'if (auditEventId === null)',
    "if (auditEventId === '')",
  ]),
  check('an event that is gone is told as edited', [
    'if (event === undefined) return',
    'if (index < 0) return',
  ]),
  check('an event that has no canonical form passes', [
    'if (hash === undefined) return edited;',
    'if (hash === undefined) return undefined;',
  ]),
  check('an event under the id of another passes', ['event.auditEventId === auditEventId && ', '']),
  check('a number that is read as another passes', [' && row.isLossy !== true', '']),
  check('the content of an event is not held against its seal', [' || !same(hash, row.leafHash)', '']),
  check('the stored tree is not looked at', ['if (row.nodes === undefined || ', 'if (']),
  check('a subtree that is missing passes', [
    'stored !== undefined && same(stored, hash)',
    'stored === undefined || same(stored, hash)',
  ]),
  check('a subtree that is another passes', [' && same(stored, hash))', ')']),
  check('the signed roots are not looked at', [
    'if (!this.roots.has(size)) return undefined;',
    'if (size > 0) return undefined;',
  ]),
  check('a log that was cut off passes', [
    'if (leafIndex >= this.roots.largest) return undefined;',
    'if (leafIndex >= 0) return undefined;',
  ]),
  check('events count as proven without a checkpoint', [
    '    this.previous = row;\n',
    '    this.previous = row;\n    this.proven = this.tree.size;\n',
  ]),

  exported('an export with a field more passes', [
    'const line = z.strictObject({',
    'const line = z.object({',
  ]),
  exported('an export with a doubled key passes', [
    'if (serialised(JSON.parse(text) as object) !== text) return',
    "if (text === '') return",
  ]),
  lines('the last line of an export without its end is passed over', [
    "if (rest !== '') yield",
    "if (rest === '') yield",
  ]),
  exported('an export is written without its last lines', [
    'if (lines.length > 0) await write',
    'if (lines.length > 500) await write',
  ]),

  stored('a checkpoint filed under another size passes', ['signedSize !== filed || ', '']),
  stored('a checkpoint filed with another root passes', [" || signedRoot !== root.toString('base64')", '']),
  stored('a checkpoint in both database and file is opened twice', [
    'if (inDatabase === note) continue;',
    '',
  ]),
  checkpoints('checkpoints that the database has lost pass', ['inFile.gone, ', '']),
  beside('nodes beyond the last event pass', ['    ...stray(evidence.strayNodes),\n', '']),
  besideEvents('events in places that no log has pass', ['    ...(await misplaced(manager)),\n', '']),
  beside('another key on record passes', ['    ...(await otherKeys(manager, evidence)),\n', '']),
  events('events that were put behind the last sealing pass', [', ...hidden]', ', ...hidden.slice(0, 0)]']),
  events('an event that no transaction wrote passes', ['e.inserted_by IS NULL\n             OR ', '']),
  checkpoints('forged checkpoints pass', ['[finding, ...trusted.forged,', '[finding,']),
  stored('the file outside is not looked at', [
    'await trusted.open(note, file.path);',
    'await Promise.resolve(undefined as never as { size: number } | undefined);',
  ]),
  stored('the checkpoints of the database are not looked at', [
    "      await trusted.open(text, 'the database');\n",
    '',
  ]),
  rows('numbers that JavaScript rounds are not noticed', [
    'isLossy: isLossy(json)',
    'isLossy: json === undefined',
  ]),

  proofs('a proof of inclusion is given without a look at whether it holds', [
    'if (!verifyInclusion({',
    'if (leafIndex < 0 && !verifyInclusion({',
  ]),
  proofs('a proof is made of a leaf beyond the checkpoint', [
    'if (leafIndex >= treeSize) throw',
    'if (leafIndex < 0) throw',
  ]),

  command('verify-audit ends with 0 although something is wrong', ['process.exitCode = 1;', '']),
  command('verify-audit checks an export without a checkpoint', [
    'if (checkpoints === 0)',
    'if (checkpoints < 0)',
  ]),
  command('verify-audit calls an export valid in spite of a forged checkpoint', [
    'finding === undefined && forged.length === 0',
    'finding === undefined',
  ]),
  command('verify-audit of an export passes over forged checkpoints', [
    'return finding === undefined ? forged : [finding, ...forged];',
    'return finding === undefined ? [] : [finding];',
  ]),
];
