import { Service } from '../../decorators/service.js';

/**
 * The strings that must never be seen in a log line, an error or a response.
 *
 * The set only grows: what was secret before a reload of the configuration stays secret. A value is given as it is used;
 * whoever writes text also looks for its encoded forms.
 */
@Service({ id: 'core.root-secrets', scope: 'root' })
export abstract class RootSecretsService {
  /** In no order, without duplicates, none shorter than two characters. The array is new or never changes. */
  abstract values(): readonly string[];
  /**
   * Calls `listener` after the set has grown, before anybody else learns of the configuration it grew with; gives back
   * how to end that.
   */
  abstract subscribe(listener: () => void): () => void;
}
