/** The rules of how a webhook is reached, with the texts of apiserver's webhook validation. */
import { invalidValue, must, required, type FieldError } from './field-errors';
import { dnsSubdomain } from './names';

export interface WebhookClientConfig {
  url?: string;
  service?: { name?: string; namespace?: string; path?: string; port?: number };
}

const FORM = '; desired format: https://host[/path]';
const MOST_PORT = 65_535;

/** `path` is that of the client's configuration. */
export function webhookClientErrors({ url, service }: WebhookClientConfig, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) {
    return [required(path, 'exactly one of url or service is required')];
  }
  if (url !== undefined) return urlErrors(url, `${path}.url`);
  const { name, namespace, port = 443 } = service ?? {};
  const here = `${path}.service`;
  // The release takes one for the other, and clients see its answer.
  return [
    ...must(Boolean(namespace), () => required(`${here}.name`)),
    ...must(Boolean(name), () => required(`${here}.namespace`)),
    ...must(port >= 1 && port <= MOST_PORT, () =>
      invalidValue(`${here}.port`, port, `port is not valid: must be between 1 and ${MOST_PORT}, inclusive`),
    ),
    ...pathErrors(service?.path, `${here}.path`),
  ];
}

function urlErrors(text: string, path: string): FieldError[] {
  const blank = /^[a-z]+:\/\/([^/?#]*)/i.exec(text)?.[1]?.match(/[\s<>"]/)?.[0];
  if (blank) {
    const why = `parse ${JSON.stringify(text)}: invalid character ${JSON.stringify(blank)} in host name`;
    return [required(path, `url must be a valid URL: ${why}${FORM}`)];
  }
  const [, scheme = '', host = '', query = '', fragment = ''] =
    /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/is.exec(text) ?? [];
  const [user = '', bare = ''] = host.includes('@') ? host.split('@') : ['', host];
  return [
    ...must(scheme === 'https', () => invalidValue(path, scheme, `'https' is the only allowed URL scheme${FORM}`)),
    ...must(bare !== '', () => invalidValue(path, bare, `host must be specified${FORM}`)),
    ...must(user === '', () => invalidValue(path, user, 'user information is not permitted in the URL')),
    ...must(fragment === '', () => invalidValue(path, fragment, 'fragments are not permitted in the URL')),
    ...must(query === '', () => invalidValue(path, query, 'query parameters are not permitted in the URL')),
  ];
}

function pathErrors(path: string | undefined, field: string): FieldError[] {
  if (path === undefined || path === '' || path === '/') return [];
  if (path === '//') return [invalidValue(field, path, 'segment[0] may not be empty')];
  const segments = path.slice(1).replace(/\/$/, '').split('/');
  return [
    ...must(path.startsWith('/'), () => invalidValue(field, path, "must start with a '/'")),
    ...segments.flatMap((segment, at) =>
      segment === ''
        ? [invalidValue(field, path, `segment[${at}] may not be empty`)]
        : dnsSubdomain(segment).map((text) => invalidValue(field, path, `segment[${at}]: ${text}`)),
    ),
  ];
}
