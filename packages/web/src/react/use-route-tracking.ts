'use client';

import { useInsertionEffect } from 'react';
import { setRoute } from '../route.js';
import { routeTemplate, type RouteParams } from './route-template.js';

/** What is used of an element of React Router's `useMatches()`. */
export interface RouteMatch {
  pathname: string;
  params: RouteParams;
}

/**
 * Names the route of the page, so that spans and lines can be grouped by it: attribute `unhinged.route`, such as `/users/:id`. For
 * React Router 6 and 7, inside the router:
 *
 *     useRouteTracking(useLocation(), useParams());  // any router
 *     useRouteTracking(useLocation(), useMatches()); // data routers
 *
 * With another router give the path, and its parameters where there are any; of Next.js:
 *
 *     useRouteTracking({ pathname: usePathname() }, useParams());
 *
 * Navigations themselves are recorded without this.
 */
export function useRouteTracking(
  location: { pathname: string },
  params?: Readonly<Record<string, string | undefined>> | readonly RouteMatch[],
): void;
// On its own: beside the other type, the one that React Router's `useParams()` infers for its result would be none.
export function useRouteTracking(location: { pathname: string }, params: RouteParams): void;
export function useRouteTracking(
  location: { pathname: string },
  params: RouteParams | readonly RouteMatch[] = {},
): void {
  const { pathname } = location;
  const route = routeTemplate(pathname, isMatches(params) ? (params.at(-1)?.params ?? {}) : params);
  // Before the effects of any component: their requests belong to the new route.
  useInsertionEffect(() => {
    setRoute(route);
  }, [route]);
}

const isMatches = (params: RouteParams | readonly RouteMatch[]): params is readonly RouteMatch[] =>
  Array.isArray(params);
