import { nativeTheme } from 'electron';
import type { PilothouseHandlers } from '#common/contract/contract';

const THEME = 'theme';

/** Title bar, menus and dialogs of the system follow the theme that the person chose in the window. */
export async function followChosenTheme(handlers: PilothouseHandlers): Promise<PilothouseHandlers> {
  const { app } = handlers;
  const context = { signal: new AbortController().signal };
  applyTheme((await app.preferences(undefined, context))[THEME]);
  const savePreferences: typeof app.savePreferences = async (changes, call) => {
    await app.savePreferences(changes, call);
    if (THEME in changes) applyTheme(changes[THEME]);
  };
  return { ...handlers, app: { ...app, savePreferences } };
}

function applyTheme(theme: unknown): void {
  nativeTheme.themeSource = theme === 'dark' || theme === 'light' ? theme : 'system';
}
