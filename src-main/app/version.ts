import { version } from '../../package.json';

/** The version of Pilothouse. */
export const programVersion: string = version;
