// The test's hand on the stand-in: one question per message over the process's own channel, one answer each.
import { app } from './app.mjs';
import { Menu } from './menu.mjs';
import { privileged } from './protocol.mjs';
import { nativeTheme, openedOutside, session } from './system.mjs';
import { openWindows } from './windows.mjs';

const [first] = [() => [...openWindows][0]];

const questions = {
  windows: () =>
    [...openWindows].map(({ options, isVisible, focused, backgroundColor, webContents }) => ({
      options,
      isVisible,
      focused,
      backgroundColor,
      url: webContents.getURL(),
    })),
  menu: () => [...Menu.all()].map(({ path, accelerator, role }) => ({ path, accelerator, role })),
  clickMenu: ({ id }) => {
    const item = [...Menu.all()].find((one) => one.id === id);
    item.click(item, first(), {});
  },
  move: ({ bounds }) => first().setBounds(bounds),
  maximize: () => first().maximize(),
  closeWindow: () => first().close(),
  activate: () => void app.emit('activate'),
  quit: () => app.quit(),
  openedOutside: () => openedOutside,
  schemes: () => privileged,
  theme: () => nativeTheme.themeSource,
  permission: ({ permission, url }) =>
    new Promise((resolve) => {
      const check = session.defaultSession.check({}, permission, url);
      session.defaultSession.request({}, permission, (allowed) => resolve({ check, request: allowed }), {
        requestingUrl: url,
      });
    }),
};

process.on('message', async ({ id, question, input }) => {
  try {
    process.send({ id, answer: (await questions[question](input ?? {})) ?? null });
  } catch (failure) {
    process.send({ id, failure: String(failure) });
  }
});
// The channel alone does not keep the program going.
process.channel?.unref();
