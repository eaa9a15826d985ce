/** The cookie by which the browser of a user is known, where a route allows `user-cookie`. */
export const userCookieName = 'backplane-auth';
