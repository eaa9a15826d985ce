export { MockAuth, MockHttpAuth, MockUserInfo } from './mock-auth.js';
export { mockCredentials, type MockServiceToken } from './mock-credentials.js';
export { MockHttpRouter, type AddedUpgrade, type UsedMiddleware } from './mock-http-router.js';
export { MockLifecycle } from './mock-lifecycle.js';
export { MockLogger, type LogEntry } from './mock-logger.js';
export { mockServices } from './mock-services.js';
export { override, type OverrideOf, type ScopedOverride } from './override.js';
export { TestBackend, type TestBackendOptions, type Where } from './test-backend.js';
export { TestRequest, type TestRequestOptions, type TestResponse } from './test-request.js';
