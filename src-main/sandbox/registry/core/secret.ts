import { Secrets } from '#common/kube/resources';
import type { Secret } from '#common/kube/types';
import { eachInvalid, invalidValue, required, tooLong, type FieldError } from '../field-errors';
import { goJsonProblem } from '../go-json';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { configKey, dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';
import { checkUnchanged } from '../value-rules';
import { checkFixedData, MOST_BYTES } from './configmap';
import { keyPairProblem } from './key-pair';

const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const REDACTED = '<secret contents redacted>';

export const secretStrategy = defineStrategy<Secret>({
  resource: Secrets,
  checks: {
    create: checkSecret,
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkUnchanged(next.type, current.type, 'type', into);
      checkFixedData(next, current, ['data'], into);
      checkSecret(next, into);
    },
  },
  update: {
    prepare(next, current) {
      if (!next.type && current.type) next.type = current.type;
    },
  },
  selectableFields: ({ type = '' }) => ({ type }),
  warnings({ type, data = {} }) {
    const problem = type === 'kubernetes.io/tls' ? keyPairProblem(data['tls.crt'], data['tls.key']) : undefined;
    return problem ? [problem] : [];
  },
});

function checkSecret({ metadata, data = {}, type }: Secret, into: FieldError[]): void {
  checkMetadata(metadata, dnsSubdomain, into);
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    eachInvalid(into, `data[${key}]`, key, configKey(key));
    bytes += Buffer.byteLength(value, 'base64');
  }
  if (bytes > MOST_BYTES) into.push(tooLong('data', MOST_BYTES));
  if (type === 'kubernetes.io/service-account-token' && !metadata.annotations?.[ACCOUNT_NAME])
    into.push(required(`metadata.annotations[${ACCOUNT_NAME}]`));
  checkContent(type, data, into);
}

/** Types that the cluster knows have keys of their own. */
function checkContent(type: string | undefined, data: Record<string, string>, into: FieldError[]): void {
  const needed = (...keys: string[]) => into.push(...keys.map((key) => required(`data[${key}]`)));
  switch (type) {
    case 'kubernetes.io/dockercfg':
      return checkJson('.dockercfg', data, into);
    case 'kubernetes.io/dockerconfigjson':
      return checkJson('.dockerconfigjson', data, into);
    case 'kubernetes.io/basic-auth':
      if (data['username'] === undefined && data['password'] === undefined) needed('username', 'password');
      return;
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) needed('ssh-privatekey');
      return;
    case 'kubernetes.io/tls':
      needed(...['tls.crt', 'tls.key'].filter((key) => data[key] === undefined));
  }
}

function checkJson(key: string, data: Record<string, string>, into: FieldError[]): void {
  const content = data[key];
  if (content === undefined) {
    into.push(required(`data[${key}]`));
    return;
  }
  const problem = goJsonProblem(Buffer.from(content, 'base64').toString('utf8'));
  if (problem) into.push(invalidValue(`data[${key}]`, REDACTED, problem));
}
