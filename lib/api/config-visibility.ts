/** What every plugin may read besides its own key: who the installation is and where it is found. */
export const publicConfigKeys: readonly string[] = ['app', 'organization', 'backend.baseUrl'];
