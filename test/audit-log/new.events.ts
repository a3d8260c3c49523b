/** What a new event is written with. */
export const NEW_EVENTS = `
  INSERT INTO audit.sharded_audit_event (patient_id, audit_event_id, action, actor, actor_role, reason, legal_basis,
    deletion_id, purged, failure, request_id, actor_source, requested_at, occurred_at)
  SELECT gen_random_uuid(), gen_random_uuid(), 'SYSTEM_DELETE_PATIENT', 'admin@hospital.example', 'system-admin',
    'DATA_SUBJECT_REQUEST', 'KVKK_ART_7', gen_random_uuid(),
    '[{"shard": "clinical", "resources": [{"rows": 3, "table": "sharded_tani", "resourceType": "Diagnosis"}]}]',
    NULL, gen_random_uuid()::text, '{"kind": "TOKEN", "issuer": "https://id.hospital.example"}', clock_timestamp(),
    clock_timestamp()
  FROM generate_series(1, $1) RETURNING audit_event_id AS id`;
