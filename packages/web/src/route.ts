/** Attribute of spans and log records. */
export const ATTR_ROUTE = 'unhinged.route';

let route: string | undefined;

/** Names the route of the page, of few values (`/users/:id`): attribute `unhinged.route` of spans and lines from now on. */
export function setRoute(name: string | undefined): void {
  route = name;
}

/** @internal */
export const currentRoute = (): string | undefined => route;
