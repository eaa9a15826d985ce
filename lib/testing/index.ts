export { override, type OverrideOf, type ScopedOverride } from './override.js';
export { TestBackend, type TestBackendOptions, type Where } from './test-backend.js';
export { TestRequest, type TestRequestOptions, type TestResponse } from './test-request.js';
export { mockServices } from './mock-services.js';
