import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { readEnvironment } from '../../src/config/index.js';
import { MetricsRegistry } from '../../src/telemetry/index.js';
import { type Api, openApi } from '../admin/api.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { namesIn } from './promql.js';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}
interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly datasource?: { uid: string };
  readonly targets?: { expr: string; refId: string; datasource: { uid: string } }[];
  readonly gridPos: { x: number; y: number; w: number; h: number };
}
interface Dashboard {
  readonly panels: Panel[];
  readonly templating: {
    list: { name: string; type: string; query: unknown; datasource?: { uid: string } }[];
  };
}

const alerts = (parse(read('deploy/prometheus/silgi-alerts.yml')) as { groups: { rules: Rule[] }[] }).groups;
const rules = alerts.flatMap((group) => group.rules);
const text = read('deploy/grafana/silgi-dashboard.json');
const dashboard = JSON.parse(text) as Dashboard;
const panels = dashboard.panels.filter(({ type }) => type !== 'row');

let database: TestDatabase;
let api: Api;
/** Name of every sample that `/metrics` can have, with its labels. */
const samples = new Map<string, Set<string>>();

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApi(database.url);
  const scraped = (await api.raw('get', '/metrics').expect(200)).text;
  const labels = new Map(
    api.app
      .get(MetricsRegistry)
      .getMetricsAsArray()
      .map((metric) => [metric.name, (metric as unknown as { labelNames: string[] }).labelNames]),
  );
  // Prometheus adds these to everything that it scrapes.
  const own = ['job', 'instance'];
  samples.set('up', new Set(own));
  for (const [, name = '', type] of scraped.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const names = [...own, ...(labels.get(name) ?? [])];
    if (type !== 'histogram') samples.set(name, new Set(names));
    else {
      for (const suffix of ['_sum', '_count']) samples.set(name + suffix, new Set(names));
      samples.set(`${name}_bucket`, new Set([...names, 'le']));
    }
  }
});

afterAll(async () => {
  await api.close();
  await database.drop();
});

/** What an expression names that the service does not have. */
function unknownIn(expression: string): string[] {
  const { selectors, grouping } = namesIn(expression);
  const all = new Set(selectors.flatMap(({ metric }) => [...(samples.get(metric) ?? [])]));
  return [
    ...selectors.filter(({ metric }) => !samples.has(metric)).map(({ metric }) => metric),
    ...selectors.flatMap(({ metric, labels }) =>
      labels
        .filter((label) => samples.get(metric)?.has(label) === false)
        .map((label) => `${metric}{${label}}`),
    ),
    ...grouping.filter((label) => !all.has(label)).map((label) => `by ${label}`),
  ];
}

describe('the check of names', () => {
  it.each([
    ['silgi_deletions_total', []],
    [
      'sum by (outcome) (rate(silgi_deletions_total{outcome!="X", job=~"a|b{c}"}[$__rate_interval])) > 2e3',
      [],
    ],
    ['sum(silgi_gone_total) by (outcome)', ['silgi_gone_total', 'by outcome']],
    ['silgi_deletions_total{result="X"}', ['silgi_deletions_total{result}']],
    ['silgi_phase_duration_seconds', ['silgi_phase_duration_seconds']],
    ['silgi_phase_duration_seconds_count{le="1"}', ['silgi_phase_duration_seconds_count{le}']],
    ['histogram_quantile(0.9, sum by (le, shard) (rate(silgi_phase_duration_seconds_bucket[5m])))', []],
    ['max(silgi_ready) by (shard)', ['by shard']],
    ['silgi_ready == 0 and on (instance, zone) up', ['by zone']],
  ])('%s: %j', (expression, expected) => {
    expect(unknownIn(expression)).toEqual(expected);
  });

  it('says what it does not understand', () => {
    expect(() => namesIn('a @ b')).toThrow('Not understood: @ b');
    expect(() => namesIn('{job="x"}')).toThrow('without a metric');
  });
});

