/** A declaration with one of everything. */
export const WHOLE = `# A hospital
silgi: 1
database:
  schemas: [cdm, '"Hasta_Kayıt"']
  fingerprint: "sha256:${'0'.repeat(64)}"
patient:
  table: cdm.person
  key: { column: person_id, type: integer }
  shard: patient
  resource: Person
  directory: { recordNumber: mrn, birthDate: '"Doğum"' }
defaults: { strategy: mark }
tables:
  cdm.death: { shard: patient, resource: Death, key: person_id, rowIdentity: none }
  cdm.visit: { shard: clinical, resource: Visit, key: person_id, lockRows: true, strategy: move }
  cdm.note:
    shard: clinical
    resource: Note
    via: { visit_id: cdm.visit.id }
    fence: add
    freeText: [note_text]
  '"Hasta_Kayıt"."İşlem.Satırı"':
    shard: finance
    resource: Charge
    key: '"HastaNo"'
    agree: { visit_id: cdm.visit }
    derived: true
  cdm.cost:
    shard: finance
    resource: Cost
    fence: none
    accepted: written by the billing alone
    shared: { rule: leavesWithFirst }
    anyOf:
      - { when: "domain = 'Visit'", via: { event_id: cdm.visit.id } }
      - { key: person_id }
  cdm.audit_details: { shard: clinical, resource: AuditDetails, via: { id: cdm.visit.audit_id }, upstream: true }
kept:
  cdm.location: { reason: shared by households }
reference: [cdm.concept, { table: cdm.domain }]
`;
