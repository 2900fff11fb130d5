import { readFile } from 'node:fs/promises';
import { messageOf, Problem } from '#common/base/errors';

/** Where a certificate or key of a kubeconfig stands: as base64 in the file, or in a file of its own. */
export interface PemPlace {
  /** Name of the cluster or user. */
  owner: string;
  /** The kubeconfig file. */
  file: string;
  /** `certificate-authority`, `client-certificate`, `client-key`. */
  field: string;
  path: string | undefined;
  data: string | undefined;
}

/** The PEM text; nothing where none is given. Data wins over a path, as in client-go. Throws a Problem that names the place. */
export async function readPem(place: PemPlace): Promise<string | undefined> {
  if (place.data) return checked(place, decode(place, place.data));
  if (!place.path) return undefined;
  try {
    return checked(place, await readFile(place.path, 'utf8'));
  } catch (failure) {
    if (failure instanceof Problem) throw failure;
    const isMissing = failure instanceof Error && 'code' in failure && failure.code === 'ENOENT';
    const what = isMissing ? 'does not exist' : `cannot be read: ${messageOf(failure)}`;
    throw problem(place, 'certificate-missing', `The file ${place.path} (${place.field} of "${place.owner}") ${what}.`);
  }
}

function decode(place: PemPlace, data: string): string {
  const compact = data.replace(/\s/g, '');
  if (compact.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(compact)) {
    return Buffer.from(compact, 'base64').toString('utf8');
  }
  throw problem(place, 'certificate-invalid', `${place.field}-data of "${place.owner}" is not base64.`);
}

function checked(place: PemPlace, pem: string): string {
  if (pem.includes('-----BEGIN ')) return pem;
  const what = place.field === 'client-key' ? 'a key' : 'a certificate';
  throw problem(
    place,
    'certificate-invalid',
    `${place.field} of "${place.owner}" does not contain ${what} in PEM form.`,
  );
}

function problem({ owner, file }: PemPlace, code: string, message: string): Problem {
  return new Problem(code, message, { nextStep: `Correct "${owner}" in ${file}.` });
}
