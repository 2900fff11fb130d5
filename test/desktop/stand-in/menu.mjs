export class Menu {
  static application;

  static buildFromTemplate(template) {
    return Object.assign(new Menu(), { items: template.map(toItem) });
  }

  static setApplicationMenu(menu) {
    Menu.application = menu;
  }

  /** Every item below, with the words of those above it. */
  static *all(items = Menu.application?.items ?? [], path = []) {
    for (const item of items) {
      yield { ...item, path: [...path, item.label ?? item.role ?? item.type] };
      if (item.submenu) yield* Menu.all(item.submenu, [...path, item.label ?? item.role]);
    }
  }
}

function toItem(item) {
  return { ...item, submenu: Array.isArray(item.submenu) ? item.submenu.map(toItem) : undefined };
}
