export { FINANCE_ENTITIES, FinanceModule } from './finance.module.js';
export { FinanceRepository } from './finance.repository.js';
