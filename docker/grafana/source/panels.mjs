// The few shapes of panels that the dashboards are made of, as Grafana 12 stores them.

const PROMETHEUS = { type: 'prometheus', uid: 'prometheus' };

/** Lines over time. `queries`: legend → PromQL; a legend such as `{{job}}` names each series. */
export const lines = (title, unit, queries, more = {}) => panel('timeseries', title, unit, queries, more);

/** One number each, the last value. */
export const numbers = (title, unit, queries, more = {}) =>
  panel('stat', title, unit, queries, { height: 4, instant: true, ...more });

/** A row a series, sorted by value. */
export const table = (title, unit, queries, more = {}) =>
  panel('table', title, unit, queries, { instant: true, ...more });

function panel(
  type,
  title,
  unit,
  queries,
  { width = 12, height = 8, instant = false, description, max, min } = {},
) {
  return {
    type,
    title,
    ...(description && { description }),
    datasource: PROMETHEUS,
    size: { w: width, h: height },
    fieldConfig: {
      defaults: {
        unit,
        ...(max !== undefined && { max }),
        ...(min !== undefined && { min }),
        // Only what has a meaning of its own gets a colour: red for errors.
        custom: type === 'timeseries' ? { fillOpacity: 8, lineWidth: 1, showPoints: 'never' } : {},
      },
      overrides: [],
    },
    options:
      type === 'timeseries'
        ? { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } }
        : type === 'stat'
          ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'none' }
          : { sortBy: [{ displayName: 'Value', desc: true }] },
    targets: Object.entries(queries).map(([legend, expr], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: PROMETHEUS,
      expr,
      legendFormat: legend,
      exemplar: type === 'timeseries' && expr.includes('_bucket'),
      ...(instant && { instant: true, range: false, ...(type === 'table' && { format: 'table' }) }),
    })),
  };
}

/** A dashboard as provisioned: panels flow from left to right in 24 columns. `variables`: name → PromQL of its label values. */
export function dashboard(uid, title, description, variables, panels) {
  let [x, y, rowHeight] = [0, 0, 0];
  const placed = panels.map(({ size, ...rest }, index) => {
    if (x + size.w > 24) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const gridPos = { x, y, ...size };
    x += size.w;
    rowHeight = Math.max(rowHeight, size.h);
    return { id: index + 1, gridPos, ...rest };
  });
  return {
    uid,
    title,
    description,
    tags: ['unhinged'],
    schemaVersion: 41,
    version: 1,
    editable: false,
    timezone: 'browser',
    time: { from: 'now-1h', to: 'now' },
    refresh: '30s',
    templating: {
      list: Object.entries(variables).map(([name, query]) => ({
        type: 'query',
        name,
        label: name,
        datasource: PROMETHEUS,
        query: { query, refId: name },
        refresh: 2,
        includeAll: true,
        multi: true,
        allValue: '.*',
        current: { text: 'All', value: '$__all' },
      })),
    },
    links: [
      { type: 'dashboards', title: 'Other dashboards', tags: ['unhinged'], asDropdown: true, keepTime: true },
    ],
    panels: placed,
  };
}
