import type { OperationRule } from './policy.js';

/** What rules look at. */
export interface OperationFacts {
  /** `http.route`, else the path; of gRPC `/package.Service/Method`. */
  route?: string | undefined;
  /** HTTP method, in capitals. */
  method?: string | undefined;
  /** Name of the local root. */
  name: string;
}

type Matches = (text: string) => boolean;
interface Compiled {
  route: Matches | undefined;
  method: string | undefined;
  name: Matches | undefined;
  operation: string;
}

/** The rules `sampling.classes` of a policy, made ready: the first that fits gives the class of an operation. */
export class OperationClasses {
  readonly #rules: readonly Compiled[];

  constructor(rules: readonly OperationRule[]) {
    this.#rules = rules.map(({ route, method, name, class: operation }) => ({
      route: patternOf(route),
      method,
      name: patternOf(name),
      operation,
    }));
  }

  of({ route, method, name }: OperationFacts): string | undefined {
    return this.#rules.find(
      (rule) =>
        (rule.method === undefined || rule.method === method) &&
        (rule.route === undefined || (route !== undefined && rule.route(route))) &&
        (rule.name === undefined || rule.name(name)),
    )?.operation;
  }
}

/**
 * `*` stands for any characters, also for none; everything else for itself. No regular expression: strangers choose the paths, and one with
 * several stars can be made to take very long.
 */
function patternOf(pattern: string | undefined): Matches | undefined {
  if (pattern === undefined) return undefined;
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    for (const part of rest) {
      const at = text.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    return from <= end;
  };
}
