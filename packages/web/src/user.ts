let userId: string | undefined;

/**
 * Who uses the page, as you name them: `user.id` of every span and line from now on; undefined when they have signed out. Nothing
 * else says who a user is, and it is not stored: call it after each load of the page.
 */
export function setUser(id: string | undefined): void {
  userId = id;
}

/** @internal */
export const currentUser = (): string | undefined => userId;