describe('the alert rules', () => {
  it('have names of their own, and cover what must be noticed', () => {
    const names = rules.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    const watched = new Set(rules.flatMap(({ expr }) => namesIn(expr).selectors.map(({ metric }) => metric)));
    for (const metric of [
      'silgi_deletion_failures_total',
      'silgi_phase_duration_seconds_bucket',
      'silgi_ready',
      'up',
      'silgi_transaction_retries_total',
      'silgi_unknown_outcomes_total',
      'silgi_orphan_rows',
      'silgi_audit_log_seal_lag_seconds',
      'silgi_audit_log_seal_failures_total',
      'silgi_pool_waiting_requests',
      'silgi_http_request_duration_seconds_count',
    ])
      expect([metric, watched.has(metric)]).toEqual([metric, true]);
    const signIns = rules.find(({ alert }) => alert === 'SilgiSignInsRefused')?.expr ?? '';
    expect(signIns).toMatch(/^sum\(rate\(silgi_failed_sign_ins_total\[5m\]\)\) > [\d.]+$/);
    // One address alone, held to the limit and no faster, makes it fire.
    const aSecond = readEnvironment({}).limits.failedSignInsPerMinute / 60;
    expect(Number(signIns.split('> ')[1])).toBeLessThan(aSecond);
    const lag = rules.filter(({ expr }) => expr.includes('seal_lag')).map(({ expr }) => expr.split('> ')[1]);
    expect(lag).toEqual(['5', '60']);
  });

  it('a log that was changed is critical, sealing that fails a warning, and a database that is away neither', () => {
    const sealing = rules
      .filter(({ expr }) => expr.includes('silgi_audit_log_seal_failures_total'))
      .map(({ alert, expr, labels: { severity } }) => [alert, severity, ...(expr.match(/\{[^}]*\}/g) ?? [])]);
    expect(sealing).toEqual([
      ['SilgiSealRefused', 'critical', '{cause="REFUSED"}'],
      ['SilgiSealFailures', 'warning', '{cause="FAILED"}'],
    ]);
  });

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s names only what the service has',
    (_, rule) => {
      expect(unknownIn(rule.expr)).toEqual([]);
      expect(rule.for).toMatch(/^\d+[mh]$/);
    },
  );

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s says how bad it is and what to do',
    (_, rule) => {
      expect(['critical', 'warning']).toContain(rule.labels['severity']);
      expect(rule.annotations['summary']).toMatch(/^\S.{10,}/);
      expect(rule.annotations['description']).toMatch(/^\S.{10,}\.$/);
      const { runbook = '' } = rule.annotations;
      expect(runbook).toBe(`docs/operations.md#${rule.alert.toLowerCase()}`);
      const section = read('docs/operations.md').split(`\n### ${rule.alert}\n`)[1]?.split('\n#')[0] ?? '';
      expect(section.trim().length).toBeGreaterThan(60);
      // A template may use only labels that the expression leaves.
      const used = [
        ...Object.values(rule.annotations)
          .join(' ')
          .matchAll(/\$labels\.(\w+)/g),
      ];
      const { grouping } = namesIn(rule.expr);
      for (const [, label = ''] of used) expect(['instance', 'job', ...grouping]).toContain(label);
    },
  );

  it('and no alert is explained that does not exist', () => {
    const explained = [...read('docs/operations.md').matchAll(/^### (Silgi\w+)$/gm)].map(([, name]) => name);
    expect(explained).toEqual(rules.map(({ alert }) => alert));
  });
});

describe('the dashboard', () => {
  it.each(panels.map((panel) => [panel.title, panel] as const))(
    '"%s" names only what the service has',
    (_, panel) => {
      expect(panel.targets?.length).toBeGreaterThan(0);
      for (const { expr } of panel.targets ?? []) expect([expr, unknownIn(expr)]).toEqual([expr, []]);
      expect(panel.description).toMatch(/\.$/);
    },
  );

  it('asks one data source, which whoever imports it chooses', () => {
    const [source, ...variables] = dashboard.templating.list;
    expect(source).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    const uids = [...text.matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid);
    expect(uids.filter((uid) => uid === 'silgi')).toHaveLength(1);
    expect(new Set(uids.filter((uid) => uid !== 'silgi'))).toEqual(new Set(['${datasource}']));
    for (const { datasource } of variables) expect(datasource?.uid).toBe('${datasource}');
    for (const panel of panels)
      for (const one of [panel, ...(panel.targets ?? [])]) expect(one.datasource?.uid).toBe('${datasource}');
    expect(text).not.toContain('__inputs');
  });

  it('uses only variables that it declares', () => {
    const declared = dashboard.templating.list.map(({ name }) => name);
    const used = [...text.matchAll(/\$\{?([a-z]\w*)/g)].map(([, name = '']) => name);
    expect(used.length).toBeGreaterThan(20);
    for (const name of used) expect(declared).toContain(name);
  });

  it('has panels with ids of their own that do not lie on each other', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });
});
