import type { terminal as english } from '../en/terminal';

/** 容器内的终端。 */
export const terminal: typeof english = {
  title: '终端 · {name}',
  region: '{pod} 中的终端',
  connecting: '正在 {pod} 中寻找 shell…',
  loading: '正在加载终端…',
  ended: 'shell 已结束，退出码 {code}。',
  endedWell: 'shell 已结束。',
  failed: '无法打开 shell',
  again: '重新打开',
  search: '搜索',
  searchLabel: '在此终端中搜索',
  next: '下一处',
  before: '上一处',
  none: '无',
  link: {
    title: '打开此地址？',
    body: '它由容器写出，并非来自本程序。',
    open: '打开',
    cancel: '取消',
  },
  confirm: '打开 shell',
};
