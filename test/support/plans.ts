import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type pg from 'pg';
import type { TestDatabase } from './database.js';

/** A node of a plan as EXPLAIN (FORMAT JSON) writes it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly Schema?: string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  /** Pages looked at, those of the nodes below included. */
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** How the server has executed one statement. */
export interface ExecutedPlan {
  readonly 'Query Text': string;
  readonly Plan: PlanNode;
  /** Planner settings that are not PostgreSQL's own defaults. */
  readonly Settings?: Readonly<Record<string, string>>;
  /** What was compiled for it; missing where nothing was. */
  readonly JIT?: object;
}

const AUTO_EXPLAIN = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_level': 'notice',
  'auto_explain.log_format': 'json',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_settings': 'on',
  'auto_explain.log_verbose': 'on',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_buffers': 'on',
};

/** Settings of every session of this database that begins from now on. */
export async function setForDatabase(
  database: TestDatabase,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, value] of Object.entries(settings))
    await database.query(`ALTER DATABASE ${database.name} SET ${name} = '${value}'`);
}

/** Has the sessions of this database that begin from now on tell every plan, those of foreign keys and triggers too. */
export function explainAll(database: TestDatabase): Promise<void> {
  return setForDatabase(database, AUTO_EXPLAIN);
}

/** Every plan of the statements that the work has executed on the product's sessions, in their order. */
export async function plansOf(
  app: INestApplicationContext,
  work: () => Promise<unknown>,
): Promise<ExecutedPlan[]> {
  const { master: pool } = app.get(DataSource).driver as unknown as { master: pg.Pool };
  const plans: ExecutedPlan[] = [];
  const sessions = new Set<pg.PoolClient>();
  const hear = (notice: { message?: string | undefined }) => {
    const [, plan] = /^duration: .* plan:\n([^]*)$/.exec(notice.message ?? '') ?? [];
    if (plan !== undefined) plans.push(JSON.parse(plan) as ExecutedPlan);
  };
  const listen = (session: pg.PoolClient) => {
    if (!sessions.has(session)) session.on('notice', hear);
    sessions.add(session);
  };
  pool.on('acquire', listen);
  try {
    await work();
  } finally {
    pool.off('acquire', listen);
    for (const session of sessions) session.off('notice', hear);
  }
  return plans;
}

/** The nodes of a plan, each before those below it. */
export function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** Catalogues that all databases of a server share: how they are read changes with those of other tests. */
const SHARED = /^pg_(database|db_role_setting)/;

/**
 * What a plan does, without what it costs. A table of the catalogue grows and is analysed by the server itself, so that
 * it is read by its index in one way or the other: what counts is that it is.
 */
export function shapeOf({ 'Query Text': text, Plan }: ExecutedPlan): string {
  const steps = nodesOf(Plan)
    .filter((node) => !SHARED.test(node['Relation Name'] ?? node['Index Name'] ?? ''))
    .map((node) => [node['Node Type'], node['Relation Name'], node['Index Name']].filter(Boolean).join(' '))
    .join(', ')
    .replaceAll(/Bitmap Heap Scan (pg_\w+), Bitmap Index Scan (pg_\w+)/g, 'Index Scan $1 $2');
  return `${text}: ${steps}`;
}
