import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import type { BodyLimits } from './request-body.js';

/** What `backend.server` says about the bodies of requests to operations. */
export function readOperationSettings(config: Config): BodyLimits {
  const path = 'backend.server.maxBodySize';
  const maxSize = config.getOptionalNumber(path) ?? 1_048_576;
  if (!Number.isSafeInteger(maxSize) || maxSize < 0) {
    throw invalidSetting(config, path, `is ${maxSize}`, 'write a whole number of bytes that is not negative');
  }
  return { maxSize, gzip: config.getOptionalBoolean('backend.server.gzipRequests') ?? false };
}
