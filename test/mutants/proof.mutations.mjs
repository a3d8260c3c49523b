import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of the proofs of the Merkle tree, and of what a certificate is checked for. */

const merkle = mutantsOf('src/transparency-log/merkle.ts', 'audit-log/merkle');
const certificate = mutantsOf('src/certificate/certificate.verification.ts', 'certificate/contradictions');
const bytes = mutantsOf('src/certificate/certificate.verification.ts', 'certificate/verification');
const format = mutantsOf('src/certificate/certificate.document.ts', 'certificate/contradictions');
const issue = mutantsOf('src/certificate/certificates.ts', 'certificate/certificate-refusals');
const RECORDS = 'integrity/records-and-events';
const event = mutantsOf('src/audit/audit.repository.ts', RECORDS);
const record = mutantsOf('src/patient/patient.repository.ts', RECORDS);
const comparison = mutantsOf('src/catalogue/record.comparison.ts', RECORDS);
const triggers = mutantsOf('src/catalogue/foreign.triggers.ts', RECORDS);
const pdf = mutantsOf('src/certificate/pdf.envelope.ts', 'certificate/verification');
const command = mutantsOf('src/cli/verify-certificate.command.ts', 'certificate/certificate-command');

/** Whatever the certificate says in its own words, next to what was sealed. */
const SEALED_WORDS = ['deletionId', 'subject', 'actorRole', 'reason', 'legalBasis'];
const LIST = SEALED_WORDS.map((word) => `'${word}'`).join(', ');

