import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';

/** Why a certificate and a key, in base64, are no pair for TLS, in the words of Go's crypto/tls. */
export function keyPairProblem(certificate = '', key = ''): string | undefined {
  const [certificatePem, keyPem] = [certificate, key].map((text) => Buffer.from(text, 'base64').toString('utf8'));
  if (!/-----BEGIN CERTIFICATE-----/.test(certificatePem ?? ''))
    return 'tls: failed to find any PEM data in certificate input';
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(keyPem ?? '')) return 'tls: failed to find any PEM data in key input';
  try {
    const ofCertificate = new X509Certificate(certificatePem ?? '').publicKey.export({ type: 'spki', format: 'pem' });
    const ofKey = createPublicKey(createPrivateKey(keyPem ?? '')).export({ type: 'spki', format: 'pem' });
    return ofCertificate === ofKey ? undefined : 'tls: private key does not match public key';
  } catch {
    return 'tls: failed to parse private key';
  }
}
