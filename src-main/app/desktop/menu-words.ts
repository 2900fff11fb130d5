/** The words of the native menu; the roles of the system bring their own. */
export interface MenuWords {
  file: string;
  edit: string;
  view: string;
  window: string;
  help: string;
  goToAnything: string;
  reload: string;
  actualSize: string;
  zoomIn: string;
  zoomOut: string;
  fullScreen: string;
  about: string;
  quit: string;
}

const english: MenuWords = {
  file: '&File',
  edit: '&Edit',
  view: '&View',
  window: '&Window',
  help: '&Help',
  goToAnything: 'Go to anything…',
  reload: 'Reload view',
  actualSize: 'Actual size',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  fullScreen: 'Full screen',
  about: 'About Pilothouse',
  quit: 'Quit Pilothouse',
};

const chinese: MenuWords = {
  file: '文件(&F)',
  edit: '编辑(&E)',
  view: '视图(&V)',
  window: '窗口(&W)',
  help: '帮助(&H)',
  goToAnything: '转到任意对象…',
  reload: '重新加载视图',
  actualSize: '实际大小',
  zoomIn: '放大',
  zoomOut: '缩小',
  fullScreen: '全屏',
  about: '关于 Pilothouse',
  quit: '退出 Pilothouse',
};

/** By the language of the system, such as `zh-CN`. */
export function menuWords(locale: string): MenuWords {
  return locale.toLowerCase().startsWith('zh') ? chinese : english;
}