/** @type {import('./mutations.mjs').Mutation[]} */
export const PROOF_MUTATIONS = [
  merkle('an inclusion proof is climbed on the wrong side', [
    'hash = fromLeft ? nodeHash(sibling, hash) : nodeHash(hash, sibling);',
    'hash = fromLeft ? nodeHash(hash, sibling) : nodeHash(sibling, hash);',
  ]),
  merkle('an inclusion proof does not have to lead to the root', [
    'place.last === 0 && same(hash, root)',
    'place.last === 0',
  ]),
  merkle('an inclusion proof may end below the root', [
    'return place.last === 0 && same(hash, root)',
    'return same(hash, root)',
  ]),
  merkle('an inclusion proof may have hashes left over', [
    'of proof) {\n    if (place.last === 0) return false;',
    'of proof) {\n    if (place.last === 0) break;',
  ]),
  merkle('an inclusion proof of a leaf beyond the tree is taken', [
    ' || leafIndex >= treeSize) return false;',
    ') return false;',
  ]),
  merkle('leaves and nodes are hashed alike', [
    'const NODE = Uint8Array.of(1);',
    'const NODE = Uint8Array.of(0);',
  ]),
  merkle('a consistency proof is climbed on the wrong side', [
    'grown = fromLeft ? nodeHash(sibling, grown) : nodeHash(grown, sibling);',
    'grown = fromLeft ? nodeHash(grown, sibling) : nodeHash(sibling, grown);',
  ]),
  merkle('a consistency proof does not have to lead to the first root', ['same(old, firstRoot) && ', '']),
  merkle('a consistency proof does not have to lead to the second root', [
    'same(old, firstRoot) && same(grown, secondRoot)',
    'same(old, firstRoot)',
  ]),
  merkle('a consistency proof may end below the root', [
    'return place.last === 0 && same(old,',
    'return same(old,',
  ]),
  merkle('a consistency proof may have hashes left over', [
    'of siblings) {\n    if (place.last === 0) return false;',
    'of siblings) {\n    if (place.last === 0) break;',
  ]),
  merkle('two trees of one size are consistent whatever their roots', [
    'return proof.length === 0 && same(firstRoot, secondRoot)',
    'return proof.length === 0',
  ]),
  merkle('every tree grows out of one that claims to be empty', [
    'return proof.length === 0 && same(firstRoot, EMPTY_ROOT)',
    'return proof.length === 0',
  ]),
  merkle('a tree grows out of a greater one', [' || first > second) return false;', ') return false;']),
  merkle('a tree is planned to grow out of a greater one', [' && first <= second))', '))']),

  certificate('a certificate that names another key is taken', [
    'certificate.signedBy === signerOf(verifierKey)',
    "certificate.signedBy !== ''",
  ]),
  bytes('the signature of a certificate is not verified', [
    'verifyBytes(signedBytes(certificate), signature, verifierKey) &&',
    '',
  ]),
  bytes('the signature of a certificate may be written in other ways', [
    " &&\n    signature.toString('base64url') === certificate.signature",
    '',
  ]),
  bytes('a certificate may be written in other ways', [
    'if (Buffer.compare(certificateBytes(parsed.data), json) !== 0)',
    'if (json.length === 0)',
  ]),
  certificate('the hash of a leaf is not computed', [
    'demand(text(hash) === log.leafHash,',
    'demand(hash.length === 32,',
  ]),
  certificate('the inclusion proof of a certificate is not checked', [
    'demand(isIncluded,',
    'demand(isIncluded || log.treeSize > 0,',
  ]),
  certificate('the checkpoint of a certificate may be of another size', [
    'demand(checkpoint.size === log.treeSize,',
    'demand(checkpoint.size > 0,',
  ]),
  ...SEALED_WORDS.map((word) =>
    certificate(`${word} of a certificate may differ from the sealed event`, [
      LIST,
      SEALED_WORDS.filter((other) => other !== word)
        .map((other) => `'${other}'`)
        .join(', '),
    ]),
  ),
  certificate('the time of the request in a certificate may differ from the sealed event', [
    'demand(requestedAt === sealed.requestedAt,',
    "demand(requestedAt !== '',",
  ]),
  certificate('how the requester is known may differ from the sealed event', [
    'demand(requestedVia === sealed.actorKind,',
    'demand(true,',
  ]),
  certificate('the time of a certificate may differ from the sealed event', [
    'demand(certificate.deletedAt === leaf.occurredAt,',
    "demand(certificate.deletedAt !== '',",
  ]),
  certificate('the counts of a certificate may differ from the sealed event', [
    'demand(isDeepStrictEqual(certificate.shards, leaf.purged),',
    'demand(certificate.shards.length > 0,',
  ]),
  certificate('the total of a certificate may be another than the sum', [
    'demand(sum === totalRows,',
    'demand(sum >= 0,',
  ]),
  certificate('a certificate may be asked for after the deletion', [
    '(requestedAt ?? deletedAt) <= deletedAt && ',
    '',
  ]),
  certificate('a certificate may be searched before the deletion', ['deletedAt <= checkedAt && ', '']),
  certificate('a certificate may be issued before its rescan', [' && checkedAt <= issuedAt', '']),
  certificate('a certificate may have a statement that nobody knows', [
    'known !== undefined && canonicalJson(known) === canonicalJson(statement)',
    'known === undefined || canonicalJson(known) === canonicalJson(statement)',
  ]),
  certificate('a certificate may have a statement in other words', [
    ' && canonicalJson(known) === canonicalJson(statement)',
    '',
  ]),
  issue('a certificate is given where the record contradicts its event', [
    'assertMatches(await contradictionsIn(this.manager, record));',
    '',
  ]),
  event('an event may be kept otherwise than it was written', [
    "if (changed !== '')",
    'if (changed === null)',
  ]),
  record('a record may be kept otherwise than it was written', [
    "if (changed !== '')",
    'if (changed === null)',
  ]),
  comparison('a record may say that somebody else asked', [
    "'d.requested_by IS DISTINCT FROM e.actor'",
    "'false'",
  ]),
  comparison('a record may say another time of the request', [
    'd.requested_at IS DISTINCT FROM coalesce(e.requested_at, d.requested_at)',
    'false',
  ]),
  triggers('a trigger that is not Silgi’s may stand on the log', ['t.tgname <> ALL ($3)', 'false']),
  triggers('what refuses a change of the log may be off', ["t.tgenabled = 'A'", "t.tgenabled <> 'x'"]),
  format(
    'a certificate may have live rows',
    ['checkedAt: moment,\n      liveRows: z.literal(0)', 'checkedAt: moment,\n      liveRows: count'],
    ['table, liveRows: z.literal(0) })', 'table, liveRows: count })'],
  ),
  format(
    'a certificate may rest on the event of a failed attempt',
    ["z.literal('SYSTEM_DELETE_PATIENT')", 'z.string()'],
    ['leafMembers }) satisfies z.ZodType<SealedLeaf>', 'leafMembers })'],
    ['}) satisfies z.ZodType<SealedLeaf>;\n\nconst leafOfRestoration', '});\n\nconst leafOfRestoration'],
  ),
  format('a certificate may have members of its own', [
    'certificate2 = z.strictObject({',
    'certificate2 = z.looseObject({',
  ]),
  pdf('the signature of a PDF is not verified', [
    ' &&\n    verifyBytes(Buffer.concat([SIGNED_PREFIX, ...others]), signature, verifierKey)',
    '',
  ]),
  pdf('the signature of a PDF may be written in other ways', [
    "signature.toString('base64url') === encoded &&",
    '',
  ]),
  pdf(
    'what stands behind the signature of a PDF is not signed',
    [', pdf.subarray(start + SIGNATURE_CHARACTERS)]', ']'],
    ['[SIGNED_PREFIX, before, after]', '[SIGNED_PREFIX, before]'],
  ),
  command('verify-certificate ends with 0 on a file that is refused', [
    'ask the controller for a new certificate.`,',
    'ask the controller for a new certificate.`,\n      0,',
  ]),
];
