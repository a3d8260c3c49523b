/** How long the rows of one table took to leave. */
export interface TableTime {
  readonly table: string;
  readonly milliseconds: number;
}

/** What the database did beside it: a check of a foreign key, or a trigger, on rows of one table. */
export interface CheckTime {
  /** Of the foreign key, else of the trigger. */
  readonly name: string;
  /** The table on whose rows it ran, without its schema. */
  readonly table: string;
  readonly calls: number;
  readonly milliseconds: number;
}

/** Where the time of hiding went. */
export interface HidingTimes {
  readonly tables: readonly TableTime[];
  readonly checks: readonly CheckTime[];
}

interface PlanNode {
  readonly 'Subplan Name'?: string;
  readonly 'Actual Total Time'?: number;
  readonly Plans?: readonly PlanNode[];
}

interface Explained {
  readonly Plan: PlanNode;
  readonly Triggers?: readonly {
    readonly 'Trigger Name': string;
    readonly 'Constraint Name'?: string;
    readonly Relation: string;
    readonly Time: number;
    readonly Calls: number;
  }[];
}

/**
 * Reads what `EXPLAIN (ANALYZE, FORMAT JSON)` says of a statement that moves the rows of several tables (hidingTogether).
 *
 * @param tables their names, in the order of the statement
 */
export function timesIn(json: string, tables: readonly string[]): HidingTimes {
  const [{ Plan: plan, Triggers: triggers = [] }] = JSON.parse(json) as [Explained];
  const times = new Map<string, number>();
  const walk = (node: PlanNode) => {
    times.set(node['Subplan Name'] ?? '', node['Actual Total Time'] ?? 0);
    node.Plans?.forEach(walk);
  };
  walk(plan);
  return {
    // What is kept is pulled out of what goes, so that its time holds both.
    tables: tables.map((table, at) => ({ table, milliseconds: times.get(`CTE kept_${at}`) ?? 0 })),
    checks: triggers.map((trigger) => ({
      name: trigger['Constraint Name'] ?? trigger['Trigger Name'],
      table: trigger.Relation,
      calls: trigger.Calls,
      milliseconds: trigger.Time,
    })),
  };
}
