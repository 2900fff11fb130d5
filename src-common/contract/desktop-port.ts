/**
 * How a window on the desktop gets its channel: the page posts ASK_PORT to itself, and the preload script answers with a
 * PORT message that carries one end of a MessageChannel; the other end is the host's.
 */
export const ASK_PORT = 'pilothouse:port?';
export const PORT = 'pilothouse:port';
