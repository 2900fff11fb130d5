/** What proves to a server who we are, ready to be sent. */
export interface Credentials {
  /** Headers of every request; a list becomes several lines of the same name. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  /** Client certificate and key, PEM. */
  certificate?: { cert: string; key: string };
}

/** Where credentials come from: fixed, read from a file, or asked of a program. Nothing happens before the first `current`. */
export interface CredentialSource {
  /** Credentials that are valid now; throws a Problem that says why there are none. */
  current(signal?: AbortSignal): Promise<Credentials>;
  /** The server answered 401 to `used`: true when asking again may give others that are worth one more try. */
  refused(used: Credentials): boolean;
}

/** Someone with nothing to show. */
export const anonymous: CredentialSource = {
  current: async () => ({ headers: {} }),
  refused: () => false,
};
