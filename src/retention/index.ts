export { DEFAULT_POLICY, defaultPolicy } from './default.policy.js';
export { PolicyRefused } from './check.policy.js';
export { readRetentionPolicy, retentionPolicyOf } from './read.policy.js';
export { RetentionModule } from './retention.module.js';
export {
  RETENTION_STARTS,
  RetentionPolicy,
  type RetentionRule,
  type RetentionStart,
  type SignOff,
} from './retention.policy.js';
