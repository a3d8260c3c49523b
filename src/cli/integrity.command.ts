import { fullName } from '../shards/index.js';
import { Command } from 'commander';
import { EntityManager } from 'typeorm';
import { readEnvironment } from '../config/index.js';
import { type IntegrityReport, IntegrityScan } from '../catalogue/index.js';
import { CatalogueGuard } from '../catalogue/index.js';
import { withDatabaseAsItIs } from './database.session.js';
import { progressOn } from './progress.js';

const HELP = `
Looks at every patient-owned table of the whole database and changes nothing: live rows of deleted patients, rows
without a patient, tables that no shard declares, changed constraints, row-level security, privileges, roles and
triggers, deletions without their audit event and the reverse, and records that do not match the rows they tell of.
Counts the rows of a hospital’s own tables that no patient has, and that no deletion takes along.
Names the schemas beside the shards’: a table there is looked at only where a column or a foreign key links it to patients.

Exit code: 0, healthy; 1, something was found or the database could not be read; 2, wrong configuration.`;

/** `integrity`: the scan of `GET /integrity`, in the terminal. */
export function integrityCommand(): Command {
  return new Command('integrity')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', HELP)
    .action(async ({ json }: { json?: boolean }) => {
      const report = await withDatabaseAsItIs(readEnvironment(), async ({ app }) => {
        const progress = progressOn(process.stderr);
        let begun = false;
        const scan = new IntegrityScan(
          app.get(EntityManager, { strict: false }),
          app.get(CatalogueGuard, { strict: false }),
        );
        const found = await scan.run((_table, index, of) => {
          if (!begun) progress.begin('Scanning tables', of);
          begun = true;
          if (index > 0) progress.advance(1);
          if (index === of - 1) progress.advance(1);
        });
        progress.end();
        return found;
      });
      process.stdout.write(json === true ? `${JSON.stringify(report, null, 2)}\n` : `${textOf(report)}\n`);
      if (!report.healthy) process.exitCode = 1;
    });
}

function textOf({
  checkedAt,
  orphans,
  undeclaredTables,
  drift,
  mismatches,
  rowsOfNobody,
  unwatchedSchemas,
  healthy,
}: IntegrityReport): string {
  const section = (title: string, lines: string[]) => [
    `${title}: ${lines.length === 0 ? 'none' : lines.length}`,
    ...lines.map((line) => `  ${line}`),
  ];
  return [
    `Checked at ${checkedAt}`,
    ...section(
      'Tables with orphans',
      orphans.map(({ shard, table, rows }) => `${fullName(shard, table)}: ${rows} rows`),
    ),
    ...section(
      'Undeclared or unguarded tables',
      undeclaredTables.map(({ table, why }) => `${table}: ${why}`),
    ),
    ...section(
      'Drift',
      drift.map(({ table, why }) => `${table}: ${why}`),
    ),
    ...section(
      'Records that do not match',
      mismatches.map(
        ({ what, table, rows }) => `${what}${table === undefined ? '' : ` in ${table}`}: ${rows}`,
      ),
    ),
    ...section(
      'Tables with rows of nobody',
      rowsOfNobody.map(
        ({ shard, table, rows, withoutKey }) =>
          `${fullName(shard, table)}: ${rows} rows that no patient has, of which ${withoutKey} name nobody`,
      ),
    ),
    ...section(
      'Schemas that belong to no shard',
      unwatchedSchemas.map(
        ({ schema, tables }) =>
          `${schema}: ${tables} tables, of which nobody says whether they hold patients`,
      ),
    ),
    healthy ? 'Healthy.' : 'NOT HEALTHY. Nothing was changed; mend what is named above and scan again.',
  ].join('\n');
}
